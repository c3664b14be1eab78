"""Publishes the messages of a file: window by window, each sent at once and then confirmed, and no table.

Started as `python -m bench.floor.publisher FILE EXCHANGE`, with RABBITMQ_URL; prints how long it took.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kombu

_WINDOW = 500
_PATIENCE_SECONDS = 60
# routing key, body, headers, properties
Prepared = tuple[str, bytes, dict[str, str], dict[str, Any]]


class Refused(Exception):
    """The broker did not take a message."""


class Publisher:
    """Sends a window at once, and returns when all of it is confirmed."""

    def __init__(self, channel: Any, exchange: str) -> None:
        channel.confirm_select()
        channel.events["basic_ack"].add(self._confirmed)
        channel.events["basic_nack"].add(self._refused)
        channel.events["basic_return"].add(self._refused)
        self._channel, self._exchange = channel, exchange
        self._sent = 0
        self._pending: set[int] = set()

    def publish(self, window: list[Prepared]) -> None:
        self._pending.update(range(self._sent + 1, self._sent + len(window) + 1))
        self._sent += len(window)
        for each in window:
            self._send(*each)
        while self._pending:
            self._channel.connection.drain_events(timeout=_PATIENCE_SECONDS)

    def _send(self, key: str, body: bytes, headers: dict[str, str], properties: dict[str, Any]) -> None:
        message = self._channel.prepare_message(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            headers=headers,
            properties=properties,
        )
        self._channel.basic_publish(message, exchange=self._exchange, routing_key=key, mandatory=True)

    def _confirmed(self, tag: int, multiple: bool) -> None:
        self._pending -= {each for each in self._pending if each <= tag} if multiple else {tag}

    def _refused(self, *_: Any) -> None:
        raise Refused("the broker refused a message of the floor")


@contextlib.contextmanager
def connected(url: str, exchange: str) -> Iterator[Publisher]:
    with kombu.Connection(url, transport_options={"confirm_publish": False}) as connection:
        yield Publisher(connection.channel(), exchange)


def messages(path: Path) -> list[Prepared]:
    with path.open(encoding="utf-8") as lines:
        return [(key, body.encode(), headers, rest) for key, body, headers, rest in map(json.loads, lines)]


def main() -> None:
    path, exchange = sys.argv[1:]
    prepared = messages(Path(path))
    with connected(os.environ["RABBITMQ_URL"], exchange) as publisher:
        start, used = time.perf_counter(), time.process_time()
        for first in range(0, len(prepared), _WINDOW):
            publisher.publish(prepared[first : first + _WINDOW])
        taken = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - used}
    print(json.dumps({"events": len(prepared), **taken}))


if __name__ == "__main__":
    main()
