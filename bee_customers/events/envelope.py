"""The form in which an event leaves the house: JSON, with the attributes of CloudEvents as headers.

https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/amqp-protocol-binding.md
"""

import dataclasses
import datetime
import re
import uuid
from collections.abc import Callable
from typing import Any

import orjson

from bee_customers.errors import EventNotSerialisable

SCHEMA_VERSION = 1
SOURCE = "bee-customers"
CONTENT_TYPE = "application/json"
VALUES, FIELDS = "values", "fields"
# It changes nothing that a later event builds upon. So where it is refused, as where no queue is bound for it, the
# customer's changes pass it by.
NOT_A_CHANGE = "GDPRExportRequested"
_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class EventRow:
    """An event as it is stored; `payload` is JSON text, parsed only when the event is about to leave."""

    customer_id: uuid.UUID
    sequence: int
    id: uuid.UUID
    type: str
    routing_key: str
    customer_version: int
    payload: str
    trace_id: str
    traceparent: str | None
    occurred_at: datetime.datetime
    attempts: int

    @property
    def holds_up(self) -> bool:
        """Whether later events of its customer wait where it is refused."""
        return self.type != NOT_A_CHANGE


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """What is handed to a broker; `properties` are those of AMQP 0-9-1."""

    event_id: uuid.UUID
    type: str
    routing_key: str
    body: bytes
    headers: dict[str, str]
    properties: dict[str, Any]


Compose = Callable[[EventRow], Message]


def composer(changes: str) -> Compose:
    """`changes` is the setting EVENT_CHANGES: whether events carry new values, or only which fields changed."""
    return lambda row: compose(row, has_values=changes == VALUES)


def compose(row: EventRow, *, has_values: bool = True) -> Message:
    """Raises EventNotSerialisable for a row that cannot become a message."""
    details = _details(row, has_values)
    body = {
        "event": row.type,
        "event_id": row.id,
        "version": SCHEMA_VERSION,
        "occurred_at": row.occurred_at,
        "trace_id": row.trace_id,
        "customer_id": row.customer_id,
        "business_id": details.pop("business_id"),
        "customer_version": row.customer_version,
        **details,
    }
    return Message(row.id, row.type, row.routing_key, _encoded(body), _headers(row), _properties(row))


def _details(row: EventRow, has_values: bool) -> dict[str, Any]:
    try:
        details = orjson.loads(row.payload)
    except orjson.JSONDecodeError:
        raise EventNotSerialisable("its payload is not JSON") from None
    if not isinstance(details, dict) or "business_id" not in details:
        raise EventNotSerialisable("its payload names no business")
    if not isinstance(details.get("changes", {}), dict):
        raise EventNotSerialisable("its changes are not named by their fields")
    if not has_values and "changes" in details:
        details["changes"] = sorted(details["changes"])
    return details


def _encoded(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body, option=orjson.OPT_UTC_Z)
    except (TypeError, ValueError):
        raise EventNotSerialisable("it cannot be written as JSON") from None


def _headers(row: EventRow) -> dict[str, str]:
    headers = {
        "cloudEvents:id": str(row.id),
        "cloudEvents:type": row.type,
        "cloudEvents:source": SOURCE,
        "cloudEvents:specversion": "1.0",
    }
    traceparent = row.traceparent or _traceparent(row)
    return {**headers, "traceparent": traceparent} if traceparent else headers


def _traceparent(row: EventRow) -> str | None:
    """For a request without one: its trace id where that may be one, with the event for the span, not sampled."""
    return f"00-{row.trace_id}-{row.id.hex[-16:]}-00" if _TRACE_ID.fullmatch(row.trace_id) else None


def _properties(row: EventRow) -> dict[str, Any]:
    return {
        "message_id": str(row.id),
        "type": row.type,
        "delivery_mode": 2,  # the broker keeps it over a restart
        "timestamp": int(row.occurred_at.timestamp()),
    }
