"""docs/sample/consumer.py, run as its reader would run it."""

import subprocess
import sys
import uuid
from collections.abc import Iterator

import kombu
import pytest

from bee_customers.events.kombu_publisher import KombuPublisher
from bee_customers.events.outbox import ROUTING_KEYS
from tests.outgoing import BUSINESS, message
from tests.servers import ROOT, RabbitServer, wait_until

EXCHANGE = "bee.customers.events"
QUEUE = "crm.customers"
CUSTOMER = uuid.UUID("01936f0e-1b2c-7000-8000-5e6f708192a3")


@pytest.fixture
def consumer(rabbit: RabbitServer) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(ROOT / "docs" / "sample" / "consumer.py"), rabbit.url, QUEUE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def publisher(rabbit: RabbitServer) -> Iterator[KombuPublisher]:
    made = KombuPublisher([rabbit.url], EXCHANGE)
    yield made
    made.close()
    with kombu.Connection(rabbit.url) as connection:
        channel = connection.channel()
        channel.queue_delete(QUEUE)
        channel.exchange_delete(EXCHANGE)


def told(kind: str, version: int, **details: object):
    return message(
        customer_id=CUSTOMER,
        type=kind,
        routing_key=ROUTING_KEYS[kind],
        customer_version=version,
        payload={"business_id": str(BUSINESS), **details},
    )


def test_the_sample_consumer_passes_over_repeats(
    publisher: KombuPublisher, consumer: subprocess.Popen[str]
) -> None:
    created = told("CustomerCreatedEvent", 1, changes={"full_name": "Ionuț Popescu"})
    updated = told("CustomerUpdatedEvent", 2, changes={"tags": ["VIP"]})
    deleted = told("CustomerDeletedEvent", 3, reason="deleted")
    # refused until the consumer has bound its queue
    wait_until(lambda: bool(publisher.publish([created]).confirmed), 20, "the consumer's queue")
    for one in (created, updated, created, updated, deleted, updated):
        assert publisher.publish([one]).confirmed
    assert consumer.stdout is not None
    lines = [consumer.stdout.readline().strip() for _ in range(3)]
    assert lines == [
        f"CustomerCreatedEvent {CUSTOMER} 1",
        f"CustomerUpdatedEvent {CUSTOMER} 2",
        f"CustomerDeletedEvent {CUSTOMER} 3",
    ]
    with kombu.Connection(publisher._urls[0]) as connection:
        channel = connection.channel()
        wait_until(lambda: channel.queue_declare(QUEUE, passive=True).message_count == 0, 10, "the acks")
    assert consumer.poll() is None
