"""The relay at work on a real PostgreSQL, with a broker that does as it is told."""

import contextlib
import datetime
import logging
import threading
import time
import uuid

import pytest

from bee_customers.db.locks import only_one
from bee_customers.errors import (
    BrokerUnavailable,
    DatabaseConnectionLost,
    DatabaseUnavailable,
    TransactionConflict,
)
from bee_customers.events import backlog, delivery, outbox, relay
from bee_customers.events.backlog import Backlog
from bee_customers.events.envelope import compose
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.publisher import Outcome
from bee_customers.events.relay import LOCK, Relay
from bee_customers.events.stopping import StopSignal
from tests.outgoing import BUSINESS
from tests.servers import wait_until
from tests.stored_events import column, store, waiting

ANA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)


class Broker:
    """A publisher that confirms all, refuses all, or is away."""

    def __init__(self):
        self.taken, self.asked, self.unwanted = [], 0, set()
        self.is_away = self.is_refusing = self.is_closed = False

    def publish(self, messages):
        self.asked += 1
        ids = [message.event_id for message in messages]
        if self.is_away:
            return Outcome(frozenset(), {}, BrokerUnavailable("lost", "gone"))
        refused = set(ids) if self.is_refusing else self.unwanted.intersection(ids)
        taken = [each for each in ids if each not in refused]
        self.taken += taken
        return Outcome(frozenset(taken), dict.fromkeys(refused, "no queue"))

    def close(self):
        self.is_closed = True


@pytest.fixture
def broker():
    return Broker()


@contextlib.contextmanager
def at_work(database, broker, **options):
    stop = StopSignal()
    made = Relay(database, broker, compose, **options)
    thread = threading.Thread(target=made.run, args=(stop,))
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()
        stop.close()


def until(condition, what="the relay"):
    wait_until(condition, 10, what)


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(f"bee_customers_events_{name}", labels)


def test_what_waits_is_published_and_so_is_what_comes(committing_database, broker):
    numbers = [store(committing_database, ANA), store(committing_database, BEN)]
    with at_work(committing_database, broker):
        until(lambda: not waiting(committing_database))
        numbers.append(store(committing_database, ANA))
        until(lambda: not waiting(committing_database))
    ids = column(committing_database, "id")
    assert broker.taken == [ids[number] for number in numbers]


def test_a_commit_wakes_it(committing_database, broker, monkeypatch):
    monkeypatch.setattr(relay, "_POLL_SECONDS", 60)
    metrics = RelayMetrics()
    with at_work(committing_database, broker, metrics=metrics):
        until(lambda: value(metrics, "relay_leader") == 1)
        time.sleep(0.1)  # asleep by now
        transaction = committing_database.transaction()
        add_by_outbox(transaction)
        time.sleep(0.1)
        assert broker.taken == []
        transaction.commit()
        until(lambda: broker.taken)


def add_by_outbox(transaction):
    outbox.Outbox(transaction, actor="ana", trace_id="t").add(
        outbox.CREATED,
        customer_id=ANA,
        business_id=BUSINESS,
        customer_version=1,
        occurred_at=datetime.datetime.now(datetime.UTC),
        details={"changes": {}},
    )


def test_one_leads_and_another_takes_over(committing_database):
    first, second = Broker(), Broker()
    metrics = [RelayMetrics(), RelayMetrics()]
    with at_work(committing_database, second, metrics=metrics[1]):
        until(lambda: value(metrics[1], "relay_leader") == 1)
        with at_work(committing_database, first, metrics=metrics[0]):
            store(committing_database, ANA)
            until(lambda: second.taken)
            assert value(metrics[0], "relay_leader") == 0
    assert value(metrics[1], "relay_leader") == 0
    assert first.taken == []
    with at_work(committing_database, first, metrics=metrics[0]):
        store(committing_database, ANA)
        until(lambda: first.taken)
    assert (first.is_closed, second.is_closed) == (True, True)


@pytest.fixture
def many_due(committing_database, monkeypatch):
    """More refused events that may be tried again than go into many windows; gives their ids."""
    monkeypatch.setattr(delivery, "WINDOW_MOST", 5)
    for _ in range(100):
        store(committing_database, attempts=1, next_attempt_at="now()")
    return set(column(committing_database, "id").values())


def test_a_broker_that_refuses_all_is_asked_for_each_fresh_event_once(committing_database, broker):
    broker.is_refusing = True
    for _ in range(3):
        store(committing_database)
    with at_work(committing_database, broker, attempts_most=1):
        until(lambda: set(column(committing_database, "attempts").values()) == {1})
    assert broker.asked == 1
    assert len(waiting(committing_database)) == 3


def test_a_broker_that_still_refuses_what_is_due_is_asked_for_one_window_in_each_pass(
    committing_database, broker, many_due, monkeypatch
):
    monkeypatch.setattr(relay, "_POLL_SECONDS", 60)
    broker.is_refusing = True
    with at_work(committing_database, broker):
        until(lambda: 2 in column(committing_database, "attempts").values())
        time.sleep(0.2)  # for what it should not do
        assert (broker.asked, sum(column(committing_database, "attempts").values())) == (1, 105)


def test_many_that_are_held_up_do_not_end_a_pass(committing_database, broker, monkeypatch):
    monkeypatch.setattr(relay, "_POLL_SECONDS", 60)
    monkeypatch.setattr(delivery, "WINDOW_MOST", 1)
    monkeypatch.setattr(backlog, "_STEP", 2)
    store(committing_database, ANA, attempts=10, quarantined_at="now()")
    for _ in range(5):
        store(committing_database, ANA)
    store(committing_database, BEN)
    with at_work(committing_database, broker):
        until(lambda: broker.taken)
    assert len(waiting(committing_database)) == 6


def test_a_mark_that_another_version_left_is_taken_off(committing_database, broker):
    store(committing_database, ANA, is_held_up=True)
    with at_work(committing_database, broker):
        until(lambda: not waiting(committing_database))


def test_fresh_events_do_not_wait_for_many_that_are_refused(committing_database, broker, many_due):
    broker.unwanted = many_due
    with at_work(committing_database, broker):
        until(lambda: broker.asked)
        store(committing_database, ANA)
        until(lambda: broker.taken)


def test_all_that_is_due_goes_in_one_pass_where_the_broker_takes_it(
    committing_database, broker, many_due, monkeypatch
):
    monkeypatch.setattr(relay, "_POLL_SECONDS", 60)
    with at_work(committing_database, broker):
        until(lambda: not waiting(committing_database))
    assert set(broker.taken) == many_due


def test_a_broker_that_is_away_is_asked_until_it_is_back(committing_database, broker, caplog):
    caplog.set_level(logging.INFO, "bee_customers")
    broker.is_away = True
    metrics = RelayMetrics()
    store(committing_database, ANA)
    with at_work(committing_database, broker, metrics=metrics):
        until(lambda: broker.asked >= 3)
        assert len(waiting(committing_database)) == 1
        broker.is_away = False
        until(lambda: broker.taken)
    assert value(metrics, "broker_faults_total", kind="lost") >= 3
    assert [caplog.text.count(words) for words in ("the broker is away: gone", "the broker is back")] == [1, 1]


def test_past_its_patience_events_go_round_by_redis(committing_database, broker, fallback, caplog):
    caplog.set_level(logging.INFO, "bee_customers")
    broker.is_away = True
    store(committing_database, ANA)
    with at_work(committing_database, broker, fallback=fallback, fallback_after_seconds=0.2):
        until(lambda: fallback.depth() == 1)
        broker.is_away = False
        until(lambda: fallback.depth() == 0)
        until(lambda: "the broker is back" in caplog.text)
        assert len(broker.taken) == 1
        assert waiting(committing_database) == []


def test_before_that_they_wait_in_the_table(committing_database, broker, fallback):
    broker.is_away = True
    store(committing_database, ANA)
    with at_work(committing_database, broker, fallback=fallback, fallback_after_seconds=60):
        until(lambda: broker.asked >= 3)
    assert fallback.depth() == 0


@pytest.mark.parametrize("fault", [DatabaseConnectionLost("it broke"), TransactionConflict("in the way")])
def test_a_database_that_fails_is_begun_again_with(committing_database, broker, monkeypatch, caplog, fault):
    mark, faults = Backlog.mark_published, [fault]

    def failing_once(self, rows):
        if faults:
            raise faults.pop()
        mark(self, rows)

    monkeypatch.setattr(Backlog, "mark_published", failing_once)
    store(committing_database, ANA)
    with at_work(committing_database, broker):
        until(lambda: not waiting(committing_database))
    assert len(broker.taken) == 2
    assert f"the database is away: {fault}" in caplog.text


def test_it_stops_soon_whatever_it_waits_for(committing_database, broker, monkeypatch):
    """For a turn, for the broker and for news: `at_work` sees to it."""
    monkeypatch.setattr(relay, "_POLL_SECONDS", 60)
    with only_one(committing_database, LOCK), at_work(committing_database, broker):
        time.sleep(0.1)
    metrics = RelayMetrics()
    with at_work(committing_database, broker, metrics=metrics):
        until(lambda: value(metrics, "relay_leader") == 1)
        time.sleep(0.1)
    broker.is_away = True
    store(committing_database, ANA)
    with at_work(committing_database, broker):
        until(lambda: broker.asked > 2)


def test_a_database_without_the_table_is_told_once(committing_database, broker, monkeypatch, caplog):
    tries = []

    def claim(self, limit, after=0):
        tries.append(limit)
        if len(tries) < 4:
            raise DatabaseUnavailable("the database lacks a table")
        return []

    monkeypatch.setattr(Backlog, "claim", claim)
    with at_work(committing_database, broker):
        until(lambda: "the database is back" in caplog.text)
    assert caplog.text.count("the database is away") == 1
