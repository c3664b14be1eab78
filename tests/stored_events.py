"""Rows of the event table, written past the API, and what became of them."""

import uuid
from typing import Any

from sqlalchemy import text

from bee_customers.db.engine import Database
from tests.outgoing import event_row

_INSERT = text("""
INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, traceparent, actor,
    occurred_at, attempts)
VALUES (:id, :type, :routing_key, :customer_id, :customer_version, CAST(:payload AS jsonb), :trace_id,
    :traceparent, 'ana', :occurred_at, :attempts)
RETURNING sequence
""")


def store(database: Database, customer_id: uuid.UUID | None = None, **fields: Any) -> int:
    """Commit an event that waits, and return its sequence; other columns may be given too."""
    row = event_row(**({"customer_id": customer_id} if customer_id else {}), **_known(fields))
    values = {name: getattr(row, name) for name in row.__slots__}
    with database.session() as session:
        sequence = int(session.scalar(_INSERT, values) or 0)
        session.commit()
    extra = {name: value for name, value in fields.items() if name not in values}
    if extra:
        update(database, sequence, **extra)
    return sequence


def update(database: Database, sequence: int, **columns: Any) -> None:
    """Set columns of one event; times may be given as SQL, such as `now() + interval '1 hour'`."""
    parts, values = [], {"sequence": sequence}
    for name, value in columns.items():
        is_sql = name.endswith("_at") and isinstance(value, str)
        parts.append(f"{name} = {value if is_sql else ':' + name}")
        values |= {} if is_sql else {name: value}
    run(database, f"UPDATE event SET {', '.join(parts)} WHERE sequence = :sequence", **values)


def run(database: Database, statement: str, **values: Any) -> list[Any]:
    with database.session() as session:
        result = session.execute(text(statement), values)
        rows = list(result) if result.returns_rows else []
        session.commit()
    return rows


def column(database: Database, name: str) -> dict[int, Any]:
    """One column of every event, by its sequence."""
    return {row[0]: row[1] for row in run(database, f"SELECT sequence, {name} FROM event ORDER BY sequence")}


def waiting(database: Database) -> list[int]:
    """Sequences of what is not published."""
    return [number for number, time in column(database, "published_at").items() if time is None]


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    own = set(event_row().__slots__) - {"sequence"}
    return {name: value for name, value in fields.items() if name in own}
