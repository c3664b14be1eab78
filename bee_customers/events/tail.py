"""Events as they are published, for somebody who looks on."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import kombu

from bee_customers.events import amqp_faults, amqp_url
from bee_customers.events.exchange import declare
from bee_customers.settings import Settings

_CONNECT_SECONDS = 5.0


def follow(settings: Settings, routing_key: str, on_ready: Callable[[], None]) -> Iterator[str]:
    """Bodies of events, from a queue that is there when `on_ready` is called and goes with the connection.

    Raises BrokerUnavailable.
    """
    try:
        with _connect(settings.rabbitmq_url) as connection:
            declare(connection, settings.rabbitmq_exchange)
            bodies = _consume(connection, settings.rabbitmq_exchange, routing_key)
            on_ready()
            while True:
                connection.drain_events()
                yield from bodies
                bodies.clear()
    except amqp_faults.FAULTS as error:
        raise amqp_faults.named(error, settings.rabbitmq_exchange) from None


def _connect(urls: Sequence[str]) -> kombu.Connection:
    """To the first broker that can be used."""
    for url in urls[:-1]:
        with contextlib.suppress(*amqp_faults.FAULTS):
            return amqp_url.connect(url, _CONNECT_SECONDS)
    return amqp_url.connect(urls[-1], _CONNECT_SECONDS)


def _consume(connection: kombu.Connection, exchange: str, routing_key: str) -> list[str]:
    """The list that bodies are added to as events are drained."""
    queue = kombu.Queue(
        exchange=kombu.Exchange(exchange, no_declare=True),
        routing_key=routing_key,
        exclusive=True,
        auto_delete=True,
    )
    bodies: list[str] = []
    bound = queue(connection.channel())
    bound.declare()
    bound.consume(callback=lambda message: bodies.append(str(message.body)), no_ack=True)
    return bodies
