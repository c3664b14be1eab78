"""The end of a server, and who takes its connections, by the product's own server in a thread."""

from typing import Any

import pytest

from bee_customers.server import channels, draining
from tests.servers import wait_until
from tests.unit.server.running import GET, HEAD, Application, begin_slow, reply


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


def test_who_has_sent_only_part_of_a_request_does_not_keep_the_end_waiting(
    run: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(draining, "_ARRIVE_SECONDS", 0.1)
    running = run()
    with running.connect() as client:
        client.sendall(b"POST /quick" + HEAD + b"Content-Length: 6\r\n\r\nabc")
        wait_until(lambda: any(each.request for each in running.server.active_channels.values()), 5, "half of it")
        running.server.stop()
        answered = b"".join(iter(lambda: client.recv(65_536), b""))
    assert answered.startswith(b"HTTP/1.1 503")
    assert b"Retry-After: 1" in answered
    running.thread.join(draining.FINISH_SECONDS / 2)
    assert not running.thread.is_alive()
    assert "cut off" not in caplog.text


def test_what_still_waits_for_a_thread_at_the_end_is_told_to_ask_again(
    application: Application, run: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(draining, "FINISH_SECONDS", 0.1)
    running = run()
    with running.connect() as stuck, running.connect() as waiting:
        begin_slow(application, stuck)
        waiting.sendall(GET)
        wait_until(lambda: running.server.task_dispatcher.waiting == 1, 5, "it to wait")
        running.server.stop()
        answered = b"".join(iter(lambda: waiting.recv(65_536), b""))
        assert stuck.recv(1) == b""
    assert answered.startswith(b"HTTP/1.1 503 Service Unavailable")
    for line in (b"Retry-After: 1", b"Connection: close", b"Content-Type: application/problem+json"):
        assert line in answered
    assert "cut off, as they took longer than the drain: 1" in caplog.text


def test_health_is_told_while_every_thread_waits(application: Application, run: Any) -> None:
    running = run()
    with running.connect() as busy, running.connect() as asking:
        begin_slow(application, busy)
        asking.sendall(b"GET /health/live" + HEAD + b"\r\n")
        assert reply(asking).startswith(b"HTTP/1.1 200")


def test_of_too_many_requests_at_once_the_first_are_answered_and_the_connection_is_closed(
    application: Application, run: Any
) -> None:
    running = run()
    with running.connect() as client:
        # the one at work keeps its place, so none of these leaves the queue before all of them are counted
        client.sendall(GET.replace(b"/quick", b"/slow") + GET * 50)
        wait_until(lambda: application.slow == 1, 5, "the first to be worked on")
        (channel,) = running.server.active_channels.values()
        wait_until(lambda: len(channel.requests) == channels._AHEAD_MOST, 5, "the queue to be cut")
        application.may_go_on.set()
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
