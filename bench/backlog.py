"""What a long table costs the relay: the time of a claim behind much that is published, and its memory."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bee_customers.events.backlog import Backlog
from bee_customers.events.delivery import WINDOW_MOST
from bench import relays, waiting
from bench.broker import Broker, taking_all
from bench.data import connected
from bench.event_outcome import Level
from bench.memory import resident_mebibytes
from bench.outcome import Duration
from bench.processes import WEB_CORE, ProcessFailed
from bench.times import Action, take_turns

_WAITING = 10_000
_CLAIM_BOUND = 1.3
_MEMORY_BOUND = 120
_GROWTH_BOUND = 1.1
_PAUSE_SECONDS = 0.02


def all_of(
    server: str, broker: Broker, directory: Path, events: int, drain_seconds: int, claim_seconds: int
) -> Iterator[Level | Duration]:
    """Of two databases: in one all those events are published in the end, in the other there never were any."""
    with waiting.database(server, "events_behind") as behind, waiting.database(server, "events_none") as none:
        yield _memory(behind, broker, directory, events, drain_seconds)
        yield from _claims(behind, none, claim_seconds)


def _memory(database: str, broker: Broker, directory: Path, events: int, seconds: int) -> Level:
    """While all those wait: from the start of the process until the last is published, so many seconds at most."""
    with connected(database) as cursor, taking_all(broker) as queue:
        waiting.write(cursor, events)
        with relays.started(database, broker, directory, core=WEB_CORE) as process:
            halves = _most_in_halves(process.pid, cursor, seconds)
        published = events - waiting.left(cursor)
        queue.purge()
    return Level(f"with {events:,} that wait", published, *halves, _MEMORY_BOUND, _GROWTH_BOUND)


def _most_in_halves(pid: int, cursor: Any, seconds: int) -> tuple[float, float]:
    samples: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end and not relays.is_last_published(cursor):
        samples.append(resident_mebibytes(pid))
        time.sleep(_PAUSE_SECONDS)
    middle = len(samples) // 2
    return max(samples[:middle]), max(samples[middle:])


def _claims(behind: str, none: str, seconds: int) -> Iterator[Duration]:
    """By turns, before the table is vacuumed and after."""
    with contextlib.ExitStack() as stack:
        cursor = stack.enter_context(connected(behind))
        few = stack.enter_context(connected(none))
        highest = _publish_all(cursor)
        for each in (cursor, few):
            waiting.write(each, _WAITING, first=highest)
            each.execute("ANALYZE event")
        backlogs = [stack.enter_context(waiting.claiming(url)) for url in (behind, none)]
        for when, bound in (("before VACUUM", None), ("after VACUUM", _CLAIM_BOUND)):
            yield from _claims_of(backlogs, highest, when, bound, seconds)
            cursor.execute("VACUUM event")


def _claims_of(
    backlogs: list[Backlog], published: int, when: str, bound: float | None, seconds: int
) -> Iterator[Duration]:
    own, other = map(_claim, backlogs)
    name = f"claim, {published:,} published / none, {when}"
    yield Duration(name, *take_turns(own, other, seconds / 2), bound)


def _claim(backlog: Backlog) -> Action:
    def claim() -> None:
        if len(backlog.claim(WINDOW_MOST)) < WINDOW_MOST:
            raise ProcessFailed("a claim found too little")

    return claim


def _publish_all(cursor: Any) -> int:
    """Marked as the relay marks: the index keeps what it held until the table is vacuumed, by us alone."""
    cursor.execute("ALTER TABLE event SET (autovacuum_enabled = off)")
    cursor.execute("UPDATE event SET published_at = now() WHERE published_at IS NULL")
    cursor.execute("SELECT max(sequence) FROM event")
    return int(cursor.fetchone()[0])
