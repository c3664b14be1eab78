"""Rows behind the API: for what no request can bring about, or no reply shows."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from bee_customers.db.engine import Database
from bee_customers.models import Base


def set_customer(database: Database, customer_id: str, **values: Any) -> None:
    """Write columns of a customer past every rule."""
    _update(database, "customer", "id", customer_id, values)


def set_history(database: Database, customer_id: str, **values: Any) -> None:
    _update(database, "customer_history", "customer_id", customer_id, values)


def events(database: Database, customer_id: str) -> Sequence[Row[Any]]:
    """The outbox of one customer, oldest first."""
    statement = "SELECT * FROM event WHERE customer_id = :id ORDER BY sequence"
    with database.session() as session:
        return session.execute(text(statement), {"id": uuid.UUID(customer_id)}).all()


def told(database: Database, customer_id: str) -> list[str]:
    """The types of the events of one customer, which must tell of one version after the other."""
    known = events(database, customer_id)
    assert [event.customer_version for event in known] == list(range(1, len(known) + 1))
    return [event.type for event in known]


def count(database: Database, table: str, **where: Any) -> int:
    condition = " AND ".join(f"{name} = :{name}" for name in where) or "true"
    with database.session() as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {table} WHERE {condition}"), where))


def run(database: Database, statement: str, **values: Any) -> None:
    with database.session() as session:
        session.execute(text(statement), values)
        session.commit()


def _update(database: Database, table: str, key: str, customer_id: str, values: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    with database.session() as session:
        session.execute(
            text(f"UPDATE {table} SET {assignments} WHERE {key} = :_key"),
            {**values, "_key": uuid.UUID(customer_id)},
        )
        session.commit()


def empty(session: Session) -> None:
    """For what really was committed."""
    session.execute(text("TRUNCATE " + ", ".join(Base.metadata.tables)))
    session.commit()
