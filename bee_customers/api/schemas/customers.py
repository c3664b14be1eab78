"""What is sent and shown about customers."""

import re
from typing import Any

import colander

from bee_customers.api.schemas.types import MISSING, Checked, Ruled, StrictSchema
from bee_customers.errors import InvalidField
from bee_customers.services import order_rules, rules
from bee_customers.services.customer_lists import DEFAULT_SORT, SORTS
from bee_customers.services.order_rules import amount, date_time
from bee_customers.services.rules import GENDERS

LIMIT_MOST = 200
LIMIT_DEFAULT = 50
_INTEGER_MOST = 2**31 - 1

UUID_FORM = {"type": "string", "format": "uuid"}
_NAME_FORM = {"type": "string", "minLength": 1, "maxLength": rules.NAME_MOST}
_EMAIL_FORM = {"type": "string", "format": "email", "maxLength": rules.EMAIL_MOST}
_PHONE_FORM = {"type": "string", "maxLength": rules.PHONE_MOST, "examples": ["+40722123456"]}
_GENDER_FORM = {"type": "string", "enum": list(GENDERS)}
TAG_FORM = {"type": "string", "minLength": 1, "maxLength": rules.TAG_MOST}
TAGS_FORM = {"type": "array", "items": TAG_FORM, "maxItems": rules.TAGS_MOST}
TIME_FORM = {"type": "string", "format": "date-time"}
AMOUNT_FORM = {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$", "examples": ["149.90"]}


def nullable(form: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [form, {"type": "null"}]}


class NewCustomer(StrictSchema):
    """The body of POST /v1/customers."""

    user_id = colander.SchemaNode(Ruled(UUID_FORM, is_nullable=True), missing=colander.drop)
    business_id = colander.SchemaNode(Ruled(UUID_FORM), missing_msg=MISSING)
    full_name = colander.SchemaNode(Ruled(_NAME_FORM), missing_msg=MISSING)
    email = colander.SchemaNode(Ruled(_EMAIL_FORM, is_nullable=True), missing=colander.drop)
    phone = colander.SchemaNode(Ruled(_PHONE_FORM, is_nullable=True), missing=colander.drop)
    gender = colander.SchemaNode(Ruled(_GENDER_FORM, is_nullable=True), missing=colander.drop)
    tags = colander.SchemaNode(Ruled(TAGS_FORM, is_nullable=True), missing=colander.drop)


# What GET shows; a customer reading itself is not shown the tags.
CUSTOMER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": UUID_FORM,
        "user_id": nullable(UUID_FORM),
        "business_id": UUID_FORM,
        "full_name": _NAME_FORM,
        "email": nullable({"type": "string"}),
        "phone": nullable({"type": "string", "pattern": r"^\+[0-9]+$"}),
        "gender": nullable(_GENDER_FORM),
        "avatar_url": nullable({"type": "string"}),
        "total_orders": {"type": "integer", "minimum": 0},
        "lifetime_value": AMOUNT_FORM,
        "tags": {"type": "array", "items": TAG_FORM},
        "version": {"type": "integer", "minimum": 1},
        "created_at": TIME_FORM,
        "updated_at": TIME_FORM,
    },
}
CUSTOMER["required"] = [name for name in CUSTOMER["properties"] if name != "tags"]
CUSTOMER["additionalProperties"] = False

EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": UUID_FORM,
        "type": {"type": "string"},
        "customer_version": {"type": "integer", "minimum": 1},
        "occurred_at": TIME_FORM,
        "actor": {"type": "string"},
        "trace_id": {"type": "string"},
        # none where somebody asked for something, and changed nothing
        "changes": nullable({"type": "object"}),
    },
}


def closed_object(**properties: Any) -> dict[str, Any]:
    """The form of an object that has all of these and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def integer_text(least: int, most: int) -> Any:
    """A check for a query parameter that is a whole number."""

    def check(value: object) -> int:
        if not re.fullmatch(r"[0-9]{1,10}", str(value), re.ASCII) or not least <= int(str(value)) <= most:
            raise InvalidField(f"must be a whole number from {least} to {most}")
        return int(str(value))

    return Checked(check, {"type": "integer", "minimum": least, "maximum": most})


def one_of(*allowed: str) -> Any:
    return Checked(order_rules.one_of(*allowed), {"type": "string", "enum": list(allowed)})


def text(most: int) -> Any:
    def check(value: object) -> str:
        if len(str(value)) > most:
            raise InvalidField(f"must be at most {most} characters")
        return str(value)

    return Checked(check, {"type": "string", "maxLength": most})


def names(most: int) -> Any:
    """A parameter that may be repeated."""

    def check(value: object) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        if len(values) > most:
            raise InvalidField(f"must be given at most {most} times")
        return tuple(rules.tag_name(item) for item in values)

    return Checked(check, {"type": "array", "items": TAG_FORM, "maxItems": most})


def optional(kind: Any, missing: Any = None, title: str = "") -> colander.SchemaNode:
    return colander.SchemaNode(kind, missing=missing, description=title)


_SORT_NAMES = tuple(name for key in SORTS for name in (key, f"-{key}"))


class PageQuery(StrictSchema):
    """limit and cursor, for every paged list."""

    limit = optional(integer_text(1, LIMIT_MOST), LIMIT_DEFAULT, f"Rows a page, {LIMIT_DEFAULT} where not given.")
    cursor = optional(text(2000), None, "Where the page starts, out of a Link header.")


class CustomerQuery(PageQuery):
    """What GET /v1/customers can be narrowed to and sorted by."""

    business_id = optional(Checked(rules.identifier, UUID_FORM), None, "Customers of one business.")
    search = optional(text(200), "", "Words that name, e-mail or phone hold; case and accents do not matter.")
    tag = optional(names(10), (), "Carries this tag; repeated: all of them.")
    created_from = optional(Checked(date_time, TIME_FORM), None, "Created at this time or later.")
    created_to = optional(Checked(date_time, TIME_FORM), None, "Created before this time.")
    min_lifetime_value = optional(Checked(amount, AMOUNT_FORM), None, "Worth this much or more.")
    max_lifetime_value = optional(Checked(amount, AMOUNT_FORM), None, "Worth this much or less.")
    min_orders = optional(integer_text(0, _INTEGER_MOST), None, "Has this many orders or more.")
    gender = optional(one_of(*GENDERS))
    sort = optional(one_of(*_SORT_NAMES), DEFAULT_SORT, "`-` before it for descending.")
    count = optional(one_of("exact", "estimated"), None, "Adds X-Total-Count: counted, or the planner's guess.")
