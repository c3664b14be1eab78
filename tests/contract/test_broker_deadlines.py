"""A broker that is slow or silent holds up a publisher for a bounded time, and no confirm is mistaken after it."""

import time

import pytest

from bee_customers.events.publisher import Outcome
from tests.broker import Broker
from tests.contract.conftest import Make
from tests.outgoing import message, messages
from tests.slow_way import SlowWay

# how the frames of methods begin, by class and method
DECLARE, CONFIRM_SELECT, PUBLISH = b"\x00\x28\x00\x0a", b"\x00\x55\x00\x0a", b"\x00\x3c\x00\x28"


def url_by(way: SlowWay) -> str:
    return f"amqp://guest:guest@127.0.0.1:{way.port}//"


def assert_timed_out(outcome: Outcome) -> None:
    assert outcome.fault is not None
    assert (outcome.fault.kind, str(outcome.fault)) == ("timeout", "the broker did not answer in time")


@pytest.mark.parametrize("at", [b"AMQP", DECLARE, CONFIRM_SELECT], ids=["greeting", "declare", "confirms"])
def test_connecting_has_an_end(broker: Broker, make: Make, at: bytes) -> None:
    with SlowWay(broker.server.port, at) as way:
        began = time.monotonic()
        outcome = make(url_by(way), connect_seconds=0.3).publish(messages(2))
        assert time.monotonic() - began < 1.5
    assert_timed_out(outcome)


def test_the_deadline_is_one_for_a_whole_window(broker: Broker, make: Make) -> None:
    """Every piece of the replies comes well before the deadline, all of them together long after it."""
    broker.declare()
    with SlowWay(broker.server.port, PUBLISH, piece=100) as way:
        publisher = make(url_by(way), deadline_seconds=0.5)
        began = time.monotonic()
        outcome = publisher.publish(messages(10))
        assert time.monotonic() - began < 2.5
    assert_timed_out(outcome)


def test_what_was_told_before_the_deadline_counts(broker: Broker, make: Make) -> None:
    broker.queue("customers.updated")
    publisher = make(deadline_seconds=0.5)
    lost, taken = message(routing_key="nobody.listens"), message()
    with SlowWay(broker.server.port, PUBLISH, piece=400) as way:
        publisher = make(url_by(way), deadline_seconds=1.0)
        outcome = publisher.publish([lost, *(message(routing_key="nobody.listens") for _ in range(20)), taken])
    assert_timed_out(outcome)
    assert lost.event_id in outcome.refused
    assert taken.event_id not in outcome.confirmed


def test_after_a_deadline_nothing_is_told_of_the_window_before(broker: Broker, make: Make) -> None:
    broker.queue()
    first, second = messages(2)
    with SlowWay(broker.server.port, PUBLISH) as way:
        publisher = make(url_by(way), broker.url, deadline_seconds=0.3)
        assert_timed_out(publisher.publish([first]))
        outcome = publisher.publish([second])
    assert (outcome.confirmed, outcome.fault) == ({second.event_id}, None)


def test_closing_does_not_wait_for_the_broker(broker: Broker, make: Make) -> None:
    broker.queue()
    with SlowWay(broker.server.port, PUBLISH) as way:
        publisher = make(url_by(way), deadline_seconds=0.2)
        publisher.publish([])
        began = time.monotonic()
        publisher.close()
        assert time.monotonic() - began < 0.5
