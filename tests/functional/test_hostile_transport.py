"""Bytes on a socket of the real server: what HTTP forbids, and what a client may do wrong"""

import dataclasses
import io
import json
from collections.abc import Iterator

import pytest
from webob.request import BaseRequest

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import make_token
from tests.factories import BUSINESS, new_body
from tests.functional import rows
from tests.functional.wire import Reply, exchange, listening
from tests.servers import PostgresServer

BODY = json.dumps({"business_id": BUSINESS, "full_name": "Ana"}).encode()
LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)


@pytest.fixture(scope="module")
def port(settings: Settings, postgres: PostgresServer, shared_storage: LocalStorage) -> Iterator[int]:
    database = Database(postgres.url)
    with listening(
        wsgi.application(settings, database, shared_storage), dataclasses.replace(settings, port=0)
    ) as port:
        yield port
    with database.session() as session:
        rows.empty(session)
    database.close()


def request(method: bytes, target: bytes, *headers: bytes, body: bytes = b"", host: bytes = b"Host: x") -> bytes:
    token = b"Authorization: Bearer " + make_token("admin", "internal_service").encode()
    lines = [
        method + b" " + target + b" HTTP/1.1",
        *([host] if host else []),
        token,
        b"Connection: close",
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def post(*headers: bytes, body: bytes = BODY) -> bytes:
    return request(b"POST", b"/v1/customers", b"Content-Type: application/json", *headers, body=body)


def refused(port: int, raw: bytes, *statuses: int) -> Reply:
    """Assert that the first and only answer is a problem with one of these statuses."""
    replies = exchange(port, raw)
    assert [reply.status for reply in replies] in [[status] for status in statuses], replies
    (reply,) = replies
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance", "trace_id"} <= set(reply.json)
    assert reply.json["status"] == reply.status
    assert b"Traceback" not in reply.body
    return reply


def test_the_server_answers_and_names_no_software(port: int) -> None:
    (reply,) = exchange(port, request(b"GET", b"/health/live"))
    assert (reply.status, reply.json) == (200, {"status": "ok"})
    assert "Server" not in reply.headers
    assert "Via" not in reply.headers


@pytest.mark.parametrize("headers", [[LENGTH], [b"Transfer-Encoding: chunked"]], ids=["length", "chunks"])
def test_a_body_comes_whole_or_in_chunks(port: int, headers: list[bytes]) -> None:
    (reply,) = exchange(port, post(*headers, body=CHUNKS if b"chunked" in headers[0] else BODY))
    assert reply.status == 201


SMUGGLED = {
    "two lengths": [LENGTH, b"Content-Length: 5"],
    "two equal lengths in one": [LENGTH + b", %d" % len(BODY)],
    "a length and chunks": [LENGTH, b"Transfer-Encoding: chunked"],
    "chunks and a length": [b"Transfer-Encoding: chunked", LENGTH],
    "chunked twice": [b"Transfer-Encoding: chunked, chunked"],
    "chunked twice in two lines": [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
    "gzip and chunked": [b"Transfer-Encoding: gzip, chunked"],
    "an unknown coding": [b"Transfer-Encoding: xchunked"],
    "identity": [b"Transfer-Encoding: identity", LENGTH],
    "a vertical tab": [b"Transfer-Encoding: \x0bchunked"],
    "a blank before the colon": [b"Transfer-Encoding : chunked"],
    "a negative length": [b"Content-Length: -5"],
    "a signed length": [b"Content-Length: +5"],
    "a length in words": [b"Content-Length: five"],
    "a hexadecimal length": [b"Content-Length: 0x5"],
    "a nameless header": [LENGTH, b": value"],
    "a line without a colon": [LENGTH, b"nonsense"],
}


@pytest.mark.parametrize("headers", SMUGGLED.values(), ids=SMUGGLED)
def test_a_request_whose_end_is_in_doubt_is_refused(port: int, headers: list[bytes]) -> None:
    chunked = any(b"chunked" in header for header in headers)
    refused(port, post(*headers, body=CHUNKS if chunked else BODY), 400, 501)


@pytest.mark.parametrize(
    "chunks", [b"zz\r\nx\r\n0\r\n\r\n", b"-1\r\n\r\n", b"2\r\nabcdef\r\n0\r\n\r\n", b"1 ;\n\nx0\r\n\r\n"]
)
def test_broken_chunks_are_refused(port: int, chunks: bytes) -> None:
    refused(port, post(b"Transfer-Encoding: chunked", body=chunks), 400)


def test_a_request_without_a_host_is_refused(port: int) -> None:
    refused(port, request(b"GET", b"/v1/customers", host=b""), 400)


def test_two_hosts_are_refused(port: int) -> None:
    refused(port, request(b"GET", b"/v1/customers", b"Host: y"), 400)


def test_headers_over_the_limit_are_refused(port: int) -> None:
    for header in (b"X-Long: " + b"x" * 40_000, b"\r\n".join(b"X-%d: x" % number for number in range(10_000))):
        refused(port, request(b"GET", b"/v1/customers", header), 431)


def test_an_address_over_the_limit_is_refused(port: int) -> None:
    refused(port, request(b"GET", b"/" + b"x" * 40_000), 414, 431)


@pytest.mark.parametrize("size", [2 * 1024 * 1024 + 1, 7 * 1024 * 1024])
def test_a_body_over_the_limit_is_refused(port: int, size: int) -> None:
    refused(port, post(b"Content-Length: %d" % size, body=b" " * size), 413)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (size, b" " * size)
    refused(port, post(b"Transfer-Encoding: chunked", body=chunks), 413)


def test_a_body_announced_too_large_is_refused_before_it_comes(port: int) -> None:
    refused(port, post(b"Content-Length: 99999999999999", body=b""), 413)


TARGETS = [b"/v1/customers/%ff", b"/%c0%af", b"/%00", b"/v1/customers/%00", b"/\xff", b"/v1/customers?search=%ff"]
TARGETS += [
    b"/v1/customers?search=%00",
    b"/v1/customers?search=\xff",
    b"/v1/customers/%ED%A0%80",
    b"/v1/customers?%ff=1",
]


@pytest.mark.parametrize("target", TARGETS)
def test_an_address_that_is_no_text_is_refused(port: int, target: bytes) -> None:
    refused(port, request(b"GET", target), 400, 404, 422)


@pytest.mark.parametrize(
    "line",
    [b"GET", b"GET /", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9", b"get / http/1.1", b"G\xc3\x89T / HTTP/1.1"],
)
def test_a_broken_request_line_is_no_fault_of_ours(port: int, line: bytes) -> None:
    for reply in exchange(port, line + b"\r\nHost: x\r\nConnection: close\r\n\r\n"):
        assert reply.status < 500


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"PUT", b"BREW", b"X" * 100])
def test_a_strange_method_is_not_allowed(port: int, method: bytes) -> None:
    reply = refused(port, request(method, b"/v1/customers"), 405)
    assert "GET" in reply.headers["Allow"]
    assert b"Bearer" not in reply.body


@pytest.mark.parametrize(
    "header", [b"Content-Type: application/json; charset=nonsense", b"Content-Type: \xff", b"X-None: x"]
)
def test_a_media_type_that_is_none_is_refused(port: int, header: bytes) -> None:
    refused(port, request(b"POST", b"/v1/customers", header, LENGTH, body=BODY), 415)


HEADERS = [
    b"Accept: \xff",
    b"Idempotency-Key: \xff",
    b"If-None-Match: \xff",
    b"X-Request-ID: \xff",
    b"traceparent: \xff",
]
HEADERS += [b"Authorization: Bearer \xff", b"Accept: " + b"a/b," * 2000, b"Origin: \xff", b"Expect: 200-maybe"]


@pytest.mark.parametrize("header", HEADERS)
def test_a_strange_header_is_no_fault_of_ours(port: int, header: bytes) -> None:
    (reply,) = exchange(port, post(LENGTH, header))
    assert reply.status < 500
    assert "\xff" not in str(reply.headers)


def test_a_header_cannot_add_another(port: int) -> None:
    (reply,) = exchange(
        port, request(b"GET", b"/nowhere%0d%0aSet-Cookie:%20a=b", b"X-Request-ID: a%0d%0aX-Bad: 1")
    )
    assert reply.status == 400
    assert not {"Set-Cookie", "X-Bad"} & set(reply.headers)


def test_an_unfinished_body_does_nothing(port: int) -> None:
    replies = exchange(port, post(b"Content-Length: %d" % (len(BODY) + 100)))
    assert [reply.status for reply in replies] in ([], [400])


def test_pipelined_requests_are_answered_in_turn(port: int) -> None:
    one = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    replies = exchange(port, one + one + request(b"GET", b"/v1/customers/x"))
    assert [reply.status for reply in replies] == [200, 200, 404]


def test_a_megabyte_of_name_is_invalid(port: int) -> None:
    body = json.dumps(new_body(full_name="x" * 1_000_000)).encode()
    refused(port, post(b"Content-Length: %d" % len(body), body=body), 422)


def test_a_body_of_some_size_is_not_written_to_a_file(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # WebOb copies what exceeds 10 KB to a temporary file, which holds personal data and nobody closes
    files: list[bytes] = []
    monkeypatch.setattr(BaseRequest, "make_tempfile", lambda self: files.append(self.path) or io.BytesIO())
    (reply,) = exchange(port, post(b"Content-Length: 200000", body=BODY.ljust(200_000)))
    assert (reply.status, files) == (201, [])


def test_a_hundred_thousand_brackets_are_unreadable(port: int) -> None:
    body = b"[" * 100_000
    refused(port, post(b"Content-Length: %d" % len(body), body=body), 400)
