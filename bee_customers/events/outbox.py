"""The transactional outbox: an event is a row, written in the transaction of the change it tells of."""

import datetime
import uuid
from typing import Any

import orjson
import uuid_utils.compat
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bee_customers.db.statements import run
from bee_customers.models import Event

CREATED = "CustomerCreatedEvent"
UPDATED = "CustomerUpdatedEvent"
DELETED = "CustomerDeletedEvent"
ROUTING_KEYS = {
    CREATED: "customers.created",
    UPDATED: "customers.updated",
    DELETED: "customers.deleted",
}
_INSERT = insert(Event.__table__)  # type: ignore[arg-type]
_COLUMNS = (
    "id",
    "type",
    "routing_key",
    "customer_id",
    "customer_version",
    "payload",
    "trace_id",
    "actor",
    "occurred_at",
)


class Outbox:
    """Writes the events of one transaction; knows on whose behalf it runs."""

    def __init__(self, session: Session, *, actor: str, trace_id: str) -> None:
        self._session = session
        self._actor = actor
        self._trace_id = trace_id

    def add(
        self,
        event_type: str,
        *,
        customer_id: uuid.UUID,
        business_id: uuid.UUID,
        customer_version: int,
        occurred_at: datetime.datetime,
        details: dict[str, Any],
    ) -> None:
        """Stage an event; `details` are JSON values, such as {"changes": {...}} or {"reason": "deleted"}."""
        run(
            self._session,
            _INSERT,
            {
                "id": uuid_utils.compat.uuid7(),
                "type": event_type,
                "routing_key": ROUTING_KEYS[event_type],
                "customer_id": customer_id,
                "customer_version": customer_version,
                "payload": orjson.dumps({"business_id": str(business_id), **details}).decode(),
                "trace_id": self._trace_id,
                "actor": self._actor,
                "occurred_at": occurred_at,
            },
            _COLUMNS,
        )
