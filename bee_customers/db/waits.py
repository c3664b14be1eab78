"""Bounded waits for a server that keeps its connections and does not answer: frozen, or lost behind a network.

Limits such as statement_timeout are the server's own, and TCP notices only machines that are gone. So each wait
says when it is overdue, and one thread shuts the sockets of those that are (docs/adr/0030). Long before, it tells
who wants to know (docs/adr/0043).
"""

import contextlib
import math
import os
import socket
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
from psycopg2 import extensions

# A little longer than the server's own limits, 15 seconds and once 20 (events/under_way.py): its answers say more.
PATIENCE_SECONDS = 21.0
# What is known by its index takes milliseconds, and few wait so long for a lock.
SUSPICIOUS_SECONDS = 3.0
_LOOK_SECONDS = 0.5
# struct tcp_info of linux/tcp.h
_TCP_INFO_BYTES = 104
_LAST_DATA_RECEIVED_MS = slice(52, 56)


class Connection(extensions.connection):
    """`patience` in seconds is for each answer; whoever raises the server's limit for statements raises it too.

    `suspect` is called now and then while a wait takes suspiciously long.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.patience = PATIENCE_SECONDS
        self.overdue_at = math.inf
        self.was_cut = False
        self.suspect: Callable[[], None] | None = None
        super().__init__(*arguments, **options)
        _watch.add(self)

    def commit(self) -> None:
        self.overdue_at = time.monotonic() + self.patience
        try:
            super().commit()
        finally:
            self.overdue_at = math.inf

    def rollback(self) -> None:
        self.overdue_at = time.monotonic() + self.patience
        try:
            super().rollback()
        finally:
            self.overdue_at = math.inf


class Cursor(extensions.cursor):
    """Sends statements of a `Connection`."""

    # these two are on the way of every request: no context manager, which would cost ten times as much
    def execute(self, query: Any, vars: Any = None) -> None:
        connection: Any = self.connection
        connection.overdue_at = time.monotonic() + connection.patience
        try:
            super().execute(query, vars)
        finally:
            connection.overdue_at = math.inf

    def executemany(self, query: Any, vars_list: Any) -> None:
        for each in vars_list:
            self.execute(query, each)

    def fetchmany(self, size: Any = None) -> list[tuple[Any, ...]]:
        """Of a named cursor it asks the server."""
        connection: Any = self.connection
        connection.overdue_at = time.monotonic() + connection.patience
        try:
            return super().fetchmany(size)
        finally:
            connection.overdue_at = math.inf


@contextlib.contextmanager
def bounded(connection: Any, seconds: float | None = None) -> Iterator[None]:
    """For what is no statement of a cursor: COPY. Without `seconds` the connection's patience."""
    connection.overdue_at = time.monotonic() + (connection.patience if seconds is None else seconds)
    try:
        yield
    finally:
        connection.overdue_at = math.inf


@contextlib.contextmanager
def begun_anew(connection: Any, seconds: float) -> Iterator[None]:
    """Within a bounded wait, when something came: the block does not count, and then the time is full again."""
    connection.overdue_at = math.inf
    try:
        yield
    finally:
        connection.overdue_at = time.monotonic() + seconds


def without_limit(connection: Any) -> None:
    """For a session in which the server has none either, as migrations need it; others have none anyway."""
    if isinstance(connection, Connection):
        connection.patience = math.inf


class Watch:
    """Looks at all connections of the process, in a thread that the first one starts."""

    def __init__(self) -> None:
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, connection: Connection) -> None:
        with self._lock:
            self._connections.add(connection)
            # in a process that was forked it is there and does not run
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="database waits", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            with self._lock:
                connections = list(self._connections)
            now = time.monotonic()
            for connection in connections:
                _judge(connection, now)


def _judge(connection: Connection, now: float) -> None:
    if connection.overdue_at < now:
        cut(connection)
    # false for who has no limit: what is infinite both ways is no number
    elif connection.suspect and connection.overdue_at - connection.patience + SUSPICIOUS_SECONDS < now:
        connection.suspect()


def cut(connection: Connection) -> None:
    """End the wait, if there is one: the driver takes it for a connection that broke."""
    overdue_at = connection.overdue_at
    with contextlib.suppress(OSError, psycopg2.InterfaceError), _socket_of(connection) as its_socket:
        # Still the same wait: then the copy is of its socket, and not of another that got its number since.
        if connection.overdue_at == overdue_at < math.inf:
            connection.was_cut = True
            its_socket.shutdown(socket.SHUT_RDWR)


def has_heard_within(connection: Connection, seconds: float) -> bool:
    """Whether anything came from the server in this time, as the kernel says; False where it does not say."""
    option = getattr(socket, "TCP_INFO", None)
    with contextlib.suppress(OSError, psycopg2.InterfaceError), _socket_of(connection) as its_socket:
        if option is not None and sys.platform == "linux":
            told = its_socket.getsockopt(socket.IPPROTO_TCP, option, _TCP_INFO_BYTES)
            return int.from_bytes(told[_LAST_DATA_RECEIVED_MS], sys.byteorder) < seconds * 1000
    return False


def _socket_of(connection: Connection) -> socket.socket:
    """A copy, to be closed; raises OSError or InterfaceError where there is none."""
    return socket.socket(fileno=os.dup(connection.fileno()))


_watch = Watch()
