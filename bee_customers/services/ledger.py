"""Reading what orders left behind: the ledger itself, and a customer's statistics."""

import dataclasses
import datetime
import decimal
import uuid
from typing import Any

from sqlalchemy import DateTime, Integer, Text, Uuid, bindparam, cast, func, select, tuple_

from bee_customers.db.engine import Database
from bee_customers.db.statements import Prepared
from bee_customers.errors import CustomerNotFound
from bee_customers.models import Customer, CustomerHistory, CustomerOrder
from bee_customers.services import customer_documents
from bee_customers.services.access import Scope
from bee_customers.services.customer_documents import is_reachable

_COLUMNS = (
    CustomerOrder.order_id.expression,
    CustomerOrder.kind.expression,
    CustomerOrder.status.expression,
    cast(CustomerOrder.amount, Text).label("amount"),
    CustomerOrder.ordered_at.expression,
    CustomerOrder.updated_at.expression,
)
ORDER_FIELDS = tuple(column.name for column in _COLUMNS)
_IS_CUSTOMER = Customer.id == cast(bindparam("customer_id"), Uuid)
_HERE = tuple_(CustomerOrder.ordered_at, CustomerOrder.order_id)
_POSITION = tuple_(cast(bindparam("before_time"), DateTime(timezone=True)), bindparam("before_id", type_=Text()))
_FIRST_PAGE = (
    select(*_COLUMNS)
    .join(Customer, Customer.id == CustomerOrder.customer_id)
    .where(_IS_CUSTOMER, CustomerOrder.customer_id == cast(bindparam("customer_id"), Uuid), is_reachable())
    .order_by(CustomerOrder.ordered_at.desc(), CustomerOrder.order_id.desc())
    .limit(bindparam("row_limit", type_=Integer()))
)
_NEXT_PAGE = _FIRST_PAGE.where(_HERE < _POSITION)
_STATS = Prepared(
    "customer_stats",
    select(
        Customer.total_orders,
        func.coalesce(CustomerHistory.total_bookings, 0),
        Customer.lifetime_value,
        func.coalesce(CustomerHistory.returned_orders, 0),
        CustomerHistory.first_order_date,
        CustomerHistory.last_order_date,
    )
    # one that was brought in by other means has no history yet
    .outerjoin(CustomerHistory, CustomerHistory.customer_id == Customer.id)
    .where(_IS_CUSTOMER, is_reachable()),
)


@dataclasses.dataclass(frozen=True)
class LedgerPage:
    items: list[dict[str, Any]]
    next_before: list[str] | None


def list_orders(
    database: Database, scope: Scope, customer_id: uuid.UUID, limit: int, before: list[str] | None
) -> LedgerPage:
    """A customer's orders and bookings, latest first; raises CustomerNotFound."""
    parameters = {"customer_id": str(customer_id), "row_limit": limit + 1, **scope.parameters()}
    if before:
        parameters |= {"before_time": before[0], "before_id": before[1]}
    rows = database.read(_NEXT_PAGE if before else _FIRST_PAGE, parameters)
    if not rows:
        customer_documents.get(database, scope, customer_id)
    kept = rows[:limit]
    items = [dict(zip(ORDER_FIELDS, row, strict=True)) for row in kept]
    last = [kept[-1][4].isoformat(), kept[-1][0]] if len(rows) > limit else None
    return LedgerPage(items, last)


def get_stats(database: Database, scope: Scope, customer_id: uuid.UUID, now: datetime.datetime) -> dict[str, Any]:
    """A customer's statistics out of its aggregates, whatever the length of the ledger; raises CustomerNotFound.

    average_order_value is lifetime_value over all orders and bookings not cancelled, return_rate the share of
    orders returned; both are null where there is nothing to divide by.
    """
    rows = database.read(_STATS, {"customer_id": str(customer_id), **scope.parameters()})
    if not rows:
        raise CustomerNotFound("no such customer")
    orders, bookings, value, returned, first, last = rows[0]
    counted = orders + bookings
    return {
        "total_orders": orders,
        "total_bookings": bookings,
        "lifetime_value": _amount(value),
        "average_order_value": _amount(value / counted) if counted else None,
        "returned_orders": returned,
        "return_rate": round(returned / orders, 4) if orders else None,
        "first_order_date": first,
        "last_order_date": last,
        "days_since_last_order": (now.date() - last).days if last else None,
        "computed_at": now,
    }


def _amount(value: decimal.Decimal) -> str:
    return f"{value.quantize(decimal.Decimal('0.01'), decimal.ROUND_HALF_UP)}"
