"""Clients that are slow or too many, and a server without files: who is at work is served"""

import functools
import logging
import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bee_customers.server import channels, draining
from tests.servers import wait_until
from tests.unit.server.running import GET, HEAD, Application, begin_slow, reply, value

MUCH = 17_000_000  # more than waitress holds for one connection before its thread waits


def looks_often(server: Any) -> None:
    """For slow clients: at each turn of its loop."""
    server.adj.cleanup_interval = server._looks_again = 0


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
    looks_often(running.server)
    with running.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        start = time.monotonic()
        answered = reply(client)
    assert answered.startswith(b"HTTP/1.0 408 Request Timeout")
    assert b"took too long to arrive" in answered
    assert time.monotonic() - start < 5


def test_a_clock_that_is_set_back_spares_nobody(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_HEADERS_SECONDS", 0.2)
    running = run()
    looks_often(running.server)
    with running.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        past = time.time() - 3600
        monkeypatch.setattr(time, "time", lambda: past)
        assert reply(client).startswith(b"HTTP/1.0 408 Request Timeout")


def test_who_reads_nothing_holds_no_thread(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_READING_SECONDS", 0.5)
    monkeypatch.setattr(Application, "BODY", b"x" * 8_000_000)
    running = run()
    looks_often(running.server)
    with running.connect() as deaf, running.connect() as client:
        deaf.sendall((b"GET /large" + HEAD + b"\r\n") * 8)
        channels_of = running.server.active_channels
        wait_until(
            lambda: any(each.total_outbufs_len > MUCH for each in channels_of.values()), 10, "the thread to wait"
        )
        client.sendall(GET)
        assert reply(client).startswith(b"HTTP/1.1 200")


def test_who_takes_less_of_its_reply_than_it_should_is_closed_too(
    application: Application, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_READING_SECONDS", 0.5)
    monkeypatch.setattr(channels, "_READING_BYTES_PER_SECOND", 10**9)
    monkeypatch.setattr(Application, "BODY", b"x" * 16_000_000)
    running = run()
    looks_often(running.server)
    with running.connect() as trickling:
        trickling.sendall(b"GET /large" + HEAD + b"\r\n")

        def is_closed() -> bool:
            running.server.pull_trigger()
            assert trickling.recv(65_536)
            return not running.server.active_channels

        wait_until(is_closed, 10, "its connection to be closed")
    assert value(application, "too_slow_total", phase="reply") == 1


def test_who_takes_its_reply_slowly_but_steadily_gets_all_of_it(
    application: Application, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_READING_SECONDS", 0.1)
    monkeypatch.setattr(Application, "BODY", b"x" * 16_000_000)
    running = run()
    looks_often(running.server)
    received, start = 0, time.monotonic()
    with running.connect() as client:
        client.sendall(b"GET /large" + HEAD.replace(b"Host", b"Connection: close\r\nHost") + b"\r\n")
        while piece := client.recv(200_000):
            received += len(piece)
            running.server.pull_trigger()
            time.sleep(0.005)  # this is what a slow client is
    assert received > 16_000_000
    assert time.monotonic() - start > 0.2
    assert value(application, "too_slow_total", phase="reply") == 0


def test_who_sends_a_request_for_longest_makes_room_when_nobody_is_idle(
    application: Application, run: Any
) -> None:
    running = run(threads=4)
    with running.connect() as busy:
        begin_slow(application, busy)
        trickling = [running.connect() for _ in range(16)]
        for count, each in enumerate(trickling, start=1):
            each.sendall(b"GET / HTTP/1.1\r\nX: ")
            wait_until(functools.partial(are_arriving, running.server, count), 5, "it to arrive")
        trickling[0].sendall(b"y")
        with running.connect() as client:
            client.sendall(GET)
            assert reply(client).startswith(b"HTTP/1.1 200")
        assert trickling[0].recv(1) == b""
        assert are_arriving(running.server, 14)
        application.may_go_on.set()
        assert reply(busy).startswith(b"HTTP/1.1 200")
    for each in trickling:
        each.close()


def are_arriving(server: Any, count: int) -> bool:
    return sum(channel.is_arriving for channel in list(server.active_channels.values())) == count


@contextmanager
def no_file_left() -> Iterator[None]:
    """Nothing more can be opened by this process, beyond what is closed meanwhile."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_one = os.dup(0)
    os.close(next_one)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_one, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_without_a_file_for_a_client_idle_ones_are_closed_and_it_is_served_after_a_rest(
    application: Application, run: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(draining, "_REST_SECONDS", 0.2)
    running = run()
    with running.connect() as idle, socket.socket() as late:
        idle.sendall(GET)
        reply(idle)
        late.settimeout(10)
        with caplog.at_level(logging.INFO), no_file_left():
            late.connect(idle.getpeername())
            assert idle.recv(1) == b""
            late.sendall(GET)
            assert reply(late).startswith(b"HTTP/1.1 200")
    assert 1 <= value(application, "accepts_failed_total") <= 3
    assert caplog.text.count("no connection can be accepted") == 1
    assert "accept() threw" not in caplog.text


def test_connections_and_the_time_that_requests_wait_are_counted(application: Application, run: Any) -> None:
    running = run()
    looks_often(running.server)
    with running.connect() as busy, running.connect() as waiting:
        begin_slow(application, busy)
        waiting.sendall(GET)
        wait_until(lambda: value(application, "queue_length") == 1, 5, "it to be in the queue")
        assert value(application, "connections") == 2
        application.may_go_on.set()
        assert reply(waiting).startswith(b"HTTP/1.1 200")
        wait_until(lambda: value(application, "queue_length") == 0, 5, "nobody to wait")
    wait_until(lambda: value(application, "connections") == 0, 5, "the connections to be closed")
    assert value(application, "queue_seconds_count") == 2
    assert 0 < value(application, "queue_seconds_sum") < 20
