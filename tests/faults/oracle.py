"""What holds of events whatever broke: those that committed are those that arrive, each customer's in order."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import text

from bee_customers.db.engine import Database
from tests.faults.inbox import Arrival, Inbox

_EVENTS = text(
    "SELECT id, customer_id, customer_version, published_at IS NOT NULL, quarantined_at IS NOT NULL"
    " FROM event ORDER BY sequence"
)
_WAITING = text("SELECT count(*) FROM event WHERE published_at IS NULL")
_PUBLISHED = text("SELECT count(*) FROM event WHERE published_at IS NOT NULL")


class Oracle:
    """Asks the table for what was committed and marked, and the queue for what arrived."""

    def __init__(self, database: Database, inbox: Inbox) -> None:
        self._database = database
        self._inbox = inbox

    @property
    def waiting(self) -> int:
        """How many events are not marked as published."""
        return int(self._database.read(_WAITING)[0][0])

    @property
    def published(self) -> int:
        return int(self._database.read(_PUBLISHED)[0][0])

    def check_kept(self) -> None:
        """At any moment: what is marked as published did arrive, and nothing did that was never committed."""
        events = self._database.read(_EVENTS)
        arrived = {arrival.event_id for arrival in self._inbox.read()}
        lost = {id_ for id_, _, _, is_published, _ in events if is_published} - arrived
        assert not lost, f"{len(lost)} events are marked as published and never arrived"
        invented = arrived - {event[0] for event in events}
        assert not invented, f"{len(invented)} events arrived that never committed"
        _check_bodies(self._inbox.arrivals)
        _check_order(events, self._inbox.arrivals)

    def check_finished(self) -> None:
        """When a relay has ended politely: what arrived is marked, to the last event."""
        self.check_kept()
        marked = {event[0] for event in self._database.read(_EVENTS) if event[3]}
        assert {arrival.event_id for arrival in self._inbox.arrivals} == marked

    def check(self, *, quarantined: Collection[uuid.UUID] = (), behind: Collection[uuid.UUID] = ()) -> None:
        """At the end: all arrived and are marked, but for those set aside and those that wait behind them."""
        self.check_kept()
        events = self._database.read(_EVENTS)
        assert {event[0] for event in events if event[4]} == set(quarantined)
        held = {*quarantined, *behind}
        assert {id_ for id_, _, _, is_published, _ in events if not is_published} == held
        assert {arrival.event_id for arrival in self._inbox.arrivals} == {event[0] for event in events} - held


def _check_bodies(arrivals: Iterable[Arrival]) -> None:
    bodies: dict[uuid.UUID, bytes] = {}
    for arrival in arrivals:
        assert bodies.setdefault(arrival.event_id, arrival.body) == arrival.body, "a duplicate says something else"


def _check_order(events: Iterable[tuple[Any, ...]], arrivals: Iterable[Arrival]) -> None:
    """A customer's events first arrive in the order of its versions, and none before those it builds upon."""
    committed: dict[uuid.UUID, list[int]] = defaultdict(list)
    for _, customer_id, version, *_ in events:
        committed[customer_id].append(version)
    arrived: dict[uuid.UUID, dict[int, None]] = defaultdict(dict)
    for arrival in arrivals:
        arrived[arrival.customer_id].setdefault(arrival.version)
    for customer_id, versions in arrived.items():
        expected = committed[customer_id]
        assert expected == sorted(set(expected)), "versions of a customer are committed in order"
        assert list(versions) == expected[: len(versions)], f"customer {customer_id} arrived out of order"
