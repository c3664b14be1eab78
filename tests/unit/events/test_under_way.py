"""Whoever destroys values of events waits for those that a relay has in its hands."""

import contextlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.errors import DatabaseUnavailable, EventsUnderWay
from bee_customers.events import under_way
from bee_customers.events.delivery import Delivery
from bee_customers.events.detour import Detour
from bee_customers.events.envelope import compose
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.publisher import Outcome
from bee_customers.events.relay import Relay
from tests.servers import wait_until
from tests.stored_events import store, waiting

ANA = uuid.UUID(int=1)
WAITING = text("SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'advisory'")


class Slow:
    """A broker, and a queue in Redis, that take what they are sent when they are told to."""

    length_most = 100

    def __init__(self):
        self.has_it, self.may_end, self.sent = threading.Event(), threading.Event(), []

    def publish(self, messages):
        self._take(messages)
        return Outcome(frozenset(message.event_id for message in messages), {})

    def append(self, rows, messages):
        self._take(messages)
        return [f"{row.sequence}-0" for row in rows]

    def first(self, count):
        return []

    def depth(self):
        return len(self.sent)

    def close(self):
        pass

    def _take(self, messages):
        self.has_it.set()
        assert self.may_end.wait(20)
        self.sent += messages


@pytest.fixture
def slow():
    made = Slow()
    yield made
    made.may_end.set()


@contextlib.contextmanager
def in_a_thread(work):
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(work)


def check_waited_for(database, slow):
    """`wait` must not return before what was claimed has arrived and is marked."""
    with in_a_thread(lambda: under_way.wait(database)) as waiter:
        wait_until(lambda: waiter.done() or bool(database.read(WAITING)), 10, "somebody to wait")
        assert not waiter.done()
        assert slow.sent == []
        slow.may_end.set()
        waiter.result(20)
    assert len(slow.sent) == 1


def test_without_a_relay_nothing_is_waited_for(committing_database):
    under_way.wait(committing_database)


def test_what_goes_to_the_broker_is_waited_for(committing_database, slow, stop):
    store(committing_database, ANA)
    relay = Relay(committing_database, slow, compose)
    with in_a_thread(lambda: relay.run(stop)) as running:
        assert slow.has_it.wait(10)
        check_waited_for(committing_database, slow)
        assert waiting(committing_database) == []
        stop.set()
        running.result(20)


@pytest.fixture
def detour(backlog, slow):
    return Detour(slow, backlog, Delivery(backlog, slow, compose, RelayMetrics()))


def test_what_goes_into_the_fallback_queue_is_waited_for(committing_database, detour, slow, stop):
    store(committing_database, ANA)
    with in_a_thread(lambda: detour.leave(stop)) as leaving:
        assert slow.has_it.wait(10)
        check_waited_for(committing_database, slow)
        leaving.result(20)


def test_what_comes_out_of_the_fallback_queue_is_waited_for(committing_database, detour, slow, stop, monkeypatch):
    sequence = store(committing_database, ANA)
    entries = [[("1-0", (str(ANA), sequence))], []]
    monkeypatch.setattr(slow, "first", lambda count: entries.pop(0))
    monkeypatch.setattr(slow, "remove", lambda identifiers: None, raising=False)
    with in_a_thread(lambda: detour.come_back(stop)) as coming:
        assert slow.has_it.wait(10)
        check_waited_for(committing_database, slow)
        assert coming.result(20) == 1


def test_a_relay_that_fails_in_the_midst_holds_nobody_up(committing_database, backlog):
    with pytest.raises(ZeroDivisionError), backlog.under_way():
        _ = 1 / 0
    under_way.wait(committing_database)


def test_a_relay_that_takes_too_long_is_not_waited_for_any_longer(committing_database, backlog, monkeypatch):
    monkeypatch.setattr(under_way, "_BE_PATIENT", text("SET LOCAL lock_timeout = '50ms'"))
    with backlog.under_way(), pytest.raises(EventsUnderWay):
        under_way.wait(committing_database)


def test_a_database_that_is_away_is_not_taken_for_a_slow_relay():
    with pytest.raises(DatabaseUnavailable):
        under_way.wait(Database("postgresql://nobody@127.0.0.1:1/nowhere"))
