"""Customers as CSV or JSON lines, whatever their number: one statement, and PostgreSQL writes the lines.

What is written here, services/csv_cells.py reads: the cells below are its `guard` and `join_tags` in SQL.
"""

from sqlalchemy import select

from bee_customers.db.copying import Sink, copy_out
from bee_customers.db.engine import Database
from bee_customers.db.statements import compiled
from bee_customers.models import Customer
from bee_customers.services import customer_lists
from bee_customers.services.access import Scope
from bee_customers.services.csv_cells import FORMULA, FORMULA_SIGNS
from bee_customers.services.customer_lists import Filters

FORMATS = ("csv", "jsonl")
# In the order of the columns.
FIELDS = (
    *("id", "user_id", "business_id", "full_name", "email", "phone", "gender", "tags", "avatar_url"),
    *("total_orders", "lifetime_value", "version", "created_at", "updated_at"),
)
# Of so many the tags of all customers are grouped once; of fewer each looks for its own.
_MANY = 20_000
_CUSTOMERS = select(*(getattr(Customer, name) for name in FIELDS if name != "tags"))
# Sorted before they are grouped: to sort each group for itself takes longer.
_CARRIED = """(
    SELECT customer_id, {tags} AS tags FROM (
        SELECT customer_id, name FROM customer_tag JOIN tag ON tag.id = tag_id
        WHERE {of} ORDER BY customer_id, name_key
    ) AS ordered GROUP BY customer_id
) AS carried"""
_ROWS = """
SELECT {values} FROM ({customers}) AS customer LEFT JOIN {carried} ON carried.customer_id = customer.id
ORDER BY customer.id
"""
# Most cells begin with none of the signs, which is seen sooner than that they do not match the pattern.
_GUARDED = f"""CASE
    WHEN ascii({{cell}}) IN ({", ".join(str(ord(sign)) for sign in FORMULA_SIGNS)}) THEN '''' || {{cell}}
    WHEN ascii({{cell}}) = {ord("'")} AND {{cell}} ~ '{FORMULA.replace("'", "''")}' THEN '''' || {{cell}}
    ELSE {{cell}} END"""
_GUARDED_FIELDS = ("full_name", "email", "phone", "avatar_url")
_TAGS_ARRAY = "to_json(array_agg(name))"
_TAGS_CELL = f"""CASE
    WHEN bool_or(strpos(name, ';') > 0 OR left(name, 1) = '[') THEN {_TAGS_ARRAY}::text ELSE {{joined}} END"""
_TAGS_JOINED = "string_agg(name, ';')"
_TIME = "replace((customer.{name} AT TIME ZONE 'UTC')::text, ' ', 'T') || 'Z'"  # ISO, by copy_out
_TIMES = {name: _TIME.format(name=name) for name in ("created_at", "updated_at")}
_IN_JSON = {**_TIMES, "tags": "COALESCE(tags, '[]')", "lifetime_value": "lifetime_value::text"}
# JSON holds neither of the two characters, so no line of it is quoted.
_OPTIONS = {"csv": "FORMAT csv, HEADER", "jsonl": r"FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02'"}


def export(database: Database, filters: Filters, sink: Sink, form: str = "csv", *, is_raw: bool = False) -> int:
    """Write whom the filters leave into a sink, by id; returns how many customers.

    CSV begins with the names of the columns, and no cell of it is a formula unless `is_raw`.
    """
    statement, parameters = customer_lists.narrowed(_CUSTOMERS, filters)
    known = compiled(statement)
    values, tags = _csv(is_raw) if form == "csv" else (_values(_IN_JSON), _TAGS_ARRAY)
    is_many = expected(database, filters) > _MANY
    carried = _CARRIED.format(tags=tags, of="true" if is_many else "customer_id = customer.id")
    query = _ROWS.format(values=values, customers=known.sql, carried=carried if is_many else f"LATERAL {carried}")
    if form == "jsonl":
        query = f"SELECT row_to_json(each) FROM ({query}) AS each"
    return copy_out(database, query, known.with_constants(parameters) or {}, _OPTIONS[form], sink)


def expected(database: Database, filters: Filters) -> int:
    """About how many customers there will be."""
    return customer_lists.count_estimated(database, Scope(businesses=None), filters)


def _csv(is_raw: bool) -> tuple[str, str]:
    """The values of a line, and the cell of the tags of one customer."""
    if is_raw:
        return _values(_TIMES), _TAGS_CELL.format(joined=_TAGS_JOINED)
    guarded = {name: _GUARDED.format(cell=name) for name in _GUARDED_FIELDS}
    return _values(_TIMES | guarded), _TAGS_CELL.format(joined=_GUARDED.format(cell=_TAGS_JOINED))


def _values(by_name: dict[str, str]) -> str:
    return ", ".join(f"{by_name.get(name, name)} AS {name}" for name in FIELDS)
