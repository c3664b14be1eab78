"""Whom a request is about, and how a subject is known again when nothing personal of it is left."""

import dataclasses
import hmac
import uuid
from collections.abc import Iterable

from sqlalchemy import Uuid, bindparam, cast, or_, select

from bee_customers.db.transaction import Transaction
from bee_customers.errors import SubjectHasUser
from bee_customers.models import Customer
from bee_customers.services.text import email_key

_PURPOSE = b"bee-customers: subjects of erased data"


@dataclasses.dataclass(frozen=True)
class Subject:
    """A user, with its customers in every business; or one customer who has no user."""

    user_id: uuid.UUID | None = None
    customer_id: uuid.UUID | None = None

    def __post_init__(self) -> None:
        if (self.user_id is None) == (self.customer_id is None):
            raise ValueError("a subject is either a user or a customer")

    @property
    def identity(self) -> str:
        """Its canonical writing, which `SubjectHashes` takes."""
        return user_identity(self.user_id) if self.user_id else customer_identity(self.customer_id)


@dataclasses.dataclass(frozen=True)
class SubjectCustomer:
    """One of a subject's customers, as far as finding and announcing it needs."""

    id: uuid.UUID
    business_id: uuid.UUID
    user_id: uuid.UUID | None
    email: str | None
    avatar_url: str | None


_COLUMNS = tuple(Customer.__table__.c[field.name] for field in dataclasses.fields(SubjectCustomer))
_FIND = (
    select(*_COLUMNS)
    .where(
        or_(
            Customer.user_id == cast(bindparam("user_id"), Uuid),
            Customer.id == cast(bindparam("customer_id"), Uuid),
        )
    )
    .order_by(Customer.id)
)


def customers_of(transaction: Transaction, subject: Subject) -> list[SubjectCustomer]:
    """All customers of a subject, by id ascending, which is the order they are locked in; maybe none.

    Raises SubjectHasUser for a customer of a user: what is asked of one of them must reach all.
    """
    found = transaction.run(_FIND, dataclasses.asdict(subject)).rows
    customers = [SubjectCustomer(*row) for row in found]
    if subject.customer_id and any(customer.user_id for customer in customers):
        raise SubjectHasUser(
            "the customer belongs to a user: name the user, whose data may be in several businesses"
        )
    return customers


def user_identity(user_id: object) -> str:
    return f"user:{user_id}"


def customer_identity(customer_id: object) -> str:
    return f"customer:{customer_id}"


def email_identity(business_id: object, email: str) -> str:
    """An address names somebody within one business only."""
    return f"email:{business_id}:{email_key(email)}"


def identities(subject: Subject, customers: Iterable[SubjectCustomer]) -> list[str]:
    """All that a subject could be known again by, in a row of an import for instance; without repeats."""
    known = [subject.identity]
    for customer in customers:
        known.append(customer_identity(customer.id))
        if customer.email:
            known.append(email_identity(customer.business_id, customer.email))
    return list(dict.fromkeys(known))


class SubjectHashes:
    """HMAC-SHA256 of identities: tells whether somebody is the same, and never who.

    The secret must stay for as long as the ledger of erasures is kept (`Settings.subject_secret`).
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, "sha256")

    def of(self, identity: str) -> str:
        """64 hexadecimal digits."""
        return hmac.digest(self._key, identity.encode(), "sha256").hex()
