"""What is refused before the application sees it: counted, told in the log, and named as the client named it"""

from typing import Any

import pytest

from bee_customers.api.headers import hardening_headers
from bee_customers.server.refusals import HEADER_BYTES_MOST
from tests.unit.server.running import GET, HEAD, Application, reply, value

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01".encode()
REFUSED = {
    400: b"DELETE /x" + HEAD + b"Content-Length: x\r\n",
    413: b"DELETE /x" + HEAD + b"Content-Length: 7000000\r\n",
    501: b"DELETE /x" + HEAD + b"Transfer-Encoding: gzip\r\n",
}


def ask(running: Any, raw: bytes) -> bytes:
    with running.connect() as client:
        client.sendall(raw)
        return b"".join(iter(lambda: client.recv(65_536), b""))


@pytest.mark.parametrize("status", REFUSED)
def test_it_is_counted_and_has_its_line_in_the_log(application: Application, run: Any, status: int) -> None:
    answered = ask(run(), REFUSED[status] + b"traceparent: " + TRACEPARENT + b"\r\n\r\n")
    assert answered.startswith(b"HTTP/1.1 %d " % status)
    labels = {"route": "unmatched", "method": "DELETE", "status": f"{status // 100}xx"}
    assert value(application, "requests_total", **labels) == 1
    (line,) = application.lines
    assert value(application, "problems_total", problem=line["problem"]) == 1
    expected = {"method": "DELETE", "route": "unmatched", "status": status, "trace_id": TRACE}
    assert line | expected == line
    assert TRACE.encode() in answered.partition(b"\r\n\r\n")[2]


def test_a_request_id_is_named_again_and_one_that_is_none_is_not(run: Any) -> None:
    running = run()
    assert b"X-Request-Id: mine-1\r\n" in ask(running, REFUSED[413] + b"X-Request-ID: mine-1\r\n\r\n")
    assert b"<mine>" not in ask(running, REFUSED[413] + b"X-Request-ID: <mine>\r\n\r\n")


def test_of_headers_too_large_the_method_is_not_known(application: Application, run: Any) -> None:
    begun = b"PUT /x" + HEAD + b"X: "
    assert b" 431 " in ask(run(), begun.ljust(HEADER_BYTES_MOST, b"x"))
    assert value(application, "requests_total", route="unmatched", method="other", status="4xx") == 1


@pytest.mark.parametrize("environment", ["development", "production"])
def test_it_is_hardened_as_every_other_reply(run: Any, environment: str) -> None:
    answered = ask(run(environment=environment), REFUSED[400] + b"\r\n").decode()
    for name, content in hardening_headers(is_development=environment == "development"):
        assert f"\r\n{name}: {content}\r\n".lower() in answered.lower()


@pytest.mark.parametrize("headers", [b"Content-Length: 7000000\r\n", b"Host: y\r\nContent-Length: 5\r\n"])
def test_who_asks_before_sending_a_body_is_refused_at_once(run: Any, headers: bytes) -> None:
    with run().connect() as client:
        client.sendall(b"PUT /x" + HEAD + headers + b"Expect: 100-continue\r\n\r\n")
        assert reply(client).split()[1] in (b"413", b"400")


def test_who_asks_before_sending_a_body_that_may_come_is_told_to_go_on(run: Any) -> None:
    with run().connect() as client:
        client.sendall(b"PUT /x" + HEAD + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ab")
        assert reply(client).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("length", [b"", b"Content-Length: 0\r\n"], ids=["no length", "of 0"])
def test_who_asks_before_sending_no_body_is_answered_and_so_is_what_follows(run: Any, length: bytes) -> None:
    with run().connect() as client:
        client.sendall(b"GET /quick" + HEAD + length + b"Expect: 100-continue\r\n\r\n" + GET)
        both = b""
        while both.count(b"\r\n\r\n0") < 2:
            piece = client.recv(65_536)
            assert piece, both
            both += piece
    assert both.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert b"100 Continue" not in both


def test_a_request_id_that_no_program_makes_is_in_no_log(application: Application, run: Any) -> None:
    ask(run(), REFUSED[413] + b"X-Request-ID: Maria.Popescu\r\n\r\n")
    assert application.lines[0]["trace_id"].startswith("hash:")


def test_close_counts_among_other_options_of_a_connection(run: Any) -> None:
    answered = ask(run(), b"GET /quick" + HEAD + b"Connection: keep-alive, Close\r\n\r\n")
    assert answered.endswith(b"\r\n\r\n0")
