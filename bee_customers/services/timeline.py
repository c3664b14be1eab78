"""The timeline of a customer: what changed, when and by whom, newest first."""

import dataclasses
import uuid
from typing import Any

from sqlalchemy import BigInteger, Integer, Text, Uuid, bindparam, cast, select

from bee_customers.db.engine import Database
from bee_customers.models import Customer, Event
from bee_customers.services import customer_documents
from bee_customers.services.access import Scope

_COLUMNS = (
    cast(Event.id, Text).label("id"),
    Event.type.expression,
    Event.customer_version.expression,
    Event.occurred_at.expression,
    Event.actor.expression,
    Event.trace_id.expression,
    Event.payload["changes"].label("changes"),
    Event.sequence.expression,  # last: where the next page starts
)
_FIELDS = tuple(column.name for column in _COLUMNS[:-1])
# The join makes another business's customer, or a deleted one, the same as none.
_PAGE = (
    select(*_COLUMNS)
    .join(Customer, Customer.id == Event.customer_id)
    .where(
        Event.customer_id == cast(bindparam("customer_id"), Uuid),
        customer_documents.is_reachable(),
        Event.sequence < cast(bindparam("before"), BigInteger),
    )
    .order_by(Event.sequence.desc())
    .limit(bindparam("row_limit", type_=Integer()))
)
_NEWEST = 2**63 - 1


@dataclasses.dataclass(frozen=True)
class TimelinePage:
    items: list[dict[str, Any]]
    next_before: int | None


def list_events(
    database: Database, scope: Scope, customer_id: uuid.UUID, limit: int, before: int | None
) -> TimelinePage:
    """Events of one customer with a sequence below `before`; raises CustomerNotFound."""
    parameters = {
        "customer_id": str(customer_id),
        "before": _NEWEST if before is None else before,
        "row_limit": limit + 1,
        **scope.parameters(),
    }
    rows = database.read(_PAGE, parameters)
    if not rows:
        customer_documents.get(database, scope, customer_id)
    kept = rows[:limit]
    items = [dict(zip(_FIELDS, row, strict=False)) for row in kept]
    return TimelinePage(items, kept[-1][-1] if len(rows) > limit else None)
