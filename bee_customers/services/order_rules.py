"""The rules of an order's fields, shared by every door, as `rules.py` holds those of a customer."""

import datetime
import decimal
import re
from collections.abc import Callable
from typing import Any

from bee_customers.errors import InvalidField
from bee_customers.models import ORDER_KINDS as ORDER_KINDS
from bee_customers.models import ORDER_STATUSES as ORDER_STATUSES
from bee_customers.services.rules import string

AMOUNT_MOST = decimal.Decimal("999999999999.99")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_ORDER_ID = re.compile(r"[!-~]{1,100}")


def order_id(value: object) -> str:
    """The orders system's own id: 1 to 100 visible ASCII characters."""
    text = string(value, 100)
    if not _ORDER_ID.fullmatch(text):
        raise InvalidField("must be 1 to 100 visible ASCII characters")
    return text


def amount(value: object) -> decimal.Decimal:
    """Written as text: a JSON number may have lost digits on its way."""
    text = string(value, 100)
    if not _AMOUNT.fullmatch(text):
        raise InvalidField(f"must be an amount from 0 to {AMOUNT_MOST} with at most two decimals")
    return decimal.Decimal(text)


def date_time(value: object) -> datetime.datetime:
    """RFC 3339, with its zone; in UTC."""
    text = string(value, 100)
    if _DATE_TIME.fullmatch(text):
        try:
            return datetime.datetime.fromisoformat(text.upper()).astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            pass
    raise InvalidField("must be a time, to the microsecond at most, with its zone, such as 2026-01-31T12:00:00Z")


def one_of(*allowed: str) -> Callable[[object], Any]:
    """A rule that takes just these words."""

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise InvalidField("must be one of " + ", ".join(allowed))
        return value

    return check


BY_FIELD: dict[str, Callable[[object], Any]] = {
    "order_id": order_id,
    "kind": one_of(*ORDER_KINDS),
    "status": one_of(*ORDER_STATUSES),
    "amount": amount,
    "ordered_at": date_time,
    "updated_at": date_time,
}
