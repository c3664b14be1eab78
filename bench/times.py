"""The time of single requests, one after the other and taking turns with what they are compared with.

For what a service does inside one request (a search, a page far down) the turns make the comparison fair
to the millisecond: whatever slows the machine slows both.
"""

import contextlib
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Mapping

import psycopg2

from bench.web import Web

Action = Callable[[], None]


class BadReply(Exception):
    """A reply of another status than was to be expected."""


def take_turns(first: Action, second: Action, seconds: float) -> tuple[list[float], list[float]]:
    """Run both in turns for some seconds; gives the times of each, in milliseconds."""
    times: tuple[list[float], list[float]] = ([], [])
    first()  # once each, so that both are warm
    second()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for action, taken in zip((first, second), times, strict=True):
            start = time.perf_counter()
            action()
            taken.append((time.perf_counter() - start) * 1e3)
    return times


def times_of(actions: Iterator[Action], seconds: float) -> list[float]:
    """Run one after the other for some seconds; gives the times, in milliseconds."""
    next(actions)()  # so that it is warm
    times = []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        next(actions)()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98] if len(times) > 1 else times[0]


@contextlib.contextmanager
def requests(web: Web, headers: Mapping[str, str]) -> Iterator[Callable[[str], Action]]:
    """Makes GET requests on one open connection, with as little of a client as will do."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with _connected(web) as connection:

        def get(path: str) -> Action:
            request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode()
            return lambda: _exchange(connection, request)

        yield get


@contextlib.contextmanager
def posts(web: Web, path: str, headers: Mapping[str, str]) -> Iterator[Callable[[bytes], Action]]:
    """Makes POST requests that are to create something, on one open connection."""
    with _sending(web, f"POST {path}", headers, b"201") as post:
        yield post


@contextlib.contextmanager
def patches(web: Web, path: str, headers: Mapping[str, str]) -> Iterator[Callable[[bytes], Action]]:
    """Makes PATCH requests that are to be done, on one open connection."""
    with _sending(web, f"PATCH {path}", headers, b"200") as patch:
        yield patch


@contextlib.contextmanager
def statements(database: str) -> Iterator[Callable[[str], Action]]:
    """Runs SQL as it is and fetches all rows: a bare psycopg2 connection."""
    with contextlib.closing(psycopg2.connect(database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:

            def run(sql: str) -> Action:
                def action() -> None:
                    cursor.execute(sql)
                    cursor.fetchall()

                return action

            yield run


@contextlib.contextmanager
def _sending(
    web: Web, what: str, headers: Mapping[str, str], status: bytes
) -> Iterator[Callable[[bytes], Action]]:
    head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "127.0.0.1", **headers}.items())
    with _connected(web) as connection:

        def send(body: bytes) -> Action:
            request = f"{what} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
            return lambda: _exchange(connection, request, status)

        yield send


@contextlib.contextmanager
def _connected(web: Web) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", web.port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


def _exchange(connection: socket.socket, request: bytes, status: bytes = b"200") -> None:
    connection.sendall(request)
    received = connection.recv(65536)
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += _more(connection)
    if head.split(b" ", 2)[1] != status:
        raise BadReply(head.split(b"\r\n")[0].decode())


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(65536)
    if not chunk:
        raise BadReply("the connection was closed in the middle of a reply")
    return chunk
