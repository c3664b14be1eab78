"""The transactional outbox: an event is a row, written in the transaction of the change it tells of."""

import datetime
import uuid
from typing import Any

import orjson
import uuid_utils.compat
from sqlalchemy import Delete, Insert, Update, bindparam, func, insert

from bee_customers.db.transaction import Transaction
from bee_customers.events.envelope import NOT_A_CHANGE
from bee_customers.models import Event

CREATED = "CustomerCreatedEvent"
UPDATED = "CustomerUpdatedEvent"
DELETED = "CustomerDeletedEvent"
EXPORT_REQUESTED = NOT_A_CHANGE
ROUTING_KEYS = {
    CREATED: "customers.created",
    UPDATED: "customers.updated",
    DELETED: "customers.deleted",
    EXPORT_REQUESTED: "customers.gdpr.export",
}
_COLUMNS = (
    "id",
    "type",
    "routing_key",
    "customer_id",
    "customer_version",
    "payload",
    "trace_id",
    "traceparent",
    "actor",
    "occurred_at",
)
# What the relay listens to: told by the commit, so it never wakes for what is rolled back.
CHANNEL = "bee_customers_event"
_INSERT = (
    insert(Event.__table__)  # type: ignore[arg-type]
    .values({name: bindparam(f"event_{name}") for name in _COLUMNS})
    .returning(func.pg_notify(CHANNEL, ""))
)


def with_event(*changes: Insert | Update | Delete) -> Insert:
    """A statement that makes these changes and inserts their event, in one round trip.

    The parameters of the changes must not begin with `event_`.
    """
    return _INSERT.add_cte(*(change.cte(f"change_{number}") for number, change in enumerate(changes)))


class Outbox:
    """Writes the events of one transaction; knows on whose behalf it runs."""

    def __init__(
        self, transaction: Transaction, *, actor: str, trace_id: str, traceparent: str | None = None
    ) -> None:
        self._transaction = transaction
        self.actor = actor
        self.trace_id = trace_id
        self._traceparent = traceparent

    def add(
        self,
        event_type: str,
        *,
        customer_id: uuid.UUID,
        business_id: uuid.UUID,
        customer_version: int,
        occurred_at: datetime.datetime,
        details: dict[str, Any],
        statement: Insert = _INSERT,
        parameters: dict[str, Any] | None = None,
    ) -> None:
        """Write an event; `details` are JSON values, such as {"changes": {...}} or {"reason": "deleted"}.

        `statement`, made by `with_event`, also makes the change itself, with its `parameters`.
        """
        event = {
            "event_id": uuid_utils.compat.uuid7(),
            "event_type": event_type,
            "event_routing_key": ROUTING_KEYS[event_type],
            "event_customer_id": customer_id,
            "event_customer_version": customer_version,
            "event_payload": orjson.dumps({"business_id": str(business_id), **details}).decode(),
            "event_trace_id": self.trace_id,
            "event_traceparent": self._traceparent,
            "event_actor": self.actor,
            "event_occurred_at": occurred_at,
        }
        self._transaction.run(statement, {**event, **(parameters or {})})
