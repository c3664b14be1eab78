"""What every publisher has to do: one suite, run on each of them."""

import logging
from collections.abc import Iterator

import pytest

from bee_customers.events import connect
from bee_customers.events.kombu_publisher import KombuPublisher
from bee_customers.events.publisher import LogPublisher, Publisher
from bee_customers.settings import load
from tests.broker import Broker
from tests.outgoing import message, messages


@pytest.fixture(params=["log", "kombu"])
def publisher(request: pytest.FixtureRequest) -> Iterator[Publisher]:
    if request.param == "log":
        yield LogPublisher()
        return
    broker: Broker = request.getfixturevalue("broker")
    broker.queue()
    made = KombuPublisher([broker.url], broker.exchange)
    yield made
    made.close()


@pytest.mark.parametrize("count", [1, 2, 500])
def test_every_message_of_a_window_is_confirmed(publisher: Publisher, count: int) -> None:
    window = messages(count)
    outcome = publisher.publish(window)
    assert outcome.confirmed == {message.event_id for message in window}
    assert (outcome.refused, outcome.fault) == ({}, None)


def test_an_empty_window_is_well(publisher: Publisher) -> None:
    outcome = publisher.publish([])
    assert (outcome.confirmed, outcome.refused, outcome.fault) == (frozenset(), {}, None)


def test_the_same_message_may_come_twice(publisher: Publisher) -> None:
    one = message()
    assert publisher.publish([one, one]).confirmed == {one.event_id}
    assert publisher.publish([one]).confirmed == {one.event_id}


def test_an_outcome_tells_of_its_own_window_alone(publisher: Publisher) -> None:
    first, second = message(), message()
    publisher.publish([first])
    assert publisher.publish([second]).confirmed == {second.event_id}
    assert publisher.publish([]).confirmed == frozenset()


def test_a_closed_publisher_connects_anew(publisher: Publisher) -> None:
    publisher.close()
    for _ in range(2):
        one = message()
        assert publisher.publish([one]).confirmed == {one.event_id}
        publisher.close()
        publisher.close()


def test_the_setting_chooses() -> None:
    assert isinstance(connect.publisher(load({}, {})), LogPublisher)
    amqp = connect.publisher(load({}, {"RABBITMQ_URL": "amqp://one amqps://two"}))
    assert isinstance(amqp, KombuPublisher)


def test_without_a_broker_an_event_is_logged_by_its_type_and_id(caplog: pytest.LogCaptureFixture) -> None:
    one = message()
    with caplog.at_level(logging.INFO, "bee_customers"):
        LogPublisher().publish([one])
    assert [record.getMessage() for record in caplog.records] == [f"CustomerUpdatedEvent {one.event_id}"]
