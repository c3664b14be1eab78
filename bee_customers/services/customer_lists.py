"""Pages of customers: filters, sorts and keyset positions, each shape of query built once."""

import dataclasses
import datetime
import decimal
import functools
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from bee_customers.db.engine import Database
from bee_customers.models import Customer, CustomerHistory, CustomerTag, Tag
from bee_customers.services.access import Scope, array_of
from bee_customers.services.customer_documents import COLUMNS, Document, from_row
from bee_customers.services.text import comparison_key, search_words

# What the index is on, to the letter: the planner compares expressions.
_LAST_ORDER: ColumnElement[Any] = literal_column("COALESCE(customer_history.last_order_date, '0001-01-01'::date)")
SORTS: dict[str, tuple[ColumnElement[Any], TypeEngine[Any]]] = {
    "created_at": (Customer.created_at.expression, DateTime(timezone=True)),
    "full_name": (Customer.name_key.expression, Text(collation="C")),
    "lifetime_value": (Customer.lifetime_value.expression, Numeric(14, 2)),
    "total_orders": (Customer.total_orders.expression, Integer()),
    "last_order_date": (_LAST_ORDER, Date()),
}
DEFAULT_SORT = "-created_at"
# Each index of these sorts carries what the other sorts by.
_COVERED_SORTS = {"lifetime_value", "total_orders"}
_COVERED_CONDITIONS = {"min_lifetime_value", "max_lifetime_value", "min_orders"}
_EVERYWHERE = Scope(businesses=None)


@dataclasses.dataclass(frozen=True)
class Position:
    """Where a page starts: behind the row with this sort value and id, going on or going back."""

    value: str
    id: str
    is_backward: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Filters:
    """What the list is narrowed to; None or empty means not at all."""

    business_id: uuid.UUID | None = None
    search: str = ""
    tags: tuple[str, ...] = ()
    created_from: datetime.datetime | None = None
    created_to: datetime.datetime | None = None
    min_lifetime_value: decimal.Decimal | None = None
    max_lifetime_value: decimal.Decimal | None = None
    min_orders: int | None = None
    gender: str | None = None


@dataclasses.dataclass(frozen=True)
class Page:
    items: list[Document]
    next: Position | None
    previous: Position | None


def list_page(
    database: Database, scope: Scope, filters: Filters, sort: str, limit: int, position: Position | None
) -> Page:
    """One page in the order of `sort` (a key of SORTS, `-` before it for descending)."""
    shape, parameters = _shape_and_parameters(scope, filters)
    parameters["row_limit"] = limit + 1
    if position is not None:
        parameters |= {"position_value": position.value, "position_id": position.id}
    statement = _page_statement(shape, sort, position is not None, position is not None and position.is_backward)
    return _cut(database.read(statement, parameters), limit, position)


def narrowed(statement: Select[Any], filters: Filters) -> tuple[Select[Any], dict[str, Any]]:
    """A statement about customers of any business, narrowed to whom the filters leave, and its parameters."""
    shape, parameters = _shape_and_parameters(_EVERYWHERE, filters)
    return _filtered(statement, shape), parameters


def ids_after(database: Database, filters: Filters, after: uuid.UUID, limit: int) -> list[uuid.UUID]:
    """Of whom the filters leave in any business, the next ones by id."""
    shape, parameters = _shape_and_parameters(_EVERYWHERE, filters)
    position = {"position_id": str(after), "row_limit": limit}
    rows = database.read(_ids_statement(shape), {**parameters, **position})
    return [uuid.UUID(identifier) for (identifier,) in rows]


def count_exact(database: Database, scope: Scope, filters: Filters) -> int:
    """How many customers the filters leave; reads all of them."""
    shape, parameters = _shape_and_parameters(scope, filters)
    return int(database.read(_count_statement(shape), parameters)[0][0])


def count_estimated(database: Database, scope: Scope, filters: Filters) -> int:
    """How many rows PostgreSQL's planner expects: costs nothing and may be off by much."""
    shape, parameters = _shape_and_parameters(scope, filters)
    plan = database.explain(_filtered(select(Customer.id), shape), parameters)
    return int(plan["Plan Rows"])


def _cut(rows: Sequence[Any], limit: int, position: Position | None) -> Page:
    """Drop the row that only told that there is more, and restore the order of a page read backwards."""
    has_more, kept = len(rows) > limit, list(rows[:limit])
    is_backward = position is not None and position.is_backward
    if is_backward:
        kept.reverse()
    has_next, has_previous = (True, has_more) if is_backward else (has_more, position is not None)
    if not kept:
        return Page([], None, None)
    first, last = kept[0], kept[-1]  # each row begins with the id and ends with what it is sorted by
    return Page(
        [from_row(row) for row in kept],
        Position(last[-1], last[0]) if has_next else None,
        Position(first[-1], first[0], is_backward=True) if has_previous else None,
    )


@dataclasses.dataclass(frozen=True)
class _Shape:
    """Which conditions a query has, without their values: what a statement is cached by."""

    conditions: tuple[str, ...]
    words: int
    tags: int


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "scope": Customer.business_id == any_(cast(bindparam("scope_businesses"), ARRAY(Uuid))),
    "business_id": Customer.business_id == cast(bindparam("business_id"), Uuid),
    "created_from": Customer.created_at >= bindparam("created_from"),
    "created_to": Customer.created_at < bindparam("created_to"),
    "min_lifetime_value": Customer.lifetime_value >= bindparam("min_lifetime_value"),
    "max_lifetime_value": Customer.lifetime_value <= bindparam("max_lifetime_value"),
    "min_orders": Customer.total_orders >= bindparam("min_orders"),
    "gender": Customer.gender == bindparam("gender"),
}


def _shape_and_parameters(scope: Scope, filters: Filters) -> tuple[_Shape, dict[str, Any]]:
    parameters: dict[str, Any] = {
        name: value for name in _CONDITIONS if name != "scope" and (value := getattr(filters, name)) is not None
    }
    if filters.business_id is not None:
        parameters["business_id"] = str(filters.business_id)
    conditions = tuple(parameters)
    if scope.businesses is not None:
        conditions = ("scope", *conditions)
        parameters["scope_businesses"] = array_of(scope.businesses)
    words = search_words(filters.search)
    parameters |= {f"word_{index}": f"%{_escape(word)}%" for index, word in enumerate(words)}
    parameters |= {f"tag_{index}": comparison_key(tag) for index, tag in enumerate(filters.tags)}
    return _Shape(conditions, len(words), len(filters.tags)), parameters


def _escape(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


@functools.lru_cache(maxsize=512)
def _page_statement(shape: _Shape, sort: str, has_position: bool, is_backward: bool) -> Select[Any]:
    name = sort.removeprefix("-")
    key, key_type = SORTS[name]
    is_descending = sort.startswith("-") != is_backward
    order = (key.desc(), Customer.id.desc()) if is_descending else (key, Customer.id)
    page = select(*COLUMNS, cast(key, Text).label("sort_value"))
    is_covered = _is_covered(shape, name)
    found = _filtered(select(Customer.id) if is_covered else page, shape)
    if name == "last_order_date":
        found = found.join(CustomerHistory, CustomerHistory.customer_id == Customer.id)
    if has_position:
        position = tuple_(cast(bindparam("position_value"), key_type), cast(bindparam("position_id"), Uuid))
        here = tuple_(key, Customer.id)
        found = found.where(here < position if is_descending else here > position)
    found = found.order_by(*order).limit(bindparam("row_limit", type_=Integer()))
    if not is_covered:
        return found
    return page.where(Customer.id.in_(select(found.subquery().c.id))).order_by(*order)


def _is_covered(shape: _Shape, sort: str) -> bool:
    """Whether the index alone tells who is on the page, so that only those are read: docs/adr/0044."""
    is_narrowed_elsewhere = shape.words or shape.tags or not _COVERED_CONDITIONS.issuperset(shape.conditions)
    return sort in _COVERED_SORTS and bool(shape.conditions) and not is_narrowed_elsewhere


@functools.lru_cache(maxsize=512)
def _ids_statement(shape: _Shape) -> Select[Any]:
    statement = _filtered(select(cast(Customer.id, Text)), shape)
    statement = statement.where(Customer.id > cast(bindparam("position_id"), Uuid))
    return statement.order_by(Customer.id).limit(bindparam("row_limit", type_=Integer()))


@functools.lru_cache(maxsize=512)
def _count_statement(shape: _Shape) -> Select[Any]:
    return _filtered(select(func.count()).select_from(Customer), shape)


def _filtered(statement: Select[Any], shape: _Shape) -> Select[Any]:
    for name in shape.conditions:
        statement = statement.where(_CONDITIONS[name])
    for index in range(shape.words):
        statement = statement.where(
            Customer.search_text.like(bindparam(f"word_{index}", type_=Text()), escape="\\")
        )
    for index in range(shape.tags):
        carries = exists().where(
            CustomerTag.customer_id == Customer.id,
            CustomerTag.tag_id == Tag.id,
            Tag.name_key == bindparam(f"tag_{index}"),
        )
        statement = statement.where(carries)
    return statement


COUNTS = {"exact": count_exact, "estimated": count_estimated}
