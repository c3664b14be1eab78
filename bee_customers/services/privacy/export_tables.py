"""The rows of a subject as files: every exported column of every table as JSON, orders and notes as CSV too."""

import base64
import decimal
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import Select, select

from bee_customers.db.snapshot import Snapshot
from bee_customers.models import Customer, CustomerNote, CustomerOrder
from bee_customers.services.privacy import sheets
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.services.privacy.personal_data import TABLES

_ORDERS = (
    select(
        Customer.business_id,
        CustomerOrder.customer_id,
        CustomerOrder.order_id,
        CustomerOrder.kind,
        CustomerOrder.status,
        CustomerOrder.amount,
        CustomerOrder.ordered_at,
        CustomerOrder.updated_at,
    )
    .join(Customer, Customer.id == CustomerOrder.customer_id)
    .where(TABLES["customer_order"].is_of_subject)
    .order_by(CustomerOrder.customer_id, CustomerOrder.ordered_at, CustomerOrder.order_id)
)
_NOTES = (
    select(
        Customer.business_id,
        CustomerNote.customer_id,
        CustomerNote.id.label("note_id"),
        CustomerNote.created_at,
        CustomerNote.content,
    )
    .join(Customer, Customer.id == CustomerNote.customer_id)
    .where(TABLES["customer_note"].is_of_subject)
    .order_by(CustomerNote.customer_id, CustomerNote.id)
)
_SHEETS = {"orders.csv": _ORDERS, "notes.csv": _NOTES}
_TABLES = {f"data/{table.name}.json": table.select(table.exported) for table in TABLES.values() if table.exported}

Files = Iterator[tuple[str, Iterator[bytes]]]


def files(snapshot: Snapshot, footprint: Footprint) -> Files:
    """Names and contents; each content is to be read before the next one is asked for."""
    for name, statement in _TABLES.items():
        yield name, _json(_names(statement), snapshot.rows(statement, footprint.parameters()))
    for name, sheet in _SHEETS.items():
        yield name, sheets.pieces(_names(sheet), snapshot.rows(sheet, footprint.parameters()))


def _names(statement: Select[*tuple[Any, ...]]) -> list[str]:
    return [column.name for column in statement.selected_columns]


def _json(names: list[str], rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    """An array with one object a line."""
    before = b"[\n"
    for row in rows:
        yield before + orjson.dumps(dict(zip(names, row, strict=True)), _plain, orjson.OPT_UTC_Z)
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def _plain(value: Any) -> str:
    """Amounts as the API writes them; bytes in base64."""
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, memoryview | bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} has no place in JSON")
