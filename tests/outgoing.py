"""Events as the relay claims them, and messages made of them."""

import datetime
import itertools
import json
import uuid
from typing import Any

from bee_customers.events.envelope import EventRow, Message, compose

BUSINESS = uuid.UUID("0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d")
OCCURRED_AT = datetime.datetime(2026, 1, 31, 12, 30, 0, 250_000, datetime.UTC)
_numbers = itertools.count(1)


def event_row(**fields: Any) -> EventRow:
    """A row that can be published; `payload` may be given as an object."""
    number = next(_numbers)
    payload = fields.pop("payload", {"business_id": str(BUSINESS), "changes": {"full_name": "Ionuț"}})
    standard = {
        "customer_id": uuid.uuid4(),
        "sequence": number,
        "id": uuid.uuid4(),
        "type": "CustomerUpdatedEvent",
        "routing_key": "customers.updated",
        "customer_version": number,
        "payload": payload if isinstance(payload, str) else json.dumps(payload),
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "traceparent": None,
        "occurred_at": OCCURRED_AT,
        "attempts": 0,
    }
    return EventRow(**standard | fields)


def message(**fields: Any) -> Message:
    return compose(event_row(**fields))


def messages(count: int) -> list[Message]:
    return [message() for _ in range(count)]
