"""The durable queue of a consumer, and all that it was ever given."""

import contextlib
import dataclasses
import json
import uuid
from collections.abc import Iterator
from typing import Any

import kombu

_SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Arrival:
    event_id: uuid.UUID
    customer_id: uuid.UUID
    version: int
    body: bytes


class Inbox:
    def __init__(self, url: str, exchange: str) -> None:
        self._url = url
        self._exchange = exchange
        self._queue = f"{exchange}.inbox"
        self.arrivals: list[Arrival] = []

    def bind(self, routing_key: str = "#", **arguments: Any) -> None:
        """Make exchange and queue where they are not there, and have the queue given what the key names."""
        with self.channel() as channel:
            channel.exchange_declare(self._exchange, "topic", durable=True, auto_delete=False)
            names = {f"x-{name.replace('_', '-')}": value for name, value in arguments.items()}
            channel.queue_declare(self._queue, durable=True, auto_delete=False, arguments=names)
            channel.queue_bind(self._queue, self._exchange, routing_key)

    def read(self) -> list[Arrival]:
        """Take what is in the queue; returns that and all that came before."""
        with self.channel() as channel:
            waiting = channel.queue_declare(self._queue, passive=True).message_count
            received: list[Any] = []
            if waiting:
                channel.basic_consume(self._queue, callback=received.append)
            while len(received) < waiting:
                channel.connection.drain_events(timeout=_SECONDS)
            if received:
                # what was under way besides goes back into the queue
                channel.basic_ack(received[-1].delivery_tag, multiple=True)
        self.arrivals += map(_arrival, received)
        return self.arrivals

    @contextlib.contextmanager
    def channel(self) -> Iterator[Any]:
        with kombu.Connection(self._url, connect_timeout=_SECONDS, heartbeat=0) as connection:
            yield connection.channel()


def _arrival(message: Any) -> Arrival:
    body = json.loads(message.body)
    assert message.properties["message_id"] == body["event_id"]
    body_bytes = message.body if isinstance(message.body, bytes) else message.body.encode()
    return Arrival(
        uuid.UUID(body["event_id"]), uuid.UUID(body["customer_id"]), body["customer_version"], body_bytes
    )
