"""The way round a broker that is away, and back."""

import logging
import uuid

import pytest

from bee_customers.errors import BrokerUnavailable, FallbackUnavailable
from bee_customers.events import backlog as backlog_module
from bee_customers.events import detour as module
from bee_customers.events.delivery import Delivery
from bee_customers.events.detour import Detour
from bee_customers.events.envelope import compose
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.publisher import Outcome
from tests.stored_events import column, run, store, update, waiting

ANA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)


class Publisher:
    """Confirms everything, unless it is away."""

    def __init__(self):
        self.published, self.is_away = [], False

    def publish(self, messages):
        if self.is_away:
            return Outcome(frozenset(), {}, BrokerUnavailable("lost", "gone"))
        self.published += [message.event_id for message in messages]
        return Outcome(frozenset(message.event_id for message in messages), {})


@pytest.fixture
def publisher():
    return Publisher()


@pytest.fixture
def delivery(backlog, publisher):
    return Delivery(backlog, publisher, compose, RelayMetrics())


@pytest.fixture
def detour(fallback, backlog, delivery):
    return Detour(fallback, backlog, delivery)


@pytest.fixture
def stored(committing_database):
    return lambda *customers: [store(committing_database, customer) for customer in customers]


def entries(fallback):
    return [key[1] for _, key in fallback.first(100)]


def test_what_waits_goes_into_the_queue_once_and_is_noted(committing_database, detour, fallback, stored, stop):
    numbers = stored(ANA, BEN, ANA)
    for _ in range(2):
        detour.leave(stop)
        assert entries(fallback) == numbers
    noted = column(committing_database, "fallback_id")
    assert noted == {key[1]: identifier for identifier, key in fallback.first(100)}
    assert waiting(committing_database) == numbers
    later = stored(BEN)
    detour.leave(stop)
    assert entries(fallback) == numbers + later


def test_it_is_counted(detour, delivery, stored, stop):
    stored(ANA, BEN)
    detour.leave(stop)
    registry = delivery.metrics.registry
    assert registry.get_sample_value("bee_customers_events_fallback_total") == 2


def test_the_queue_takes_no_more_than_it_has_room_for(committing_database, detour, fallback, stored, stop):
    numbers = stored(*[ANA] * 25)
    for _ in range(2):
        detour.leave(stop)
        assert entries(fallback) == numbers[:20]
    assert waiting(committing_database) == numbers


def test_when_the_broker_is_back_the_queue_goes_first_and_in_order(
    committing_database, detour, fallback, publisher, stored, stop
):
    numbers = stored(ANA, BEN, ANA)
    detour.leave(stop)
    late = stored(ANA)
    detour.come_back(stop)
    ids = column(committing_database, "id")
    assert publisher.published == [ids[number] for number in numbers]
    assert (fallback.depth(), waiting(committing_database)) == (0, late)
    assert set(column(committing_database, "fallback_id").values()) == {None}


def test_while_the_broker_is_away_still_nothing_is_taken_out(
    committing_database, detour, fallback, publisher, stored, stop
):
    numbers = stored(ANA, BEN)
    detour.leave(stop)
    publisher.is_away = True
    with pytest.raises(BrokerUnavailable):
        detour.come_back(stop)
    assert (entries(fallback), waiting(committing_database)) == (numbers, numbers)


def test_what_was_published_meanwhile_or_is_no_entry_of_ours_is_only_taken_out(
    committing_database, detour, fallback, publisher, stored, stop
):
    first, second = stored(ANA, BEN)
    detour.leave(stop)
    fallback._redis.xadd(fallback._stream, {"hello": "bees"})
    run(committing_database, "UPDATE event SET published_at = now() WHERE sequence = :first", first=first)
    detour.come_back(stop)
    assert publisher.published == [column(committing_database, "id")[second]]
    assert fallback.depth() == 0


def test_what_an_operator_must_look_at_stays_out_of_the_queue(committing_database, detour, fallback, stored, stop):
    aside, _, other = stored(ANA, ANA, BEN)
    run(
        committing_database,
        "UPDATE event SET attempts = 3, quarantined_at = now() WHERE sequence = :aside",
        aside=aside,
    )
    detour.leave(stop)
    assert entries(fallback) == [other]


def test_many_that_are_held_up_keep_no_others_out_of_the_queue(
    committing_database, detour, fallback, stored, stop, monkeypatch
):
    monkeypatch.setattr(backlog_module, "_STEP", 2)
    monkeypatch.setattr(module, "_BATCH", 1)
    aside, *_, other = stored(*[ANA] * 6, BEN)
    update(committing_database, aside, attempts=3, quarantined_at="now()")
    detour.leave(stop)
    assert entries(fallback) == [other]


def test_what_cannot_be_written_is_refused_on_the_way_too(committing_database, detour, fallback, stored, stop):
    broken, behind, other = stored(ANA, ANA, BEN)
    run(committing_database, "UPDATE event SET payload = '{}' WHERE sequence = :broken", broken=broken)
    detour.leave(stop)
    assert entries(fallback) == [other]
    assert column(committing_database, "attempts") == {broken: 1, behind: 0, other: 0}


def test_a_redis_that_forgot_is_given_everything_again(committing_database, detour, fallback, stored, stop):
    numbers = stored(ANA, BEN)
    detour.leave(stop)
    fallback._redis.delete(fallback._stream)
    detour.leave(stop)
    assert entries(fallback) == numbers


def test_after_coming_back_redis_is_asked_no_more(detour, fallback, stop, monkeypatch):
    detour.come_back(stop)
    monkeypatch.setattr(fallback, "first", lambda count: pytest.fail("it was asked"))
    detour.come_back(stop)


def test_stopped_in_between_nothing_is_lost(committing_database, detour, fallback, publisher, stored, stop):
    numbers = stored(ANA, ANA)
    detour.leave(stop)
    publish = publisher.publish
    publisher.publish = lambda messages: (stop.set(), publish(messages))[1]
    detour.come_back(stop)
    assert waiting(committing_database) == numbers[1:]
    assert entries(fallback) == numbers


def unavailable(*_):
    raise FallbackUnavailable("the fallback queue cannot be used: TimeoutError")


def test_a_redis_that_is_away_too_leaves_events_in_the_table(
    committing_database, detour, fallback, stored, stop, caplog, monkeypatch
):
    numbers = stored(ANA)
    monkeypatch.setattr(fallback, "append", unavailable)
    with caplog.at_level(logging.WARNING):
        detour.leave(stop)
    assert waiting(committing_database) == numbers
    assert set(column(committing_database, "fallback_id").values()) == {None}
    assert "events wait in the table alone" in caplog.text


def test_a_redis_that_is_away_when_the_broker_is_back_is_left_alone_for_a_while(
    detour, fallback, stored, stop, monkeypatch
):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    stored(ANA)
    detour.leave(stop)
    asked = []
    monkeypatch.setattr(fallback, "first", lambda count: (asked.append(count), unavailable())[1])
    for second in (0, 1, 14, 16):
        now[0] = 1000.0 + second
        detour.come_back(stop)
    assert len(asked) == 2
