"""Customers as CSV or JSON lines, whatever their number: one statement, and PostgreSQL writes the lines.

What is written here, services/csv_cells.py reads: the cells below are its `guard` and `join_tags` in SQL.
"""

from typing import Any

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from bee_customers.db.copying import Sink, copy_out
from bee_customers.db.engine import Database
from bee_customers.db.statements import compiled
from bee_customers.models import Customer, CustomerTag, Tag
from bee_customers.services import customer_documents, customer_lists
from bee_customers.services.access import Scope
from bee_customers.services.csv_cells import FORMULA, FORMULA_SIGNS
from bee_customers.services.customer_lists import Filters

FORMATS = ("csv", "jsonl")
# In the order of the columns.
FIELDS = (
    *("id", "user_id", "business_id", "full_name", "email", "phone", "gender", "tags", "avatar_url"),
    *("total_orders", "lifetime_value", "version", "created_at", "updated_at"),
)
_GUARDED_FIELDS = ("full_name", "email", "phone", "tags", "avatar_url")
# Of so many the tags of all customers are grouped once; of fewer each looks for its own.
_MANY = 20_000
_GROUPED = (
    select(CustomerTag.customer_id, func.array_agg(aggregate_order_by(Tag.name, Tag.name_key)).label("names"))
    .join(Tag, Tag.id == CustomerTag.tag_id)
    .group_by(CustomerTag.customer_id)
    .subquery()
)
_TIME = """to_char(customer.{name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_COLUMNS = {column.name: column for column in customer_documents.COLUMNS} | {
    name: literal_column(_TIME.format(name=name)).label(name) for name in ("created_at", "updated_at")
}
# Most cells begin with none of the signs, which is seen sooner than that they do not match the pattern.
_GUARDED = f"""CASE
    WHEN ascii({{cell}}) IN ({", ".join(str(ord(sign)) for sign in FORMULA_SIGNS)}) THEN '''' || {{cell}}
    WHEN ascii({{cell}}) = {ord("'")} AND {{cell}} ~ '{FORMULA.replace("'", "''")}' THEN '''' || {{cell}}
    ELSE {{cell}} END"""
_TAGS_CELL = r"""CASE
    WHEN tags IS NULL OR cardinality(tags) = 0 THEN NULL
    WHEN array_to_string(tags, E'\n') ~ ';|(^|\n)\[' THEN to_json(tags)::text
    ELSE {joined} END"""
_JSON_VALUES = ", ".join("COALESCE(tags, '{{}}') AS tags" if name == "tags" else name for name in FIELDS)
_JSON = f"SELECT row_to_json(each) FROM (SELECT {_JSON_VALUES} FROM {{rows}}) AS each"
# JSON holds neither of the two characters, so no line of it is quoted.
_OPTIONS = {"csv": "FORMAT csv, HEADER", "jsonl": r"FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02'"}


def export(database: Database, filters: Filters, sink: Sink, form: str = "csv", *, is_raw: bool = False) -> int:
    """Write whom the filters leave into a sink, line by line and by id; returns how many customers.

    CSV begins with the names of the columns, and no cell of it is a formula unless `is_raw`.
    """
    customers = _customers(is_many=expected(database, filters) > _MANY)
    statement, parameters = customer_lists.narrowed(customers, filters)
    known = compiled(statement.order_by(Customer.id))
    rows = f"({known.sql}) AS customer"
    query = f"SELECT {_cells(is_raw)} FROM {rows}" if form == "csv" else _JSON.format(rows=rows)
    return copy_out(database, query, known.with_constants(parameters) or {}, _OPTIONS[form], sink)


def expected(database: Database, filters: Filters) -> int:
    """About how many customers there will be."""
    return customer_lists.count_estimated(database, Scope(businesses=None), filters)


def _customers(*, is_many: bool) -> Select[Any]:
    columns = {**_COLUMNS, "tags": _GROUPED.c.names.label("tags")} if is_many else _COLUMNS
    statement = select(*(columns[name] for name in FIELDS))
    return statement.outerjoin(_GROUPED, _GROUPED.c.customer_id == Customer.id) if is_many else statement


def _cells(is_raw: bool) -> str:
    return ", ".join(f"{_cell(name, is_raw)} AS {name}" for name in FIELDS)


def _cell(name: str, is_raw: bool) -> str:
    cell = "array_to_string(tags, ';')" if name == "tags" else name
    if name in _GUARDED_FIELDS and not is_raw:
        cell = _GUARDED.format(cell=cell)
    return _TAGS_CELL.format(joined=cell) if name == "tags" else cell
