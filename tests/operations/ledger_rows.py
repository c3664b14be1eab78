"""Entries of the ledger written past the service, as a bulk import does: aggregates do not follow."""

import datetime
import uuid
from typing import Any

from sqlalchemy import text

from bee_customers.db.engine import Database

NOW = datetime.datetime(2026, 5, 1, 8, 30, tzinfo=datetime.UTC)
_INSERT = text("""
INSERT INTO customer_order (customer_id, order_id, kind, status, amount, ordered_at, updated_at)
VALUES (:customer_id, :order_id, :kind, :status, :amount, :ordered_at, :ordered_at)
""")
_ENTRY = {"kind": "order", "status": "completed", "amount": "10.00", "ordered_at": "2026-01-31T12:00:00Z"}


def enter(database: Database, customer: dict[str, Any], *entries: dict[str, Any]) -> None:
    """Commit entries; what one leaves out is that of a completed order of ten."""
    with database.session() as session:
        for number, entry in enumerate(entries):
            key = {"customer_id": uuid.UUID(customer["id"]), "order_id": f"B-{number}"}
            session.execute(_INSERT, {**key, **_ENTRY, **entry})
        session.commit()


def remove_history(database: Database, customer: dict[str, Any]) -> None:
    with database.session() as session:
        session.execute(
            text("DELETE FROM customer_history WHERE customer_id = :id"), {"id": uuid.UUID(customer["id"])}
        )
        session.commit()
