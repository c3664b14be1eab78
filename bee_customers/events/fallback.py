"""The fallback queue: a Redis stream that takes events while the broker is away.

A consumer can read them there in the meantime. It is never trusted: the table keeps every event until the broker
has confirmed it, so a Redis that forgets, evicts or dies costs nothing.
"""

import contextlib
import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bee_customers.errors import FallbackUnavailable
from bee_customers.events.backlog import Key
from bee_customers.events.envelope import EventRow, Message

STREAM = "bee:customers:events"
# Beyond that Redis would fill up, and the table keeps them as well.
LENGTH_MOST = 100_000
_TIMEOUT_SECONDS = 1.0
_PAGE = 1000
_SEQUENCE_MOST = 2**63 - 1


class RedisFallback:
    """Every call is bounded; each raises FallbackUnavailable."""

    def __init__(self, url: str, stream: str = STREAM, length_most: int = LENGTH_MOST) -> None:
        self._redis: Any = redis.Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            # the relay itself comes back to it
            retry=Retry(NoBackoff(), 0),
        )
        self._stream = stream
        self.length_most = length_most

    def depth(self) -> int:
        """How many events it holds."""
        with _named():
            return int(self._redis.xlen(self._stream))

    def append(self, rows: Sequence[EventRow], messages: Sequence[Message]) -> list[str]:
        """Add events in their order; returns their ids in the stream. Where it fails, some may have been added."""
        # all or none, so that a customer's events stay in order
        with _named(), self._redis.pipeline(transaction=True) as pipeline:
            for row, message in zip(rows, messages, strict=True):
                pipeline.xadd(self._stream, _fields(row, message))
            return [identifier.decode() for identifier in pipeline.execute()]

    def first(self, count: int) -> list[tuple[str, Key | None]]:
        """The oldest entries: their ids in the stream, and which events they are, None for none of ours."""
        with _named():
            entries = self._redis.xrange(self._stream, count=count)
        return [(identifier.decode(), _key(fields)) for identifier, fields in entries]

    def of_customers(self, customers: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, str, bytes]]:
        """All entries about these customers, by reading the whole of it: whose, the id in the stream, the body."""
        wanted = {str(customer).encode(): customer for customer in customers}
        with _named():
            return [
                (wanted[customer], identifier.decode(), fields.get(b"body", b""))
                for identifier, fields in self._entries()
                if (customer := fields.get(b"customer_id", b"")) in wanted
            ]

    def remove(self, identifiers: Sequence[str]) -> None:
        with _named():
            for start in range(0, len(identifiers), _PAGE):
                self._redis.xdel(self._stream, *identifiers[start : start + _PAGE])

    def close(self) -> None:
        self._redis.close()

    def _entries(self) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
        after = b"-"
        while page := self._redis.xrange(self._stream, min=after, count=_PAGE):
            yield from page
            after = b"(" + page[-1][0]


def _fields(row: EventRow, message: Message) -> dict[str, str | bytes | int]:
    return {
        "event_id": str(message.event_id),
        "event": message.type,
        "routing_key": message.routing_key,
        "customer_id": str(row.customer_id),
        "sequence": row.sequence,
        "body": message.body,
    }


def _key(fields: dict[bytes, bytes]) -> Key | None:
    try:
        key = str(uuid.UUID(fields[b"customer_id"].decode())), int(fields[b"sequence"])
    except (KeyError, ValueError):
        return None
    # what PostgreSQL would refuse to look for is none of ours
    return key if 0 < key[1] <= _SEQUENCE_MOST else None


@contextlib.contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except (redis.RedisError, OSError) as error:
        raise FallbackUnavailable(f"the fallback queue cannot be used: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Not its own words: a command that failed may be quoted in them."""
    if isinstance(error, redis.AuthenticationError):
        return "Redis refuses the user or its password"
    if isinstance(error, redis.TimeoutError | TimeoutError):
        return "Redis did not answer in time"
    if isinstance(error, redis.ConnectionError | OSError):
        return "Redis cannot be reached"
    return f"Redis refuses ({type(error).__name__})"
