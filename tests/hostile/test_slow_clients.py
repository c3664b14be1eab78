"""Clients that take their time, many more of them than the server has threads: all others are served meanwhile"""

import contextlib
import json
import socket
from collections.abc import Iterator

import pytest

from bee_customers.settings import Settings
from tests.client import make_token
from tests.factories import BUSINESS
from tests.functional.wire import exchange

BODY = json.dumps({"business_id": BUSINESS, "full_name": "Slow"}).encode()
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
HEALTH = LIVE.replace(b"/live", b"")
FILE = LIVE.replace(b"/health/live", b"/docs/assets/swagger-ui-bundle.js")


def post(*headers: bytes) -> bytes:
    token = b"Authorization: Bearer " + make_token("internal_service").encode()
    lines = [b"POST /v1/customers HTTP/1.1", b"Host: x", b"Content-Type: application/json", token, *headers]
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n"


# What they have sent when they begin to be slow, what they send bit by bit, and the status it comes to.
SLOW = {
    "idle": (b"", LIVE, b"200"),
    "in the first line": (LIVE[:9], LIVE[9:], b"200"),
    "in the headers": (LIVE[:40], LIVE[40:], b"200"),
    "before the body": (post(b"Content-Length: %d" % len(BODY)), BODY, b"201"),
    "in the body": (post(b"Content-Length: %d" % len(BODY)) + BODY[:9], BODY[9:], b"201"),
    "in a chunk": (
        post(b"Transfer-Encoding: chunked") + b"%x\r\n" % len(BODY),
        BODY + b"\r\n0\r\n\r\n",
        b"201",
    ),
    "in the size of a chunk": (
        post(b"Transfer-Encoding: chunked"),
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
        b"201",
    ),
    "in reading": (FILE, b"", b"200"),
}


@contextlib.contextmanager
def connections(port: int, count: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        address = ("127.0.0.1", port)
        yield [stack.enter_context(socket.create_connection(address, timeout=10)) for _ in range(count)]


def check_others(port: int) -> None:
    for raw in (LIVE, HEALTH):
        assert [reply.status for reply in exchange(port, raw)] == [200]


@pytest.mark.parametrize("where", SLOW)
def test_who_is_slow_keeps_nobody_waiting_and_is_answered_at_the_end(
    port: int, settings: Settings, where: str
) -> None:
    begun, rest, status = SLOW[where]
    with connections(port, 3 * settings.threads) as slow:
        for connection in slow:
            connection.sendall(begun)
        check_others(port)
        for at in range(0, len(rest), 25):
            for connection in slow:
                connection.sendall(rest[at : at + 25])
            check_others(port)
        for connection in slow:
            assert connection.recv(65_536).startswith(b"HTTP/1.1 " + status)


def stored(port: int) -> str:
    """How many customers there are."""
    token = b"Authorization: Bearer " + make_token("admin").encode()
    listing = b"GET /v1/customers?count=exact&limit=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + token
    (reply,) = exchange(port, listing + b"\r\n\r\n")
    return reply.headers["X-Total-Count"]


def test_who_leaves_in_the_midst_leaves_nothing_behind(port: int, settings: Settings) -> None:
    before = stored(port)
    for begun, rest, _ in SLOW.values():
        with connections(port, 3 * settings.threads) as leaving:
            for connection in leaving:
                connection.sendall(begun + rest[:5])
    check_others(port)
    assert stored(port) == before
