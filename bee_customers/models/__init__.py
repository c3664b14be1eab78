"""The tables. Importing this package registers all of them on `Base.metadata`."""

from bee_customers.models.base import Base
from bee_customers.models.customer import GENDERS, NEVER_ORDERED, Customer, CustomerHistory
from bee_customers.models.event import Event
from bee_customers.models.idempotency_key import IdempotencyKey
from bee_customers.models.tag import CustomerTag, Tag

__all__ = [
    "GENDERS",
    "NEVER_ORDERED",
    "Base",
    "Customer",
    "CustomerHistory",
    "CustomerTag",
    "Event",
    "IdempotencyKey",
    "Tag",
]
