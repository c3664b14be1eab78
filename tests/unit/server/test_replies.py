"""How replies leave: the calls of the system that they take, and what the length of a body says of them."""

from typing import Any

import pytest

from bee_customers.server.channels import Channel
from tests.unit.server.running import GET, HEAD, Application, reply


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What each call of the system was given."""
    pieces: list[bytes] = []
    send = Channel.send

    def note(self: Channel, data: bytes, do_close: bool = True) -> int:
        pieces.append(data)
        return int(send(self, data, do_close))

    monkeypatch.setattr(Channel, "send", note)
    return pieces


def test_head_and_body_leave_together(run: Any, sent: list[bytes]) -> None:
    running = run()
    with running.connect() as client:
        client.sendall(GET)
        answered = reply(client)
        assert sent == [answered]
        assert answered.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n")
        assert answered.endswith(b"\r\n\r\n0")


def test_the_connection_goes_on_behind_each_of_them(run: Any, sent: list[bytes]) -> None:
    running = run()
    with running.connect() as client:
        for _ in range(3):
            client.sendall(GET)
            assert reply(client).endswith(b"\r\n\r\n0")
    assert len(sent) == 3


def test_a_body_of_another_length_than_was_said_ends_the_connection(application: Application, run: Any) -> None:
    class Short(Application):
        def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
            start_response("200 OK", [("Content-Length", "9")])
            return [b"short"]

    application.__class__ = Short
    with run().connect() as client:
        client.sendall(b"GET /" + HEAD + b"\r\n")
        received = b"".join(iter(lambda: client.recv(65_536), b""))
    assert received.endswith(b"\r\n\r\nshort")


def test_what_may_have_no_body_has_its_head(application: Application, run: Any) -> None:
    class Empty(Application):
        def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
            start_response("204 No Content", [("Content-Length", "4")])
            return [b"more"]

    application.__class__ = Empty
    with run().connect() as client:
        client.sendall(GET)
        assert client.recv(65_536).startswith(b"HTTP/1.1 204 No Content\r\n")
