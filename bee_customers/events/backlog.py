"""The events that wait: claimed in order, marked when the broker has confirmed them.

Fresh ones, never tried before, go by their sequence. What was refused goes again when its pause is over, the one
that waits longest first, and by a claim of its own: however much is refused, fresh events need not wait for it.

A sequence is given before its transaction commits, so a lower one may come to light after a higher one was
published. Nothing here remembers how far it got: what is unpublished is asked for anew, in pass after pass. For
one customer the order holds all the same, for its sequences are given under the customer's row lock: those behind
an event that comes to light during a pass are higher than any that was there when the pass began.

What a claim meets behind a refused event is marked, and not met again: a claim costs what may be taken, however
much is held up. The mark goes with the refused event. Who leads sets it and takes it off; a replay sets it too.
"""

import random
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from sqlalchemy.sql.base import Executable

from bee_customers.db.worker_session import WorkerSession
from bee_customers.events import backlog_sql as sql
from bee_customers.events import under_way
from bee_customers.events.envelope import EventRow

ATTEMPTS_MOST = 10
_PAUSE_MOST_SECONDS = 300.0
# How many rows a claim meets at least: those held up have to be met once.
_STEP = 500
Key = tuple[str, int]


class Backlog:
    """On the session of the relay that leads."""

    def __init__(self, session: WorkerSession, attempts_most: int = ATTEMPTS_MOST) -> None:
        self._session = session
        self._attempts_most = attempts_most
        self._last = 0
        self._checked: Key | None = (str(uuid.UUID(int=0)), 0)
        # whether the latest claim of fresh events met the last of those that wait
        self.is_at_end = True

    def under_way(self) -> AbstractContextManager[None]:
        """Around all that is done with rows between their claim and their marks; see `under_way.wait`."""
        return self._session.sharing(under_way.LOCK)

    def check_session(self) -> None:
        """Raises DatabaseUnavailable where the session broke, and what is under way is kept from nobody."""
        self._session.run(sql.CHECK)

    def claim(self, limit: int, after: int = 0) -> list[EventRow]:
        """The first fresh events above a sequence; without a sequence, a new pass begins.

        Where many are held up these may be few or none, although others follow: see `is_at_end`.
        """
        return self._claim(sql.MEET_ANY, limit, after)

    def claim_due(self, limit: int) -> list[EventRow]:
        """Those that were refused and may be tried again now: those due the longest, by their sequence."""
        rows = self._session.run(sql.CLAIM_DUE, {"limit": limit})
        return sorted((EventRow(*row) for row in rows), key=lambda row: row.sequence)

    def claim_for_fallback(self, limit: int, after: int = 0) -> list[EventRow]:
        """Fresh ones as well, without those that the fallback queue holds."""
        return self._claim(sql.MEET_NOT_IN_FALLBACK, limit, after)

    def claim_named(self, keys: Sequence[Key]) -> list[EventRow]:
        """The fresh ones of these keys that may go out now."""
        self._begin_pass()
        parameters = {"after": 0, "last": self._last, **_columns(keys)}
        return [EventRow(*row) for row in self._session.run(sql.CLAIM_NAMED, parameters)]

    def mark_published(self, rows: Collection[EventRow]) -> None:
        if rows:
            # first: a relay that is killed in between leaves marks that are missing, which do no harm
            self._free(str(row.customer_id) for row in rows if row.attempts)
            self._session.run(sql.MARK_PUBLISHED, _columns(_keys(rows)))

    def mark_refused(self, reasons: Mapping[EventRow, str]) -> int:
        """Let them wait a while, longer with each attempt, and after the last one for an operator.

        Returns how many of them now wait for an operator.
        """
        if reasons:
            pauses = [_pause_after(row.attempts + 1) for row in reasons]
            told = {"reasons": list(reasons.values()), "pauses": pauses, "attempts_most": self._attempts_most}
            self._session.run(sql.MARK_REFUSED, {**_columns(_keys(reasons)), **told})
        return sum(row.attempts + 1 >= self._attempts_most for row in reasons)

    def mark_in_fallback(self, rows: Sequence[EventRow], fallback_ids: Sequence[str]) -> None:
        self._session.run(sql.MARK_IN_FALLBACK, {**_columns(_keys(rows)), "fallback_ids": list(fallback_ids)})

    def forget_fallback(self) -> None:
        """Nothing is in the fallback queue any more."""
        self._session.run(sql.FORGET_FALLBACK)

    def check_marks(self) -> None:
        """Take off marks that another version left: it may have published without doing it.

        Looks through all of them once, some at each call. Until then they hold up what is behind them, no more.
        """
        if self._checked is None:
            return
        parameters = {"customer": self._checked[0], "sequence": self._checked[1]}
        rows = self._session.run(sql.MARKED_FOR_NOTHING, parameters)
        self._free(customer for customer, _, is_for_nothing in rows if is_for_nothing)
        self._checked = (rows[-1][0], rows[-1][1]) if rows else None

    def _claim(self, statement: Executable, limit: int, after: int) -> list[EventRow]:
        if not after:
            self._begin_pass()
        step = max(limit, _STEP)
        met = self._session.run(statement, {"after": after, "last": self._last, "limit": step})
        rows = [EventRow(*fields) for *fields, is_next in met if is_next]
        self._mark_held_up([EventRow(*fields) for *fields, is_next in met if not is_next])
        self.is_at_end = len(met) < step and len(rows) <= limit
        return rows[:limit]

    def _begin_pass(self) -> None:
        self._last = self._session.run(sql.LAST)[0][0]

    def _mark_held_up(self, rows: Collection[EventRow]) -> None:
        if rows:
            self._session.run(sql.MARK_HELD_UP, _columns(_keys(rows)))

    def _free(self, customers: Iterable[str]) -> None:
        """What waits behind an event of theirs that waits no more, or soon will not."""
        if named := sorted(set(customers)):
            self._session.run(sql.FREE, {"customers": named})


def _pause_after(attempts: int) -> float:
    """In seconds: one, two, four, ... up to five minutes, and up to a fifth more or less."""
    return min(_PAUSE_MOST_SECONDS, 2.0 ** (attempts - 1)) * random.uniform(0.8, 1.2)  # noqa: S311


def _keys(rows: Collection[EventRow]) -> list[Key]:
    return [(str(row.customer_id), row.sequence) for row in rows]


def _columns(keys: Sequence[Key]) -> dict[str, list[object]]:
    return {"customers": [customer for customer, _ in keys], "sequences": [sequence for _, sequence in keys]}
