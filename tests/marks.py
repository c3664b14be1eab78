"""A row with random marks in every column of every table there is, for one subject: what is forgotten is found."""

import datetime
import decimal
import random
import re
import secrets
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table, insert
from sqlalchemy.orm import Session

from bee_customers.models import Base

Row = dict[str, Any]


def fill(session: Session, user_id: uuid.UUID, customer_id: uuid.UUID) -> dict[str, Row]:
    """Insert them, parents first; returns the row of each table."""
    given = {
        "user_id": user_id,
        "customer_id": customer_id,
        "tag_id": uuid.uuid4(),
        "erasure_id": uuid.uuid4(),
    }
    rows = {table.name: _row(table, given) for table in Base.metadata.sorted_tables}
    for name, row in rows.items():
        session.execute(insert(Base.metadata.tables[name]).values(row))
    session.commit()
    return rows


def _row(table: Table, given: Row) -> Row:
    row = {column.name: _mark(table, column) for column in table.columns if column.identity is None}
    row |= {name: value for name, value in given.items() if name in row}
    if f"{table.name}_id" in given:
        row["id"] = given[f"{table.name}_id"]
    return row


def _mark(table: Table, column: Column[Any]) -> Any:
    allowed = _allowed(table, column)
    return random.choice(allowed) if allowed else _OF_KIND[column.type.__visit_name__.lower()]()


def _allowed(table: Table, column: Column[Any]) -> list[str]:
    """What a check of the table lets this column be, where it names the values."""
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            named = re.fullmatch(rf"{column.name} IN \((.*)\)", str(constraint.sqltext))
            if named:
                return re.findall(r"'([^']*)'", named[1])
    return []


def text_mark() -> str:
    return f"mark{secrets.token_hex(8)}"


def _moment() -> datetime.datetime:
    seconds, microsecond = random.randrange(1_500_000_000, 1_700_000_000), random.randrange(1, 1_000_000)
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).replace(microsecond=microsecond)


_OF_KIND = {
    "uuid": uuid.uuid4,
    "text": text_mark,
    "boolean": lambda: random.random() < 0.5,
    "integer": lambda: random.randrange(10**8, 2 * 10**9),
    "big_integer": lambda: random.randrange(10**8, 2 * 10**9),
    "numeric": lambda: decimal.Decimal(random.randrange(10**9, 10**11)).scaleb(-2),
    "double": lambda: random.uniform(10**8, 10**9),
    "date": lambda: _moment().date(),
    "datetime": _moment,
    "jsonb": lambda: {"changes": {text_mark(): text_mark()}, "business_id": str(uuid.uuid4())},
    "large_binary": lambda: text_mark().encode(),
}
