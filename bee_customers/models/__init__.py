"""The tables. Importing this package registers all of them on `Base.metadata`."""

from bee_customers.models.base import Base
from bee_customers.models.customer import GENDERS, Customer, CustomerHistory
from bee_customers.models.erasure import ErasedIdentity, Erasure
from bee_customers.models.event import Event
from bee_customers.models.idempotency_key import IdempotencyKey
from bee_customers.models.import_run import ImportRun
from bee_customers.models.job_run import JobRun
from bee_customers.models.note import CustomerNote
from bee_customers.models.order import ORDER_KINDS, ORDER_STATUSES, CustomerOrder, PendingStats
from bee_customers.models.privacy_request import REQUEST_KINDS, REQUEST_STATUSES, PrivacyRequest
from bee_customers.models.tag import CustomerTag, Tag

__all__ = [
    "GENDERS",
    "ORDER_KINDS",
    "ORDER_STATUSES",
    "REQUEST_KINDS",
    "REQUEST_STATUSES",
    "Base",
    "Customer",
    "CustomerHistory",
    "CustomerNote",
    "CustomerOrder",
    "CustomerTag",
    "ErasedIdentity",
    "Erasure",
    "Event",
    "IdempotencyKey",
    "ImportRun",
    "JobRun",
    "PendingStats",
    "PrivacyRequest",
    "Tag",
]
