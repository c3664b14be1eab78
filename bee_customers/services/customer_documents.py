"""A customer as the API shows it: the columns, the one statement that reads it, and the scope in SQL."""

import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from bee_customers.db.engine import Database
from bee_customers.db.statements import Prepared
from bee_customers.errors import CustomerNotFound
from bee_customers.models import Customer, CustomerTag, Tag
from bee_customers.services.access import Scope

Document = dict[str, Any]

_TAGS = (
    select(Tag.name)
    .join(CustomerTag, CustomerTag.tag_id == Tag.id)
    .where(CustomerTag.customer_id == Customer.id)
    .order_by(Tag.name_key)
    .correlate(Customer)
    .scalar_subquery()
)
# In the order they are shown. UUIDs come as text: no object is made only to be written again.
COLUMNS: tuple[ColumnElement[Any], ...] = (
    cast(Customer.id, Text).label("id"),
    cast(Customer.user_id, Text).label("user_id"),
    cast(Customer.business_id, Text).label("business_id"),
    Customer.full_name.expression,
    Customer.email.expression,
    Customer.phone.expression,
    Customer.gender.expression,
    Customer.avatar_url.expression,
    Customer.total_orders.expression,
    cast(Customer.lifetime_value, Text).label("lifetime_value"),
    func.array(_TAGS, type_=ARRAY(Text)).label("tags"),
    Customer.version.expression,
    Customer.created_at.expression,
    Customer.updated_at.expression,
)
FIELDS = tuple(column.name for column in COLUMNS)


def is_reachable() -> ColumnElement[bool]:
    """The condition of a Scope; give its `parameters()` with the statement."""
    return or_(
        bindparam("is_everywhere", type_=Boolean),
        Customer.business_id == any_(cast(bindparam("scope_businesses"), ARRAY(Uuid))),
        Customer.user_id == cast(bindparam("scope_user_id"), Uuid),
    )


_GET = Prepared(
    "get_customer",
    select(*COLUMNS).where(Customer.id == cast(bindparam("customer_id"), Uuid), is_reachable()),
)


def get(database: Database, scope: Scope, customer_id: uuid.UUID) -> Document:
    """One customer's document; raises CustomerNotFound. Tags are left out for a customer reading itself."""
    rows = database.read(_GET, {"customer_id": str(customer_id), **scope.parameters()})
    if not rows:
        raise CustomerNotFound("no such customer")
    document = from_row(rows[0])
    if scope.own_user_id is not None and not scope.covers(uuid.UUID(document["business_id"])):
        del document["tags"]
    return document


def from_row(row: Sequence[Any]) -> Document:
    return dict(zip(FIELDS, row, strict=False))


def of_customer(customer: object, tags: list[str]) -> Document:
    """The document of anything with a customer's attributes, in the very JSON values that GET returns."""
    values = {name: getattr(customer, name) for name in FIELDS if name != "tags"}
    values["lifetime_value"] = f"{values['lifetime_value']:.2f}"
    values["tags"] = tags
    document: Document = orjson.loads(to_json({name: values[name] for name in FIELDS}))
    return document


def to_json(document: object) -> bytes:
    """JSON as the API writes it: times in UTC with Z, UUIDs as text."""
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)
