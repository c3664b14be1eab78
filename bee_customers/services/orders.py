"""The ledger of orders and bookings, and the aggregates that follow it.

total_orders counts orders not cancelled; total_bookings bookings not cancelled; returned_orders orders
returned; lifetime_value sums the amounts of completed orders and bookings; the first and last order date
span orders not cancelled. Amounts are of one currency, dates are days in UTC.
"""

import dataclasses
import datetime
import decimal
import uuid
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bee_customers.errors import FieldFault, InvalidDocument
from bee_customers.events import outbox as events
from bee_customers.events.outbox import Outbox
from bee_customers.models import Customer, CustomerHistory, CustomerOrder
from bee_customers.services.access import Scope
from bee_customers.services.customer_changes import Clock, announce, lock, touch, utc_now

AMOUNT_MOST = decimal.Decimal("999999999999.99")
_ZERO = decimal.Decimal("0.00")


@dataclasses.dataclass(frozen=True)
class Order:
    """One entry of the ledger."""

    kind: str
    status: str
    amount: decimal.Decimal
    ordered_at: datetime.datetime
    updated_at: datetime.datetime

    def contribution(self) -> "Contribution":
        """What this entry adds to its customer's aggregates."""
        is_order, counts = self.kind == "order", self.status != "cancelled"
        return Contribution(
            total_orders=int(is_order and counts),
            total_bookings=int(not is_order and counts),
            returned_orders=int(is_order and self.status == "returned"),
            lifetime_value=self.amount if self.status == "completed" else _ZERO,
        )


@dataclasses.dataclass(frozen=True)
class Contribution:
    total_orders: int = 0
    total_bookings: int = 0
    returned_orders: int = 0
    lifetime_value: decimal.Decimal = _ZERO

    def __sub__(self, other: "Contribution") -> "Contribution":
        pairs = zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)
        return Contribution(*(mine - theirs for mine, theirs in pairs))


_FIND = select(CustomerOrder).where(
    CustomerOrder.customer_id == bindparam("customer_id"), CustomerOrder.order_id == bindparam("order_id")
)
_HISTORY = select(CustomerHistory).where(CustomerHistory.customer_id == bindparam("customer_id"))
# Two short reads of the index (customer_id, ordered_at, order_id), one from either end.
_DAY = func.date(func.timezone("UTC", CustomerOrder.ordered_at))
_COUNTED = (
    select(_DAY)
    .where(
        CustomerOrder.customer_id == bindparam("customer_id"),
        CustomerOrder.kind == "order",
        CustomerOrder.status != "cancelled",
    )
    .limit(1)
)
_DATES = select(
    _COUNTED.order_by(CustomerOrder.ordered_at, CustomerOrder.order_id).scalar_subquery(),
    _COUNTED.order_by(CustomerOrder.ordered_at.desc(), CustomerOrder.order_id.desc()).scalar_subquery(),
)
_INSERT = insert(CustomerOrder)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=[CustomerOrder.customer_id, CustomerOrder.order_id],
    set_={field.name: _INSERT.excluded[field.name] for field in dataclasses.fields(Order)},
).execution_options(synchronize_session=False)


class OrderService:
    """Each change of the ledger moves the aggregates by the difference, under the customer's lock."""

    def __init__(self, session: Session, outbox: Outbox, clock: Clock = utc_now) -> None:
        self._session = session
        self._outbox = outbox
        self._clock = clock

    def put(self, scope: Scope, customer_id: uuid.UUID, order_id: str, order: Order) -> tuple[Order, bool]:
        """Record an entry; returns the one that now stands and whether it is new.

        The last writer by `updated_at` wins: an older one changes nothing, a repetition neither.
        Raises CustomerNotFound, and InvalidDocument for a sum past what can be kept.
        """
        customer = lock(self._session, scope, customer_id)
        key = {"customer_id": customer.id, "order_id": order_id}
        before = _as_order(self._session.scalar(_FIND, key))
        if before is not None and (order == before or order.updated_at < before.updated_at):
            return before, False
        self._session.execute(_UPSERT, {**key, **dataclasses.asdict(order)})
        self._follow(customer, before.contribution() if before else Contribution(), order.contribution())
        return order, before is None

    def _follow(self, customer: Customer, before: Contribution, after: Contribution) -> None:
        difference = after - before
        history = self._session.scalars(_HISTORY, {"customer_id": customer.id}).one()
        first, last = self._session.execute(_DATES, {"customer_id": customer.id}).one()
        old = _aggregates(customer, history)
        customer.total_orders += difference.total_orders
        customer.lifetime_value = _within_bounds(customer.lifetime_value + difference.lifetime_value)
        history.total_bookings += difference.total_bookings
        history.returned_orders += difference.returned_orders
        history.first_order_date, history.last_order_date = first, last
        new = _aggregates(customer, history)
        changes = {name: value for name, value in new.items() if value != old[name]}
        if changes:
            touch(customer, self._clock())
            announce(self._outbox, events.UPDATED, customer, {"changes": changes})


def _as_order(row: CustomerOrder | None) -> Order | None:
    if row is None:
        return None
    return Order(**{field.name: getattr(row, field.name) for field in dataclasses.fields(Order)})


def _aggregates(customer: Customer, history: CustomerHistory) -> dict[str, Any]:
    """As JSON values, the way events tell them."""
    dates = {name: getattr(history, name) for name in ("first_order_date", "last_order_date")}
    return {
        "total_orders": customer.total_orders,
        "total_bookings": history.total_bookings,
        "returned_orders": history.returned_orders,
        "lifetime_value": f"{customer.lifetime_value:.2f}",
        **{name: day.isoformat() if day else None for name, day in dates.items()},
    }


def _within_bounds(value: decimal.Decimal) -> decimal.Decimal:
    if value > AMOUNT_MOST:
        raise InvalidDocument([FieldFault("/amount", f"the customer's lifetime value would pass {AMOUNT_MOST}")])
    return value
