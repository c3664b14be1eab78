"""What the page of an export shows of a customer: small things whole, long lists by their newest rows."""

import dataclasses
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Integer, Select, Uuid, bindparam, cast, func, select

from bee_customers.db.snapshot import Snapshot
from bee_customers.events import outbox
from bee_customers.models import (
    Customer,
    CustomerHistory,
    CustomerNote,
    CustomerOrder,
    CustomerTag,
    Event,
    PrivacyRequest,
    Tag,
)
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.services.privacy.personal_data import TABLES

ROWS_MOST = 1000
_CUSTOMER_ID = cast(bindparam("customer_id"), Uuid)


class _List:
    """The newest rows of something, and how many there are in all."""

    def __init__(self, columns: Sequence[str], statement: Select[*tuple[Any, ...]]) -> None:
        self.columns = columns
        self.newest = statement.limit(bindparam("row_limit", type_=Integer()))
        self.count = select(func.count()).select_from(statement.order_by(None).subquery())


_CUSTOMERS = (
    select(Customer.__table__, CustomerHistory.first_order_date, CustomerHistory.last_order_date)
    .outerjoin(CustomerHistory, CustomerHistory.customer_id == Customer.id)
    .where(TABLES["customer"].is_of_subject)
    .order_by(Customer.id)
)
_TAGS = (
    select(Tag.name)
    .join(CustomerTag, CustomerTag.tag_id == Tag.id)
    .where(CustomerTag.customer_id == _CUSTOMER_ID)
    .order_by(Tag.name_key)
)
_ORDERS = _List(
    ("Ordered", "Number", "Kind", "Status", "Amount"),
    select(
        CustomerOrder.ordered_at,
        CustomerOrder.order_id,
        CustomerOrder.kind,
        CustomerOrder.status,
        CustomerOrder.amount,
    )
    .where(CustomerOrder.customer_id == _CUSTOMER_ID)
    .order_by(CustomerOrder.ordered_at.desc(), CustomerOrder.order_id.desc()),
)
_NOTES = _List(
    ("Written", "Note"),
    select(CustomerNote.created_at, CustomerNote.content)
    .where(CustomerNote.customer_id == _CUSTOMER_ID)
    .order_by(CustomerNote.id.desc()),
)
_EVENTS = _List(
    ("When", "What", "New values"),
    select(Event.occurred_at, Event.type, Event.payload["changes"])
    .where(Event.customer_id == _CUSTOMER_ID)
    .order_by(Event.sequence.desc()),
)
_REQUESTS = _List(
    ("Asked", "For", "State", "Completed"),
    select(PrivacyRequest.requested_at, PrivacyRequest.kind, PrivacyRequest.status, PrivacyRequest.completed_at)
    .where(TABLES["privacy_request"].is_of_subject)
    .order_by(PrivacyRequest.requested_at.desc(), PrivacyRequest.id.desc()),
)
_DONE = {
    outbox.CREATED: "created",
    outbox.UPDATED: "changed",
    outbox.DELETED: "deleted",
    outbox.EXPORT_REQUESTED: "all data asked for",
}


@dataclasses.dataclass(frozen=True)
class Excerpt:
    """The newest rows of `count`; they are read when they are walked."""

    columns: Sequence[str]
    rows: Iterator[Sequence[object]]
    count: int

    @property
    def left_out(self) -> int:
        return max(0, self.count - ROWS_MOST)


def customers(snapshot: Snapshot, footprint: Footprint) -> list[dict[str, Any]]:
    names = [column.name for column in _CUSTOMERS.selected_columns]
    return [dict(zip(names, row, strict=True)) for row in snapshot.rows(_CUSTOMERS, footprint.parameters())]


def facts(customer: dict[str, Any]) -> dict[str, object]:
    """Who it is, in words."""
    return {
        "E-mail": customer["email"],
        "Phone": customer["phone"],
        "Gender": customer["gender"],
        "Customer of the business": customer["business_id"],
        "Customer number": customer["id"],
        "User": customer["user_id"],
        "Since": customer["created_at"],
        "Last change": customer["updated_at"],
        "Orders that count": customer["total_orders"],
        "Spent in all": customer["lifetime_value"],
        "First order": customer["first_order_date"],
        "Last order": customer["last_order_date"],
    }


def tags(snapshot: Snapshot, customer_id: uuid.UUID) -> list[str]:
    return [name for (name,) in snapshot.rows(_TAGS, {"customer_id": customer_id})]


def orders(snapshot: Snapshot, customer_id: uuid.UUID) -> Excerpt:
    return _excerpt(snapshot, _ORDERS, {"customer_id": customer_id})


def notes(snapshot: Snapshot, customer_id: uuid.UUID) -> Excerpt:
    return _excerpt(snapshot, _NOTES, {"customer_id": customer_id})


def events(snapshot: Snapshot, customer_id: uuid.UUID) -> Excerpt:
    found = _excerpt(snapshot, _EVENTS, {"customer_id": customer_id})
    told = ((when, _DONE.get(str(kind), kind), _changes(changes)) for when, kind, changes in found.rows)
    return dataclasses.replace(found, rows=told)


def requests(snapshot: Snapshot, footprint: Footprint) -> Excerpt:
    return _excerpt(snapshot, _REQUESTS, footprint.parameters())


def _excerpt(snapshot: Snapshot, wanted: _List, parameters: dict[str, object]) -> Excerpt:
    ((count,),) = snapshot.rows(wanted.count, parameters)
    newest = snapshot.rows(wanted.newest, {**parameters, "row_limit": ROWS_MOST})
    return Excerpt(wanted.columns, newest, count)


def _changes(changes: Any) -> str:
    """A line for each field; an erased event has none."""
    if not isinstance(changes, dict):
        return ""
    return "\n".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in changes.items())


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "none"
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return "none" if value is None else str(value)
