"""Events as they are published, for somebody who looks on."""

from collections.abc import Iterator

import kombu

from bee_customers.events import amqp_faults, amqp_url
from bee_customers.events.exchange import declare
from bee_customers.settings import Settings

_CONNECT_SECONDS = 5.0


def follow(settings: Settings, routing_key: str) -> Iterator[bytes]:
    """Bodies of events from now on, from a queue that only this connection has; raises BrokerUnavailable."""
    try:
        with amqp_url.connect(settings.rabbitmq_url[0], _CONNECT_SECONDS) as connection:
            declare(connection, settings.rabbitmq_exchange)
            yield from _bodies(connection, settings.rabbitmq_exchange, routing_key)
    except amqp_faults.FAULTS as error:
        raise amqp_faults.named(error, settings.rabbitmq_exchange) from None


def _bodies(connection: kombu.Connection, exchange: str, routing_key: str) -> Iterator[bytes]:
    channel = connection.channel()
    queue = kombu.Queue(
        exchange=kombu.Exchange(exchange, no_declare=True),
        routing_key=routing_key,
        exclusive=True,
        auto_delete=True,
    )
    received: list[bytes] = []
    bound = queue(channel)
    bound.declare()
    bound.consume(callback=lambda message: received.append(bytes(message.body)), no_ack=True)
    while True:
        connection.drain_events()
        yield from received
        received.clear()
