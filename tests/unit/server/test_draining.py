"""The end of a server, and who takes its connections, by the product's own server in a thread."""

import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bee_customers import server
from bee_customers.server import channels, draining
from bee_customers.settings import Settings, load
from tests.servers import wait_until

HEAD = b" HTTP/1.1\r\nHost: x\r\n"
MUCH = 17_000_000  # more than waitress holds for one connection before its thread waits
GET = b"GET /quick" + HEAD + b"\r\n"


class Application:
    """Answers at once, but for /slow, which waits until it may go on; /large gives BODY."""

    BODY = b""

    def __init__(self) -> None:
        self.registry = {"draining": threading.Event()}
        self.may_go_on = threading.Event()
        self.slow = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read()
        if environ["PATH_INFO"] == "/slow":
            self.slow += 1
            assert self.may_go_on.wait(20)
        reply = self.BODY if environ["PATH_INFO"] == "/large" else b"%d" % len(body)
        start_response("200 OK", [("Content-Length", str(len(reply)))])
        return [reply]


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def settings() -> Settings:
    return dataclasses.replace(load({}, {"DATABASE_URL": "postgresql://x/x"}), port=0, threads=1, connections=20)


@pytest.fixture
def run(application: Application, settings: Settings) -> Iterator[Callable[..., SimpleNamespace]]:
    """Starts the server; the options are settings."""
    started: list[SimpleNamespace] = []

    def start(**options: Any) -> SimpleNamespace:
        made = server.listen(application, dataclasses.replace(settings, **options))
        thread = threading.Thread(target=made.run)
        thread.start()
        port = int(made.effective_port)
        started.append(SimpleNamespace(server=made, thread=thread, connect=lambda: connected(port)))
        return started[-1]

    yield start
    application.may_go_on.set()
    for each in started:
        each.server.stop()
        each.thread.join(20)
        assert not each.thread.is_alive()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def reply(client: socket.socket) -> bytes:
    """One whole reply, which ends with its one letter of body."""
    received = b""
    while b"\r\n\r\n" not in received or received.endswith(b"\r\n\r\n"):
        piece = client.recv(65_536)
        if not piece:
            break
        received += piece
    return received


def begin_slow(application: Application, client: socket.socket) -> None:
    client.sendall(b"GET /slow" + HEAD + b"\r\n")
    wait_until(lambda: application.slow == 1, 5, "the request to be worked on")


def test_a_request_in_flight_is_finished_and_others_are_closed(application: Application, run: Any) -> None:
    running = run()
    with running.connect() as busy, running.connect() as idle:
        idle.sendall(GET)
        assert b"Connection: close" not in reply(idle)
        begin_slow(application, busy)
        running.server.stop()
        assert idle.recv(1) == b""
        application.may_go_on.set()
        answered = reply(busy)
    assert answered.startswith(b"HTTP/1.1 200")
    assert b"Connection: close" in answered
    running.thread.join(5)
    assert not running.thread.is_alive()


def test_what_is_still_arriving_is_awaited(application: Application, run: Any) -> None:
    running = run()
    with running.connect() as client:
        client.sendall(b"POST /quick" + HEAD + b"Content-Length: 6\r\n\r\nabc")
        wait_until(lambda: any(each.request for each in running.server.active_channels.values()), 5, "half of it")
        running.server.stop()
        wait_until(lambda: not running.server.accepting or running.server.socket.fileno() < 0, 5, "no listener")
        client.sendall(b"def")
        answered = reply(client)
    assert answered.startswith(b"HTTP/1.1 200")
    assert answered.endswith(b"6")


def test_in_the_drain_new_clients_are_served_and_told_to_leave(application: Application, run: Any) -> None:
    running = run(drain_seconds=1)
    with running.connect() as kept:
        kept.sendall(GET)
        reply(kept)
        running.server.stop()
        wait_until(application.registry["draining"].is_set, 5, "the drain to begin")
        for client in (kept, running.connect()):
            client.sendall(GET)
            answered = reply(client)
            assert answered.startswith(b"HTTP/1.1 200")
            assert b"Connection: close" in answered
            assert client.recv(1) == b""
            client.close()


def test_what_takes_too_long_is_cut_off_and_said(
    application: Application, run: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(draining, "FINISH_SECONDS", 0.1)
    running = run()
    with running.connect() as client:
        begin_slow(application, client)
        running.server.stop()
        running.thread.join(5)
        assert not running.thread.is_alive()
    assert "cut off, as they took longer than the drain: 1" in caplog.text


def test_health_is_told_while_every_thread_waits(application: Application, run: Any) -> None:
    running = run()
    with running.connect() as busy, running.connect() as asking:
        begin_slow(application, busy)
        asking.sendall(b"GET /health/live" + HEAD + b"\r\n")
        assert reply(asking).startswith(b"HTTP/1.1 200")


def test_silent_connections_make_room_when_there_are_too_many(run: Any) -> None:
    running = run()
    silent = [running.connect() for _ in range(30)]
    with running.connect() as client:
        client.sendall(GET)
        assert reply(client).startswith(b"HTTP/1.1 200")
    assert silent[0].recv(1) == b""
    for each in silent:
        each.close()


def test_headers_that_trickle_in_are_refused(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_HEADERS_SECONDS", 0.2)
    running = run()
    running.server.adj.cleanup_interval = running.server.next_channel_cleanup = 0
    with running.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        start = time.monotonic()
        answered = reply(client)
    assert answered.startswith(b"HTTP/1.0 408 Request Timeout")
    assert b"took too long to arrive" in answered
    assert time.monotonic() - start < 5


def test_who_reads_nothing_holds_no_thread(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_READING_SECONDS", 0.5)
    monkeypatch.setattr(Application, "BODY", b"x" * 8_000_000)
    running = run()
    running.server.adj.cleanup_interval = running.server.next_channel_cleanup = 0
    with running.connect() as deaf, running.connect() as client:
        deaf.sendall((b"GET /large" + HEAD + b"\r\n") * 8)
        channels_of = running.server.active_channels
        wait_until(
            lambda: any(each.total_outbufs_len > MUCH for each in channels_of.values()), 10, "the thread to wait"
        )
        client.sendall(GET)
        assert reply(client).startswith(b"HTTP/1.1 200")


def test_of_too_many_requests_at_once_the_first_are_answered_and_the_connection_is_closed(run: Any) -> None:
    with run().connect() as client:
        client.sendall(GET * 50)
        answered = b"".join(iter(lambda: client.recv(65536), b""))
    assert answered.count(b"HTTP/1.1 200 OK") == channels._AHEAD_MOST
    assert answered.count(b"Connection: close") == 1


def test_a_shared_address_is_taken_over_without_a_refusal(application: Application, run: Any) -> None:
    first = run(environment="production", drain_seconds=0)
    second = run(environment="production", port=int(first.server.effective_port))
    first.server.stop()
    while first.thread.is_alive():
        with second.connect() as client:
            client.sendall(GET)
            assert reply(client).startswith(b"HTTP/1.1 200")


def test_in_development_an_address_is_not_shared(run: Any) -> None:
    first = run()
    with pytest.raises(OSError, match="in use"):
        run(port=int(first.server.effective_port))
