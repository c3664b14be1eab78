"""What every change of a customer has in common: the lock, the version, the event."""

import dataclasses
import datetime
import decimal
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import Insert, Uuid, bindparam, cast, select, update

from bee_customers.db.transaction import Transaction
from bee_customers.errors import CustomerNotFound, VersionMismatch
from bee_customers.events import outbox
from bee_customers.events.outbox import Outbox
from bee_customers.models import Customer
from bee_customers.services.access import Scope
from bee_customers.services.customer_documents import is_reachable

Clock = Callable[[], datetime.datetime]


@dataclasses.dataclass(slots=True, kw_only=True)
class LockedCustomer:
    """A customer's row while it is being changed; `store` writes it back."""

    id: uuid.UUID
    user_id: uuid.UUID | None
    business_id: uuid.UUID
    full_name: str
    email: str | None
    phone: str | None
    gender: str | None
    avatar_url: str | None
    total_orders: int
    lifetime_value: decimal.Decimal
    version: int
    name_key: str
    search_text: str
    email_key: str | None
    created_at: datetime.datetime
    updated_at: datetime.datetime


COLUMNS = tuple(field.name for field in dataclasses.fields(LockedCustomer))
_FIXED = ("id", "user_id", "business_id", "created_at")
_CHANGEABLE = tuple(name for name in COLUMNS if name not in _FIXED)
_TABLE = Customer.__table__
_LOCK = (
    select(*(_TABLE.c[name] for name in COLUMNS))
    .where(Customer.id == cast(bindparam("customer_id"), Uuid), is_reachable())
    .with_for_update()
)
_STORE = outbox.with_event(
    update(_TABLE)  # type: ignore[arg-type]
    .where(Customer.id == bindparam("changed_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGEABLE})
)


def utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def lock(
    transaction: Transaction, scope: Scope, customer_id: uuid.UUID, versions: frozenset[int] | None = None
) -> LockedCustomer:
    """The customer, locked until the end of the transaction; for staff only, never for itself.

    `versions` are those the caller accepts to build upon, None for any. Raises CustomerNotFound and
    VersionMismatch. Read what belongs to the customer in a statement after this one: a subquery in the
    locking statement would show it as it was before the wait.
    """
    rows = transaction.run(_LOCK, {"customer_id": customer_id, **scope.parameters()}).rows
    if not rows:
        raise CustomerNotFound("no such customer")
    customer = LockedCustomer(**dict(zip(COLUMNS, rows[0], strict=True)))
    if not scope.covers(customer.business_id):
        raise CustomerNotFound("no such customer")
    if versions is not None and customer.version not in versions:
        raise VersionMismatch(customer.version)
    return customer


def store(events: Outbox, customer: LockedCustomer, now: datetime.datetime, changes: dict[str, Any]) -> None:
    """Write a changed customer back as its next version, together with the event that tells `changes`."""
    customer.version += 1
    customer.updated_at = now
    values = {f"new_{name}": getattr(customer, name) for name in _CHANGEABLE}
    parameters = {"changed_id": customer.id, **values}
    announce(events, outbox.UPDATED, customer, {"changes": changes}, _STORE, parameters)


def announce(
    events: Outbox,
    event_type: str,
    customer: LockedCustomer,
    details: dict[str, Any],
    statement: Insert,
    parameters: dict[str, Any],
) -> None:
    """Make a change, by a statement of `outbox.with_event`, and tell of it with the customer's version."""
    events.add(
        event_type,
        customer_id=customer.id,
        business_id=customer.business_id,
        customer_version=customer.version,
        occurred_at=customer.updated_at,
        details=details,
        statement=statement,
        parameters=parameters,
    )
