"""What operators ask of events on their way: how many wait, try these again, publish those once more."""

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.statements import Rows
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.events.envelope import NOT_A_CHANGE
from bee_customers.events.outbox import CHANNEL
from bee_customers.services.access import array_of

T = TypeVar("T")
_BATCH = 5000
# By the two indexes of what waits: they are told by the attempts. What a replay begins with was never refused.
_WAITING = text("""
SELECT count(*), COALESCE(extract(epoch FROM now() - min(occurred_at)), 0)::float8,
    count(*) FILTER (WHERE attempts > 0 AND quarantined_at IS NULL AND last_error IS NOT NULL),
    count(quarantined_at), count(fallback_id)
FROM event WHERE published_at IS NULL AND (attempts = 0 OR attempts > 0)
""")
_QUARANTINED = text("""
SELECT id::text, type, customer_id::text, customer_version, attempts, quarantined_at, last_error FROM event
WHERE published_at IS NULL AND attempts > 0 AND quarantined_at IS NOT NULL
ORDER BY sequence LIMIT :row_limit
""")
_QUARANTINED_FIELDS = ("id", "type", "customer_id", "customer_version", "attempts", "quarantined_at", "last_error")
# Not to no attempts at all: a relay in the midst of its pass must still see that the customer's later events wait.
_RELEASE = """
UPDATE event SET attempts = 1, next_attempt_at = now(), quarantined_at = NULL
WHERE published_at IS NULL AND attempts > 0 AND {chosen}
"""
_RELEASE_ALL = text(_RELEASE.format(chosen="true"))
_RELEASE_OF_CUSTOMER = text(_RELEASE.format(chosen="customer_id = CAST(:customer_id AS uuid)"))
_RELEASE_NAMED = text(_RELEASE.format(chosen="id = ANY(CAST(:events AS uuid[]))") + "RETURNING id::text")
_CHOSEN = """
published_at IS NOT NULL AND occurred_at >= COALESCE(CAST(:since AS timestamptz), '-infinity')
    AND (CAST(:customer_id AS uuid) IS NULL OR customer_id = CAST(:customer_id AS uuid))
"""
_COUNT = text(f"SELECT count(*), COALESCE(max(sequence), 0) FROM event WHERE {_CHOSEN}")
# Whole customers at once. A relay in the midst of its pass would else take those above where it is and leave those
# below for the next one. So a customer's first change goes as one that is due, and the later ones wait behind it.
_UNPUBLISH = text(f"""
WITH customers AS (
    SELECT customer_id FROM event WHERE {_CHOSEN} AND sequence <= :last AND customer_id > CAST(:after AS uuid)
    ORDER BY customer_id LIMIT {_BATCH}
), batch AS (
    SELECT customer_id, sequence,
        min(sequence) FILTER (WHERE type <> '{NOT_A_CHANGE}') OVER (PARTITION BY customer_id) AS first
    FROM event
    WHERE {_CHOSEN} AND sequence <= :last AND customer_id > CAST(:after AS uuid)
        AND customer_id <= (SELECT customer_id FROM customers ORDER BY customer_id DESC LIMIT 1)
), unpublished AS (
    UPDATE event SET published_at = NULL, is_held_up = COALESCE(event.sequence > first, false),
        attempts = CASE WHEN event.sequence = first THEN 1 ELSE 0 END,
        next_attempt_at = CASE WHEN event.sequence = first THEN now() END
    FROM batch WHERE event.customer_id = batch.customer_id AND event.sequence = batch.sequence
)
SELECT customer_id::text, count(*) OVER () FROM batch ORDER BY batch.customer_id DESC LIMIT 1
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


def release(database: Database, customer_id: uuid.UUID | None = None) -> int:
    """Let refused and quarantined events be tried again now, all or those of a customer. Returns how many."""
    statement = _RELEASE_OF_CUSTOMER if customer_id else _RELEASE_ALL
    named = {"customer_id": str(customer_id)} if customer_id else {}
    return transact(database, lambda unit: _and_wake(unit, unit.transaction.run(statement, named).count))


def release_named(database: Database, events: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The same of these events. Returns which of them; the others were not refused, or are not there."""
    named = {"events": array_of(events)}
    rows = transact(database, lambda unit: _and_wake(unit, unit.transaction.run(_RELEASE_NAMED, named).rows))
    return {uuid.UUID(row[0]) for row in rows}


@dataclasses.dataclass(frozen=True)
class Replay:
    """Published events, from a time on or of one customer, to be published once more."""

    since: datetime.datetime | None = None
    customer_id: uuid.UUID | None = None

    def count(self, database: Database) -> int:
        return int(database.read(_COUNT, self._chosen())[0][0])

    def run(self, database: Database) -> Iterator[int]:
        """Give them to the relay again, batch by batch; tells of each how many it had.

        A customer's go together, and arrive in their order. What is published while this runs is not replayed.
        """
        last = database.read(_COUNT, self._chosen())[0][1]
        after = str(uuid.UUID(int=0))
        while rows := _unpublish(database, {**self._chosen(), "last": last, "after": after}):
            after, count = rows[0]
            yield count

    def _chosen(self) -> dict[str, Any]:
        return {"since": self.since, "customer_id": str(self.customer_id) if self.customer_id else None}


def _unpublish(database: Database, parameters: dict[str, Any]) -> Rows:
    return transact(database, lambda unit: _and_wake(unit, unit.transaction.run(_UNPUBLISH, parameters).rows))


def _and_wake(unit: UnitOfWork, result: T) -> T:
    unit.transaction.run(_WAKE, {"channel": CHANNEL})
    return result
