"""The events that wait: claimed in order, marked when the broker has confirmed them.

Fresh ones, never tried before, go by their sequence. What was refused goes again when its pause is over, the one
that waits longest first, and by a claim of its own: however much is refused, fresh events need not wait for it.

A sequence is given before its transaction commits, so a lower one may come to light after a higher one was
published. Nothing here remembers how far it got: what is unpublished is asked for anew, in pass after pass. For
one customer the order holds all the same, for its sequences are given under the customer's row lock: those behind
an event that comes to light during a pass are higher than any that was there when the pass began.
"""

import dataclasses
import random
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import text
from sqlalchemy.sql.base import Executable

from bee_customers.db.worker_session import WorkerSession
from bee_customers.events import under_way
from bee_customers.events.envelope import NOT_A_CHANGE, EventRow

ATTEMPTS_MOST = 10
_PAUSE_MOST_SECONDS = 300.0
_FIELDS = ", ".join(field.name for field in dataclasses.fields(EventRow)).replace("payload", "payload::text")
_NAMED = "unnest(CAST(:customers AS uuid[]), CAST(:sequences AS bigint[]))"
# Behind a customer's event that was refused its later ones wait until it is published, but not behind one that is
# no change. A subquery that gives a value is run for each row, by the index of what was refused: as NOT EXISTS
# it would be planned as a join, whose cost is the product of what waits and what was refused.
_NOT_HELD_UP = f"""(
    SELECT true FROM event AS refused
    WHERE refused.customer_id = event.customer_id AND refused.sequence < event.sequence
        AND refused.published_at IS NULL AND refused.attempts > 0 AND refused.type <> '{NOT_A_CHANGE}'
    LIMIT 1
) IS NULL"""
_CLAIM = f"""
SELECT {_FIELDS} FROM {{source}}
WHERE published_at IS NULL AND attempts = 0 AND sequence > :after AND sequence <= :last AND {{also}}
    AND {_NOT_HELD_UP}
ORDER BY sequence LIMIT :limit
"""
# Asked before the first claim of a pass. An event that is committed when the pass is beyond it goes with the next
# one, and so must those behind it, which are higher than this.
_LAST = text("SELECT last_value FROM event_sequence_seq")
_CLAIM_ANY = text(_CLAIM.format(source="event", also="true"))
_CLAIM_DUE = text(f"""
SELECT {_FIELDS} FROM event
WHERE published_at IS NULL AND attempts > 0 AND quarantined_at IS NULL AND next_attempt_at <= now()
    AND {_NOT_HELD_UP}
ORDER BY next_attempt_at LIMIT :limit
""")
_CLAIM_NOT_IN_FALLBACK = text(_CLAIM.format(source="event", also="fallback_id IS NULL"))
# Not one whose earlier event is left out of the names, and would be overtaken.
_IS_FIRST = """NOT EXISTS (
        SELECT FROM event AS earlier
        WHERE earlier.customer_id = event.customer_id AND earlier.sequence < event.sequence
            AND earlier.published_at IS NULL
            AND (earlier.customer_id, earlier.sequence) NOT IN (SELECT * FROM named)
    )"""
_CLAIM_NAMED = text(
    f"WITH named AS (SELECT * FROM {_NAMED} AS told (customer_id, sequence))"
    + _CLAIM.format(source="event JOIN named USING (customer_id, sequence)", also=_IS_FIRST)
)
_CHECK = text("SELECT 1")
_MARK_PUBLISHED = text(f"""
UPDATE event SET published_at = now(), last_error = NULL, fallback_id = NULL
FROM {_NAMED} AS told (customer_id, sequence)
WHERE event.customer_id = told.customer_id AND event.sequence = told.sequence
""")
_MARK_REFUSED = text("""
UPDATE event SET attempts = attempts + 1, last_error = told.reason, fallback_id = NULL,
    next_attempt_at = now() + told.pause * interval '1 second',
    quarantined_at = CASE WHEN attempts + 1 >= :attempts_most THEN now() END
FROM unnest(CAST(:customers AS uuid[]), CAST(:sequences AS bigint[]), CAST(:reasons AS text[]),
    CAST(:pauses AS float8[])) AS told (customer_id, sequence, reason, pause)
WHERE event.customer_id = told.customer_id AND event.sequence = told.sequence
""")
_MARK_IN_FALLBACK = text("""
UPDATE event SET fallback_id = told.fallback_id
FROM unnest(CAST(:customers AS uuid[]), CAST(:sequences AS bigint[]), CAST(:fallback_ids AS text[]))
    AS told (customer_id, sequence, fallback_id)
WHERE event.customer_id = told.customer_id AND event.sequence = told.sequence
""")
_FORGET_FALLBACK = text(
    "UPDATE event SET fallback_id = NULL WHERE published_at IS NULL AND attempts = 0 AND fallback_id IS NOT NULL"
)

Key = tuple[str, int]


class Backlog:
    """On the session of the relay that leads."""

    def __init__(self, session: WorkerSession, attempts_most: int = ATTEMPTS_MOST) -> None:
        self._session = session
        self._attempts_most = attempts_most
        self._last = 0

    def under_way(self) -> AbstractContextManager[None]:
        """Around all that is done with rows between their claim and their marks; see `under_way.wait`."""
        return self._session.sharing(under_way.LOCK)

    def check_session(self) -> None:
        """Raises DatabaseUnavailable where the session broke, and what is under way is kept from nobody."""
        self._session.run(_CHECK)

    def claim(self, limit: int, after: int = 0) -> list[EventRow]:
        """The first fresh events above a sequence; without a sequence, a new pass begins."""
        return self._claim(_CLAIM_ANY, limit=limit, after=after)

    def claim_due(self, limit: int) -> list[EventRow]:
        """Those that were refused and may be tried again now: those due the longest, by their sequence."""
        rows = self._session.run(_CLAIM_DUE, {"limit": limit})
        return sorted((EventRow(*row) for row in rows), key=lambda row: row.sequence)

    def claim_for_fallback(self, limit: int, after: int = 0) -> list[EventRow]:
        """Fresh ones as well, without those that the fallback queue holds."""
        return self._claim(_CLAIM_NOT_IN_FALLBACK, limit=limit, after=after)

    def claim_named(self, keys: Sequence[Key]) -> list[EventRow]:
        """The fresh ones of these keys that may go out now."""
        return self._claim(_CLAIM_NAMED, limit=len(keys), after=0, **_columns(keys))

    def mark_published(self, rows: Collection[EventRow]) -> None:
        if rows:
            self._session.run(_MARK_PUBLISHED, _columns(_keys(rows)))

    def mark_refused(self, reasons: Mapping[EventRow, str]) -> int:
        """Let them wait a while, longer with each attempt, and after the last one for an operator.

        Returns how many of them now wait for an operator.
        """
        if reasons:
            pauses = [_pause_after(row.attempts + 1) for row in reasons]
            told = {"reasons": list(reasons.values()), "pauses": pauses, "attempts_most": self._attempts_most}
            self._session.run(_MARK_REFUSED, {**_columns(_keys(reasons)), **told})
        return sum(row.attempts + 1 >= self._attempts_most for row in reasons)

    def mark_in_fallback(self, rows: Sequence[EventRow], fallback_ids: Sequence[str]) -> None:
        self._session.run(_MARK_IN_FALLBACK, {**_columns(_keys(rows)), "fallback_ids": list(fallback_ids)})

    def forget_fallback(self) -> None:
        """Nothing is in the fallback queue any more."""
        self._session.run(_FORGET_FALLBACK)

    def _claim(self, statement: Executable, *, after: int, **parameters: object) -> list[EventRow]:
        if not after:
            self._last = self._session.run(_LAST)[0][0]
        rows = self._session.run(statement, {"after": after, "last": self._last, **parameters})
        return [EventRow(*row) for row in rows]


def _pause_after(attempts: int) -> float:
    """In seconds: one, two, four, ... up to five minutes, and up to a fifth more or less."""
    return min(_PAUSE_MOST_SECONDS, 2.0 ** (attempts - 1)) * random.uniform(0.8, 1.2)  # noqa: S311


def _keys(rows: Collection[EventRow]) -> list[Key]:
    return [(str(row.customer_id), row.sequence) for row in rows]


def _columns(keys: Sequence[Key]) -> dict[str, list[object]]:
    return {"customers": [customer for customer, _ in keys], "sequences": [sequence for _, sequence in keys]}
