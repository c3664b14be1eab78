"""A private RabbitMQ on the core that is not measured, and one durable queue that takes all events."""

import contextlib
from collections.abc import Iterator
from typing import Any

import kombu

from bee_customers.events.exchange import declare
from bench.processes import LOAD_CORE, ProcessFailed, pinned
from tests.servers import RabbitServer

EXCHANGE = "bee.customers.events"
_QUEUE = "benchmark"


class Broker(RabbitServer):
    """Gone with all that it holds after the block, or however the benchmark ends."""

    def command(self) -> list[str]:
        return [*pinned(LOAD_CORE), *super().command()]

    def version(self) -> str:
        return self.ctl("version").strip()


@contextlib.contextmanager
def started() -> Iterator[Broker]:
    if Broker.find() is None:
        raise ProcessFailed(f"{Broker.package} is not installed")
    with Broker() as broker:
        yield broker


@contextlib.contextmanager
def taking_all(broker: Broker) -> Iterator[Any]:
    """The queue, bound to its own connection."""
    with kombu.Connection(broker.url) as connection:
        declare(connection, EXCHANGE)
        exchange = kombu.Exchange(EXCHANGE, no_declare=True)
        queue = kombu.Queue(_QUEUE, exchange, routing_key="#", durable=True)(connection.channel())
        queue.declare()
        yield queue


def depth(queue: Any) -> int:
    """How many messages the queue holds."""
    return int(queue.queue_declare(passive=True).message_count)
