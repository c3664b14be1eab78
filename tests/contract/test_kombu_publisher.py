"""What arrives at a real RabbitMQ, and what it says of what it does not take."""

import datetime
import json
import time
import uuid

import pytest

from bee_customers.events.kombu_publisher import KombuPublisher
from tests.broker import Broker
from tests.contract.conftest import Make
from tests.outgoing import OCCURRED_AT, event_row, message, messages
from tests.servers import free_port

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def publisher(make: Make) -> KombuPublisher:
    return make()


def test_a_message_arrives_with_these_properties_and_headers(broker: Broker, publisher: KombuPublisher) -> None:
    queue = broker.queue("customers.updated")
    row = event_row(traceparent=TRACEPARENT)
    publisher.publish([message(**{name: getattr(row, name) for name in row.__slots__})])
    (arrived,) = broker.take(queue)
    headers = arrived.properties.pop("application_headers")
    assert arrived.properties == {
        "message_id": str(row.id),
        "type": "CustomerUpdatedEvent",
        "delivery_mode": 2,
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "timestamp": int(OCCURRED_AT.timestamp()),
    }
    assert headers == {
        "traceparent": TRACEPARENT,
        "cloudEvents:id": str(row.id),
        "cloudEvents:type": "CustomerUpdatedEvent",
        "cloudEvents:source": "bee-customers",
        "cloudEvents:specversion": "1.0",
    }
    assert arrived.delivery_info["routing_key"] == "customers.updated"
    body = json.loads(arrived.body)
    assert uuid.UUID(body["event_id"]) == row.id
    assert datetime.datetime.fromisoformat(body["occurred_at"]) == OCCURRED_AT
    assert body["changes"] == {"full_name": "Ionuț"}


def test_messages_arrive_in_the_order_of_their_window(broker: Broker, publisher: KombuPublisher) -> None:
    queue = broker.queue()
    window = messages(200)
    publisher.publish(window)
    arrived = [each.properties["message_id"] for each in broker.take(queue, 200)]
    assert arrived == [str(each.event_id) for each in window]


def test_the_routing_key_chooses_the_queue(broker: Broker, publisher: KombuPublisher) -> None:
    deleted, all_of_them = broker.queue("customers.deleted"), broker.queue("customers.#")
    publisher.publish([message(routing_key="customers.created"), message(routing_key="customers.deleted")])
    broker.take(deleted, 1)
    broker.take(all_of_them, 2)


def test_the_exchange_is_made_a_durable_topic(broker: Broker, publisher: KombuPublisher) -> None:
    assert publisher.publish([]).fault is None
    told = broker.server.ctl("list_exchanges", "name", "type", "durable", "auto_delete")
    assert f"{broker.exchange}\ttopic\ttrue\tfalse" in told.splitlines()


def test_what_no_queue_takes_is_refused_with_its_reason(broker: Broker, publisher: KombuPublisher) -> None:
    broker.queue("customers.created")
    lost = message(routing_key="customers.deleted")
    taken = message(routing_key="customers.created")
    outcome = publisher.publish([lost, taken])
    assert outcome.confirmed == {taken.event_id}
    assert outcome.refused == {lost.event_id: "no queue takes customers.deleted (returned as unroutable)"}
    assert outcome.fault is None


def test_what_a_full_queue_rejects_is_refused_with_its_reason(broker: Broker, publisher: KombuPublisher) -> None:
    queue = broker.queue(x_max_length=1, x_overflow="reject-publish")
    window = messages(3)
    outcome = publisher.publish(window)
    assert outcome.confirmed == {window[0].event_id}
    assert set(outcome.refused) == {window[1].event_id, window[2].event_id}
    assert all("nack" in reason and "full" in reason for reason in outcome.refused.values())
    assert outcome.fault is None
    broker.take(queue, 1)
    assert publisher.publish([window[1]]).confirmed == {window[1].event_id}


def test_after_a_host_that_is_dead_comes_the_next(broker: Broker, make: Make) -> None:
    broker.queue()
    publisher = make(f"amqp://guest:guest@127.0.0.1:{free_port()}//", broker.url)
    one = message()
    first, second, third = (publisher.publish([one]) for _ in range(3))
    assert first.fault is not None
    assert (first.fault.kind, first.confirmed) == ("unreachable", frozenset())
    assert second.confirmed == third.confirmed == {one.event_id}


def test_a_dead_host_is_told_at_once(make: Make) -> None:
    publisher = make(f"amqp://guest:guest@127.0.0.1:{free_port()}//")
    began = time.monotonic()
    for _ in range(3):
        assert publisher.publish([message()]).fault is not None
    assert time.monotonic() - began < 1


def test_a_broker_that_closes_the_connection_is_a_fault_and_then_a_new_connection(
    broker: Broker, make: Make, user: str, limited: str
) -> None:
    broker.queue()
    publisher = make(limited)
    assert publisher.publish([]).fault is None
    broker.server.ctl("close_all_user_connections", user, "for a test")
    fault = publisher.publish([message()]).fault
    assert fault is not None
    assert fault.kind == "lost"
    assert publisher.publish([message()]).fault is None


def test_an_exchange_that_somebody_deleted_is_made_again(broker: Broker, publisher: KombuPublisher) -> None:
    assert publisher.publish([]).fault is None
    broker.channel.exchange_delete(broker.exchange)
    fault = publisher.publish([message()]).fault
    assert fault is not None
    assert broker.exchange in str(fault)
    broker.queue()
    assert publisher.publish([message()]).fault is None
