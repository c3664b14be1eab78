"""What a consumer of events does: queues on an exchange, and what arrives in them."""

import secrets
import time
from typing import Any, Self

import kombu

from tests.servers import RabbitServer


class Broker:
    """An exchange of its own, at `.exchange`; it and its queues end with the block."""

    def __init__(self, server: RabbitServer) -> None:
        self.server = server
        self.url = server.url
        self.exchange = f"bee.test.{secrets.token_hex(4)}"
        self._queues: list[str] = []

    def declare(self, kind: str = "topic", *, durable: bool = True) -> None:
        self.channel.exchange_declare(self.exchange, kind, durable=durable, auto_delete=False)

    def queue(self, routing_key: str = "#", **arguments: Any) -> str:
        """The name of a new queue that takes events; arguments are written with underscores."""
        self.declare()
        name = f"{self.exchange}.{len(self._queues)}"
        self._queues.append(name)
        words = {key.replace("_", "-"): value for key, value in arguments.items()}
        self.channel.queue_declare(name, auto_delete=False, arguments=words)
        self.channel.queue_bind(name, self.exchange, routing_key)
        return name

    def take(self, queue: str, count: int = 1) -> list[Any]:
        """The next messages of a queue, waited for; and no more than these may be there."""
        taken: list[Any] = []
        deadline = time.monotonic() + 10
        while len(taken) < count:
            message = self.channel.basic_get(queue, no_ack=True)
            taken.extend([message] if message else [])
            assert time.monotonic() < deadline, f"{len(taken)} of {count} messages came"
        assert self.channel.basic_get(queue, no_ack=True) is None, "more came than was expected"
        return taken

    def __enter__(self) -> Self:
        self._connection = kombu.Connection(self.url)
        self.channel: Any = self._connection.channel()
        return self

    def __exit__(self, *_: object) -> None:
        for queue in self._queues:
            self.channel.queue_delete(queue)
        self.channel.exchange_delete(self.exchange)
        self._connection.release()
