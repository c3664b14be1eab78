"""Connections to Redis for one command at a time.

The client of the library spends more on each command (its pool, its retries, its events) than Redis on the whole
decision; a connection of its own does without them.
"""

import contextlib
from collections import deque
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_CONNECT_SECONDS = 0.05
_READ_SECONDS = 0.1


class RedisConnections:
    """As many as are used at once, kept open. Connecting takes 0.05 s at most, a reply 0.1 s. Safe for threads."""

    def __init__(self, url: str) -> None:
        # RESP 2 without the client's name: a new connection then asks for nothing before its first command, unless
        # there is a password or a database with a number
        self._made: Any = redis.ConnectionPool.from_url(
            url,
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_READ_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            driver_info=None,
        )
        self._idle: deque[Any] = deque()

    def ask(self, command: bytes) -> Any:
        """The reply to a packed command; raises RedisError or OSError."""
        with contextlib.suppress(IndexError):
            connection = self._idle.pop()
            # one that died while idle fails at once: then a new one is worth a try
            with contextlib.suppress(redis.ConnectionError, OSError):
                return self._ask(connection, command)
        connection = self._made.make_connection()
        connection.connect()
        return self._ask(connection, command)

    def close(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                self._idle.pop().disconnect()

    def _ask(self, connection: Any, command: bytes) -> Any:
        try:
            connection.send_packed_command([command], check_health=False)
            reply = connection.read_response()
        except redis.ResponseError:
            self._idle.append(connection)
            raise
        except BaseException:
            connection.disconnect()
            raise
        self._idle.append(connection)
        return reply


def packed(*words: str | int) -> bytes:
    """A command as Redis reads it: https://redis.io/docs/latest/develop/reference/protocol-spec/"""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        raw = str(word).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
    return b"".join(parts)
