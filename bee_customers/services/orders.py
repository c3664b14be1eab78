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

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bee_customers.db.transaction import Transaction
from bee_customers.errors import FieldFault, InvalidDocument, LedgerTooLarge
from bee_customers.events.outbox import Outbox
from bee_customers.models import CustomerHistory, CustomerOrder, PendingStats
from bee_customers.services.access import Scope
from bee_customers.services.aggregates import set_right
from bee_customers.services.bulk_changes import Acting
from bee_customers.services.customer_changes import Clock, LockedCustomer, lock, store, utc_now
from bee_customers.services.order_rules import AMOUNT_MOST

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


_FIELDS = tuple(field.name for field in dataclasses.fields(Order))
_LEDGER = CustomerOrder.__table__
_FIND = select(*(_LEDGER.c[name] for name in _FIELDS)).where(
    CustomerOrder.customer_id == bindparam("customer_id"), CustomerOrder.order_id == bindparam("order_id")
)
_INSERT = insert(CustomerOrder)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["customer_id", "order_id"], set_={name: _INSERT.excluded[name] for name in _FIELDS}
)
_UPSERT_COLUMNS = ("customer_id", "order_id", *_FIELDS)

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
# The aggregates that are not on the profile, and the dates as the ledger has them now: two short reads of the
# index (customer_id, ordered_at, order_id), one from either end.
_HISTORY = select(
    CustomerHistory.total_bookings,
    CustomerHistory.returned_orders,
    CustomerHistory.first_order_date,
    CustomerHistory.last_order_date,
    _COUNTED.order_by(CustomerOrder.ordered_at, CustomerOrder.order_id).scalar_subquery(),
    _COUNTED.order_by(CustomerOrder.ordered_at.desc(), CustomerOrder.order_id.desc()).scalar_subquery(),
    exists().where(PendingStats.customer_id == bindparam("customer_id")),
).where(CustomerHistory.customer_id == bindparam("customer_id"))
_HISTORY_COLUMNS = ("total_bookings", "returned_orders", "first_order_date", "last_order_date")
_STORE_HISTORY = update(CustomerHistory.__table__).where(  # type: ignore[arg-type]
    CustomerHistory.customer_id == bindparam("changed_id")
)


class OrderService:
    """Each change of the ledger moves the aggregates by the difference, under the customer's lock."""

    def __init__(self, transaction: Transaction, events: Outbox, clock: Clock = utc_now) -> None:
        self._transaction = transaction
        self._outbox = events
        self._clock = clock

    def put(self, scope: Scope, customer_id: uuid.UUID, order_id: str, order: Order) -> tuple[Order, bool]:
        """Record an entry; returns the one that now stands and whether it is new.

        The last writer by `updated_at` wins: an older one changes nothing, a repetition neither.
        Raises CustomerNotFound, and InvalidDocument for a sum past what can be kept.
        """
        customer = lock(self._transaction, scope, customer_id)
        key = {"customer_id": customer.id, "order_id": order_id}
        rows = self._transaction.run(_FIND, key).rows
        before = Order(*rows[0]) if rows else None
        if before is not None and (order == before or order.updated_at < before.updated_at):
            return before, False
        self._transaction.run(_UPSERT, {**key, **dataclasses.asdict(order)}, _UPSERT_COLUMNS)
        was = before.contribution() if before else Contribution()
        self._follow(customer, order.contribution() - was)
        return order, before is None

    def _follow(self, customer: LockedCustomer, difference: Contribution) -> None:
        """Move the aggregates by the difference; nothing is written where none of them moved."""
        rows = self._transaction.run(_HISTORY, {"customer_id": customer.id}).rows
        # one that was brought in by other means has no history yet
        if not rows or rows[0][-1]:
            self._count_anew(customer)
            return
        row = rows[0][:-1]
        bookings, returned, *old_dates = row[:4]
        history = (bookings + difference.total_bookings, returned + difference.returned_orders, *row[4:])
        old = _told(customer, (bookings, returned, *old_dates))
        customer.total_orders += difference.total_orders
        customer.lifetime_value = _within_bounds(customer.lifetime_value + difference.lifetime_value)
        new = _told(customer, history)
        changes = {name: value for name, value in new.items() if value != old[name]}
        if changes:
            values = dict(zip(_HISTORY_COLUMNS, history, strict=True))
            self._transaction.run(_STORE_HISTORY, {"changed_id": customer.id, **values}, _HISTORY_COLUMNS)
            store(self._outbox, customer, self._clock(), changes)

    def _count_anew(self, customer: LockedCustomer) -> None:
        """For aggregates that are behind their ledger: a difference would come on top of what is not in them."""
        acting = Acting(actor=self._outbox.actor, trace_id=self._outbox.trace_id)
        try:
            set_right(self._transaction, [customer.id], acting, self._clock())
        except LedgerTooLarge:
            raise _too_large() from None


def _told(customer: LockedCustomer, history: tuple[Any, ...]) -> dict[str, Any]:
    """The aggregates as JSON values, the way events tell them."""
    bookings, returned, first, last = history
    return {
        "total_orders": customer.total_orders,
        "total_bookings": bookings,
        "returned_orders": returned,
        "lifetime_value": f"{customer.lifetime_value:.2f}",
        "first_order_date": first.isoformat() if first else None,
        "last_order_date": last.isoformat() if last else None,
    }


def _within_bounds(value: decimal.Decimal) -> decimal.Decimal:
    if value > AMOUNT_MOST:
        raise _too_large()
    return value


def _too_large() -> InvalidDocument:
    return InvalidDocument([FieldFault("/amount", f"the customer's lifetime value would pass {AMOUNT_MOST}")])
