"""Imports as a test wants them: rows in, and what became of them out."""

import dataclasses
import json
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from bee_customers.db.engine import Database
from bee_customers.services.imports.job import ImportJob, Report
from bee_customers.services.imports.options import Options
from bee_customers.services.imports.rejects import Reject
from bee_customers.services.rules import Rules
from tests.factories import BUSINESS

Document = dict[str, Any]
_PEOPLE = """
    SELECT id::text, user_id::text, business_id::text, full_name, email, phone, gender, version, email_key,
        name_key, search_text, created_at, updated_at, ARRAY(
            SELECT name FROM tag JOIN customer_tag ON tag_id = tag.id
            WHERE customer_id = customer.id ORDER BY name_key) AS tags
    FROM customer ORDER BY id
"""
_EVENTS = """
    SELECT id::text, type, routing_key, customer_id::text, customer_version, payload, trace_id, traceparent, actor,
        occurred_at, published_at
    FROM event ORDER BY sequence
"""
_ORDERS = """
    SELECT customer_id::text, order_id, kind, status, amount::text, ordered_at, updated_at FROM customer_order
    ORDER BY customer_id, order_id
"""
# Of an import itself, and of what it leaves for others: not of customers.
_OWN = {"import_run", "alembic_version"}


@dataclasses.dataclass
class Listener:
    """Notes what it hears."""

    rejects: list[Reject] = dataclasses.field(default_factory=list)

    def rows_done(self, counts: Any, rejects: list[Reject], position: int) -> None:
        self.rejects += rejects

    def stats_done(self, customers: int, total: int) -> None:
        pass

    __call__ = rows_done


@dataclasses.dataclass(frozen=True)
class Done:
    """How an import ended."""

    report: Report
    rejects: list[Reject]

    @property
    def counts(self) -> dict[str, int]:
        """What is not zero, without the number of rows."""
        return {name: count for name, count in self.report.counts.items() if count and name != "rows"}

    @property
    def told(self) -> list[str]:
        return [str(reject) for reject in self.rejects]


class Desk:
    """Files are JSON lines where documents are given, and what they are where bytes are."""

    def __init__(self, database: Database, directory: Path, connection: Connection) -> None:
        """The connection is for looking at what became of the rows: to open one each time would take longest."""
        self.database = database
        self.directory = directory
        self._connection = connection

    def bring(self, rows: Iterable[Document] | bytes, kind: str = "customers", **options: Any) -> Done:
        """Import them; what there is stays unless `on_conflict` says otherwise."""
        listener = Listener()
        job = self.job(self.write(rows), kind, **options)
        return Done(job.run(listener, lambda: False), listener.rejects)

    def job(self, path: Path, kind: str = "customers", *, patience: float = 2, **options: Any) -> ImportJob:
        chosen: dict[str, Any] = {"on_conflict": "skip" if kind == "customers" else "update", **options}
        return ImportJob(
            self.database, Rules("RO"), Options(kind=kind, path=str(path), **chosen), patience=patience
        )

    def write(self, rows: Iterable[Document] | bytes) -> Path:
        path = self.directory / f"{uuid.uuid4()}"
        path.write_bytes(rows if isinstance(rows, bytes) else json_lines(rows))
        return path

    def people(self) -> list[Document]:
        return self.rows(_PEOPLE)

    def person(self) -> Document:
        (one,) = self.people()
        return one

    def events(self) -> list[Document]:
        return self.rows(_EVENTS)

    def orders(self) -> list[Document]:
        return self.rows(_ORDERS)

    def tags(self) -> list[str]:
        return [row["name"] for row in self.rows("SELECT name FROM tag ORDER BY name_key")]

    def everything(self) -> dict[str, list[str]]:
        """All rows of all tables, as text."""
        names = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return {
            name: sorted(str(row) for row in self.rows(f"SELECT * FROM {name}"))
            for name in (row["tablename"] for row in names)
            if name not in _OWN
        }

    def clear(self) -> None:
        """Quicker than to truncate, where there is little."""
        tables = ("customer", "event", "tag", "pending_stats", "import_run")
        self.do("; ".join(f"DELETE FROM {table}" for table in tables))

    def rows(self, statement: str, **parameters: Any) -> list[Document]:
        return [dict(row) for row in self._connection.execute(text(statement), parameters).mappings()]

    def do(self, statement: str, **parameters: Any) -> None:
        self._connection.execute(text(statement), parameters)


def json_lines(rows: Iterable[Document]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def row(number: int = 1, **fields: Any) -> Document:
    """A customer; a field given as `...` is left out."""
    known = {
        "user_id": user(number),
        "business_id": BUSINESS,
        "full_name": f"Ionuț Popescu {number}",
        "email": f"ionut{number}@example.com",
        "phone": "+40722123456",
        "gender": "male",
        "tags": ["VIP"],
    }
    return {name: value for name, value in (known | fields).items() if value is not ...}


def user(number: int) -> str:
    return str(uuid.UUID(int=0x1000 + number))


def own_id(number: int) -> str:
    return str(uuid.UUID(int=0x2000 + number))


def update(desk: Desk, *rows: dict[str, Any], **options: Any) -> Any:
    return desk.bring(rows, on_conflict="update", **options)


def named(desk: Desk) -> dict[str, str]:
    """E-mail or name of each customer, and what it is called now."""
    return {person["email"] or person["full_name"]: person["full_name"] for person in desk.people()}
