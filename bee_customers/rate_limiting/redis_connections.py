"""Connections to Redis for one command at a time.

The client of the library spends more on each command (its pool, its retries, its events) than Redis on the whole
decision; a connection of its own does without them.
"""

import contextlib
import socket
import struct
import threading
import time
from collections import deque
from concurrent.futures import Future
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_CONNECT_SECONDS = 0.05
_READ_SECONDS = 0.1
# For both on a new connection: who resolves its name, and who agrees on keys, knows no deadline of ours.
_FIRST_SECONDS = 0.2


class RedisConnections:
    """As many as are used at once, kept open; safe for threads.

    A reply takes 0.1 s at most, on a new connection 0.2 s with all that comes before.
    """

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
        # on the way of every request: try instead of suppress, which costs more than the rest of this
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._ask_anew(command)
        started = time.monotonic()
        try:
            return self._ask(connection, command)
        except (redis.ConnectionError, OSError):
            # one that died while it was idle fails at once: then a new one is worth a try
            if time.monotonic() - started > _READ_SECONDS / 2:
                raise
            return self._ask_anew(command)

    def _ask_anew(self, command: bytes) -> Any:
        """On a new connection, in a thread of its own; one that comes too late is there for the next command."""
        outcome = Future[Any]()

        def ask() -> None:
            try:
                connection = self._made.make_connection()
                connection.connect()
                _have_the_kernel_watch(connection._sock)
                outcome.set_result(self._ask(connection, command))
            except Exception as error:
                outcome.set_exception(error)

        threading.Thread(target=ask, name="redis connects", daemon=True).start()
        try:
            return outcome.result(_FIRST_SECONDS)
        except TimeoutError:
            raise redis.TimeoutError("Redis takes too long to be reached") from None

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


def _have_the_kernel_watch(opened: socket.socket) -> None:
    """Python's own timeouts ask the kernel before each call, and let another thread go first each time."""
    seconds, rest = divmod(_READ_SECONDS, 1)
    timeout = struct.pack("ll", int(seconds), int(rest * 1e6))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        opened.setsockopt(socket.SOL_SOCKET, option, timeout)
    opened.settimeout(None)


def packed(count: int, *parts: bytes) -> bytes:
    """Of so many words, as Redis reads it: https://redis.io/docs/latest/develop/reference/protocol-spec/"""
    return b"*%d\r\n%b" % (count, b"".join(parts))


def words(*texts: str | int) -> bytes:
    """A part of a command."""
    return b"".join([b"$%d\r\n%b\r\n" % (len(raw), raw) for raw in [str(text).encode() for text in texts]])
