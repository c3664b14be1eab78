"""Entries of the ledger, and its aggregates counted again from the rows, in Python."""

import datetime
import decimal
import uuid
from typing import Any

from sqlalchemy import text

from bee_customers.db.engine import Database
from tests.client import Client

ORDER = {
    "kind": "order",
    "status": "completed",
    "amount": "10.00",
    "ordered_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-01-31T12:00:00Z",
}
_ROWS = text("SELECT kind, status, amount, ordered_at FROM customer_order WHERE customer_id = :id")
_KEPT = text(
    "SELECT total_orders, total_bookings, returned_orders, lifetime_value, first_order_date, last_order_date "
    "FROM customer JOIN customer_history ON customer_id = id WHERE id = :id"
)


def put(internal: Client, customer: dict[str, Any], order_id: str = "A-1", **fields: Any) -> Any:
    return internal.put(f"/{customer['id']}/orders/{order_id}", ORDER | fields)


def recount(database: Database, customer_id: str) -> tuple[Any, ...]:
    """What the aggregates have to be."""
    with database.session() as session:
        rows = session.execute(_ROWS, {"id": uuid.UUID(customer_id)}).all()
    counted = [row for row in rows if row.status != "cancelled"]
    orders = [row for row in counted if row.kind == "order"]
    days = [row.ordered_at.astimezone(datetime.UTC).date() for row in orders]
    value = sum((row.amount for row in rows if row.status == "completed"), decimal.Decimal("0.00"))
    returned = len([row for row in orders if row.status == "returned"])
    first, last = (min(days), max(days)) if days else (None, None)
    return len(orders), len(counted) - len(orders), returned, value, first, last


def aggregates(database: Database, customer_id: str) -> tuple[Any, ...]:
    """What they are."""
    with database.session() as session:
        return tuple(session.execute(_KEPT, {"id": uuid.UUID(customer_id)}).one())
