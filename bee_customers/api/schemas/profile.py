"""What is sent and shown about notes, tags, orders and statistics."""

import re
from typing import Any

import colander

from bee_customers.api.schemas.customers import (
    AMOUNT_FORM,
    TAG_FORM,
    TAGS_FORM,
    TIME_FORM,
    UUID_FORM,
    closed_object,
    nullable,
    one_of,
    optional,
)
from bee_customers.api.schemas.types import MISSING, Checked, Ruled, StrictSchema
from bee_customers.errors import InvalidField
from bee_customers.services import rules
from bee_customers.services.order_rules import ORDER_KINDS, ORDER_STATUSES, amount, date_time

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_COLOR_FORM = {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}
_CONTENT_FORM = {"type": "string", "minLength": 1, "maxLength": rules.NOTE_MOST}


def _color(value: object) -> str:
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        raise InvalidField("must be a color such as #ffcc00")
    return value.lower()


def _required(kind: Any) -> colander.SchemaNode:
    return colander.SchemaNode(kind, missing_msg=MISSING)


class NewNote(StrictSchema):
    content = _required(Checked(rules.note_content, _CONTENT_FORM))


class NewTag(StrictSchema):
    name = _required(Checked(rules.tag_name, TAG_FORM))
    color = colander.SchemaNode(Checked(_color, _COLOR_FORM, is_nullable=True), missing=colander.drop)


class AttachedTags(StrictSchema):
    tags = _required(Ruled(TAGS_FORM))


class PutOrder(StrictSchema):
    kind = _required(one_of(*ORDER_KINDS))
    status = _required(one_of(*ORDER_STATUSES))
    amount = _required(Checked(amount, AMOUNT_FORM))
    ordered_at = _required(Checked(date_time, TIME_FORM))
    updated_at = _required(Checked(date_time, TIME_FORM))


class AttachQuery(StrictSchema):
    create = optional(one_of("true", "false"), "true", "false: a tag that the catalogue lacks is a fault.")


class DeleteTagQuery(StrictSchema):
    force = optional(one_of("true", "false"), "false", "true: take the tag off the customers that carry it.")


NOTE = closed_object(id=UUID_FORM, content=_CONTENT_FORM, author={"type": "string"}, created_at=TIME_FORM)
TAG = closed_object(
    name=TAG_FORM,
    color=nullable(_COLOR_FORM),
    created_at=TIME_FORM,
    customers={"type": "integer", "minimum": 0},
)
TAGS = {"type": "array", "items": TAG_FORM}
ORDER = closed_object(
    order_id={"type": "string", "pattern": "^[!-~]{1,100}$"},
    kind={"type": "string", "enum": list(ORDER_KINDS)},
    status={"type": "string", "enum": list(ORDER_STATUSES)},
    amount=AMOUNT_FORM,
    ordered_at=TIME_FORM,
    updated_at=TIME_FORM,
)
_COUNT = {"type": "integer", "minimum": 0}
_DATE = nullable({"type": "string", "format": "date"})
STATS = closed_object(
    total_orders=_COUNT,
    total_bookings=_COUNT,
    lifetime_value=AMOUNT_FORM,
    average_order_value=nullable(AMOUNT_FORM),
    returned_orders=_COUNT,
    return_rate=nullable({"type": "number", "minimum": 0, "maximum": 1}),
    first_order_date=_DATE,
    last_order_date=_DATE,
    days_since_last_order=nullable({"type": "integer"}),
    computed_at=TIME_FORM,
)
