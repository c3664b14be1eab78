"""What operators ask of events on their way: how many wait, try these again, publish those once more."""

import dataclasses
import datetime
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.statements import Rows
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.events.outbox import CHANNEL
from bee_customers.services.access import array_of

T = TypeVar("T")
_BATCH = 5000
# By the two indexes of what waits: they are told by the attempts.
_WAITING = text("""
SELECT count(*), COALESCE(extract(epoch FROM now() - min(occurred_at)), 0)::float8,
    count(*) FILTER (WHERE attempts > 0 AND quarantined_at IS NULL), count(quarantined_at), count(fallback_id)
FROM event WHERE published_at IS NULL AND (attempts = 0 OR attempts > 0)
""")
_QUARANTINED = text("""
SELECT id::text, type, customer_id::text, customer_version, attempts, quarantined_at, last_error FROM event
WHERE published_at IS NULL AND attempts > 0 AND quarantined_at IS NOT NULL
ORDER BY sequence LIMIT :row_limit
""")
_QUARANTINED_FIELDS = ("id", "type", "customer_id", "customer_version", "attempts", "quarantined_at", "last_error")
# Not to no attempts at all: a relay in the midst of its pass must still see that the customer's later events wait.
_RELEASE = text("""
UPDATE event SET attempts = 1, next_attempt_at = now(), quarantined_at = NULL
WHERE published_at IS NULL AND attempts > 0
    AND (:is_all OR id = ANY(CAST(:events AS uuid[])) OR customer_id = CAST(:customer_id AS uuid))
""")
_CHOSEN = """
published_at IS NOT NULL AND occurred_at >= COALESCE(CAST(:since AS timestamptz), '-infinity')
    AND (CAST(:customer_id AS uuid) IS NULL OR customer_id = CAST(:customer_id AS uuid))
"""
_COUNT = text(f"SELECT count(*), COALESCE(max(sequence), 0) FROM event WHERE {_CHOSEN}")
# In the order of the primary key: however it is cut into batches, a customer's earlier events come first.
_UNPUBLISH = text(f"""
WITH batch AS (
    SELECT customer_id, sequence FROM event
    WHERE {_CHOSEN} AND sequence <= :last
        AND (customer_id, sequence) > (CAST(:after_customer AS uuid), :after_sequence)
    ORDER BY customer_id, sequence LIMIT {_BATCH}
), unpublished AS (
    UPDATE event SET published_at = NULL, attempts = 0, next_attempt_at = NULL FROM batch
    WHERE event.customer_id = batch.customer_id AND event.sequence = batch.sequence
)
SELECT customer_id::text, sequence, count(*) OVER () FROM batch
ORDER BY batch.customer_id DESC, sequence DESC LIMIT 1
""")
_WAKE = text("SELECT pg_notify(:channel, '')")


@dataclasses.dataclass(frozen=True)
class Waiting:
    """Of events that are not published: how many, the age of the oldest in seconds, and what they wait for.

    `refused` wait for another attempt, `quarantined` for an operator, `in_fallback` for the broker to come back.
    """

    backlog: int
    oldest_seconds: float
    refused: int
    quarantined: int
    in_fallback: int


def waiting(database: Database) -> Waiting:
    return Waiting(*database.read(_WAITING)[0])


def quarantined(database: Database, limit: int) -> list[dict[str, Any]]:
    """Those that were set aside, the oldest first."""
    rows = database.read(_QUARANTINED, {"row_limit": limit})
    return [dict(zip(_QUARANTINED_FIELDS, row, strict=True)) for row in rows]


def release(database: Database, *, events: Sequence[uuid.UUID] = (), customer_id: uuid.UUID | None = None) -> int:
    """Let refused and quarantined events be tried again now; all of them when none are named. Returns how many."""
    named = {
        "is_all": not events and customer_id is None,
        "events": array_of(events),
        "customer_id": str(customer_id) if customer_id else None,
    }
    return transact(database, lambda unit: _and_wake(unit, unit.transaction.run(_RELEASE, named).count))


@dataclasses.dataclass(frozen=True)
class Replay:
    """Published events, from a time on or of one customer, to be published once more."""

    since: datetime.datetime | None = None
    customer_id: uuid.UUID | None = None

    def count(self, database: Database) -> int:
        return int(database.read(_COUNT, self._chosen())[0][0])

    def run(self, database: Database) -> Iterator[int]:
        """Give them to the relay again, batch by batch; tells of each how many it had.

        What is published while this runs is not replayed.
        """
        last = database.read(_COUNT, self._chosen())[0][1]
        position = {"after_customer": str(uuid.UUID(int=0)), "after_sequence": 0}
        while rows := _unpublish(database, {**self._chosen(), "last": last, **position}):
            customer, sequence, count = rows[0]
            position = {"after_customer": customer, "after_sequence": sequence}
            yield count

    def _chosen(self) -> dict[str, Any]:
        return {"since": self.since, "customer_id": str(self.customer_id) if self.customer_id else None}


def _unpublish(database: Database, parameters: dict[str, Any]) -> Rows:
    return transact(database, lambda unit: _and_wake(unit, unit.transaction.run(_UNPUBLISH, parameters).rows))


def _and_wake(unit: UnitOfWork, result: T) -> T:
    unit.transaction.run(_WAKE, {"channel": CHANNEL})
    return result
