"""Requests that two servers could read in two ways, and others that are none: on a socket of the real server

What `tests/functional/test_hostile_transport.py` sends is not sent again.
"""

import json

import pytest

from tests.client import make_token
from tests.factories import BUSINESS
from tests.functional.wire import Reply, exchange

BODY = json.dumps({"business_id": BUSINESS, "full_name": "Ana"}).encode()
SIZE = b"%x" % len(BODY)
LIVE = b"GET /health/live HTTP/1.1"
GOOD = LIVE + b"\r\nHost: x\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked"
PROBLEM = {"type", "title", "status", "detail", "instance", "trace_id"}


def head(first: bytes, *headers: bytes, host: bytes = b"Host: x") -> bytes:
    return b"\r\n".join([first, *([host] if host else []), b"Connection: close", *headers]) + b"\r\n\r\n"


def post(*headers: bytes, body: bytes = BODY) -> bytes:
    token = b"Authorization: Bearer " + make_token("internal_service").encode()
    return head(b"POST /v1/customers HTTP/1.1", b"Content-Type: application/json", token, *headers) + body


def chunks(size: bytes = SIZE, data: bytes = BODY, end: bytes = b"\r\n", last: bytes = b"0\r\n\r\n") -> bytes:
    return post(CHUNKED, body=size + b"\r\n" + data + end + last)


def one(replies: list[Reply]) -> Reply:
    assert len(replies) == 1, replies
    return replies[0]


def check(reply: Reply, *statuses: int) -> None:
    """Assert a problem with one of these statuses, which closes the connection and repeats nothing it was sent."""
    assert reply.status in statuses, reply
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert set(reply.json) == PROBLEM
    assert reply.json["status"] == reply.status
    assert reply.headers.get("Connection") == "close"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["X-Request-Id"] == reply.json["trace_id"]
    assert b"canary" not in reply.body + str(reply.headers).encode()


HEADS = {
    "a line feed within a header": head(LIVE, b"X-A: canary\nX-B: c"),
    "a carriage return within a header": head(LIVE, b"X-A: canary\rX-B: c"),
    "a header that goes on in the next line": head(LIVE, b"X-A: b\r\n canary"),
    "one that goes on behind a tab": head(LIVE, b"X-A: b\r\n\tcanary"),
    "the next line of no header": LIVE + b"\r\n X-A: canary\r\nHost: x\r\n\r\n",
    "a coding in the next line": post(b"Transfer-Encoding:\r\n chunked"),
    "a length in two lines": post(b"Content-Length: 1\r\n 0"),
    "NUL in a value": head(LIVE, b"X-A: can\0ary"),
    "NUL in a name": head(LIVE, b"X\0: canary"),
    "DEL in a value": head(LIVE, b"X-A: can\x7fary"),
    "letters that are no ASCII in a name": head(LIVE, b"X\xc3\xa9: canary"),
    "a blank in a name": head(LIVE, b"X Y: canary"),
    "a blank before the colon of Host": head(LIVE, host=b"Host : x"),
    "no version": head(b"GET /health/live"),
    "version 0.9": head(b"GET /health/live HTTP/0.9"),
    "version 1.2": head(b"GET /health/live HTTP/1.2"),
    "version 9.9": head(b"GET /health/live HTTP/9.9"),
    "version 1.10": head(b"GET /health/live HTTP/1.10"),
    "the beginning of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "the beginning of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "every byte there is": bytes(range(256)) * 3 + b"\r\n\r\n",
    "a method in small letters": head(b"get /health/live HTTP/1.1"),
    "two blanks": head(b"GET  /health/live HTTP/1.1"),
    "tabs for blanks": head(b"GET\t/health/live\tHTTP/1.1"),
    "blanks at the end": head(LIVE + b" \t"),
    "a blank in the address": head(b"GET /health /live HTTP/1.1"),
    "a tab in the address": head(b"GET /health\t/live HTTP/1.1"),
    "NUL in the address": head(b"GET /health\0/live HTTP/1.1"),
    "a carriage return in the address": head(b"GET /health\r/live HTTP/1.1"),
    "half an IPv6 address": head(b"GET http://[::1/health/live HTTP/1.1"),
    "the other half": head(b"GET http://x]/health/live HTTP/1.1"),
    "another server in strange letters": head(b"GET http://\xe2\x84\x80/health/live HTTP/1.1"),
    "Host with a blank": head(LIVE, host=b"Host: can ary"),
    "Host with a path": head(LIVE, host=b"Host: x/canary"),
    "Host with a user": head(LIVE, host=b"Host: canary@x"),
    "Host with a port that is none": head(LIVE, host=b"Host: x:canary"),
    "Host with a port too large": head(LIVE, host=b"Host: x:999999"),
    "Host with half a bracket": head(LIVE, host=b"Host: [::1"),
    "Host that is empty": head(LIVE, host=b"Host:"),
    "Host with a quote": head(LIVE, host=b'Host: x"canary'),
    "Host that is no ASCII": head(LIVE, host=b"Host: \xc3\xa9"),
    "two Hosts in one": head(LIVE, host=b"Host: x, y"),
    "two Hosts alike": head(LIVE, b"host: x"),
    "a length of 5,000 digits": post(b"Content-Length: " + b"9" * 5000),
    "a length with 5,000 zeros": post(b"Content-Length: " + b"0" * 5000 + b"5"),
    "a length of Python": post(b"Content-Length: 1_0"),
    "a length with an exponent": post(b"Content-Length: 1e1"),
    "a length in Arabic digits": post("Content-Length: ٥".encode()),
    "a length that is empty": post(b"Content-Length:"),
    "the same length twice": post(b"Content-Length: 5", b"content-length: 5"),
    "a coding that is empty": post(b"Transfer-Encoding:", b"Content-Length: 5"),
    "an empty coding before chunked": post(b"Transfer-Encoding: ,chunked"),
    "chunked in HTTP/1.0": post(CHUNKED).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "chunked and identity": post(b"Transfer-Encoding: chunked, identity"),
    "chunked in quotes": post(b'Transfer-Encoding: "chunked"'),
    "chunked with a parameter": post(b"Transfer-Encoding: chunked;q=1"),
    "chunked behind a blank that is none": post(b"Transfer-Encoding: \xa0chunked"),
}


@pytest.mark.parametrize("raw", HEADS.values(), ids=HEADS)
def test_a_head_that_can_be_read_in_two_ways_is_refused_with_all_behind_it(port: int, raw: bytes) -> None:
    check(one(exchange(port, raw + GOOD)), 400, 501)


BROKEN = {
    "a size behind a line feed alone": chunks(SIZE + b"\n"),
    "lines that end in line feeds": post(CHUNKED, body=SIZE + b"\n" + BODY + b"\n0\n\n"),
    "an extension behind a line feed": chunks(SIZE + b";a\n"),
    "a size behind a blank": chunks(b" " + SIZE),
    "a size before a blank": chunks(SIZE + b" "),
    "a size of Python": chunks(b"0x" + SIZE),
    "a size with a sign": chunks(b"+" + SIZE),
    "a size with an underscore": chunks(b"0_" + SIZE),
    "no size": chunks(b""),
    "no size before an extension": chunks(b";a"),
    "empty lines before the size": chunks(b"\r\n\r\n" + SIZE),
    "an extension that is none": chunks(SIZE + b";a b"),
    "an extension with half a quote": chunks(SIZE + b';a="b'),
    "nothing behind the data": chunks(end=b""),
    "a line feed behind the data": chunks(end=b"\n"),
    "data longer than the size": chunks(data=BODY + b"canary"),
    "data shorter than the size": chunks(data=BODY[:-1]),
    "a trailer that is none": chunks(last=b"0\r\n\0canary\r\n\r\n"),
    "a trailer behind a line feed": chunks(last=b"0\r\nX: canary\n\r\n"),
    "an extension of 100 KB": chunks(SIZE + b";" + b"a" * 100_000),
    "a size of 5,000 digits": chunks(b"f" * 5000),
    "trailers of 100 KB": chunks(last=b"0\r\n" + b"X: canary\r\n" * 10_000 + b"\r\n"),
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_chunks_that_can_be_read_in_two_ways_are_refused_with_all_behind_them(port: int, raw: bytes) -> None:
    check(one(exchange(port, raw + GOOD)), 400)


@pytest.mark.parametrize(
    "body", [b"0", b"1;", SIZE + b"\r\n" + BODY, b"0\r\n"], ids=["size", "extension", "data", "trailer"]
)
def test_a_line_between_chunks_that_goes_on_and_on_is_refused_before_it_ends(port: int, body: bytes) -> None:
    check(one(exchange(port, post(CHUNKED, body=body + b"0" * 2000))), 400)


@pytest.mark.parametrize("size", [b"7000000", b"f" * 50])
def test_a_chunk_announced_too_large_is_refused_before_it_comes(port: int, size: bytes) -> None:
    check(one(exchange(port, chunks(size))), 413)


ALLOWED = {
    "empty lines before it": b"\r\n\r\n" + post(b"Content-Length: %d" % len(BODY)),
    "blanks around the length": post(b"Content-Length: \t %d \t" % len(BODY)),
    "zeros before the length": post(b"Content-Length: 000%d" % len(BODY)),
    "a name with an underscore is no header": post(b"Content-Length: %d" % len(BODY), b"Transfer_Encoding: x"),
    "chunked in capitals": chunks().replace(CHUNKED, b"TRANSFER-encoding: CHUNKED\t"),
    "zeros before the size": chunks(b"0" * 50 + SIZE.upper()),
    "extensions": chunks(SIZE + b';a;b=c;d="e;\\"f"'),
    "an extension of the last chunk": chunks(last=b"000;a=b\r\n\r\n"),
    "a trailer": chunks(last=b"0\r\nX: y\r\n\r\n"),
    "a trailer that would change what was said": chunks(
        last=b"0\r\nContent-Length: 3\r\nAuthorization: Bearer x\r\nHost: y\r\n\r\n"
    ),
    "chunks of a byte": post(CHUNKED, body=b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"),
    "another method in a header": post(b"Content-Length: %d" % len(BODY), b"X-HTTP-Method-Override: DELETE"),
    "a switch to HTTP/2": post(b"Content-Length: %d" % len(BODY), b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"),
    "another server in the address": post(b"Content-Length: %d" % len(BODY)).replace(
        b" /v1", b" http://elsewhere.example/v1"
    ),
}


@pytest.mark.parametrize("raw", ALLOWED.values(), ids=ALLOWED)
def test_what_http_allows_is_taken(port: int, raw: bytes) -> None:
    assert one(exchange(port, raw)).status == 201


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_chunks_may_come_in_any_pieces(port: int, size: int) -> None:
    raw = chunks(SIZE + b";a=b", last=b"0\r\nX: y\r\n\r\n")
    assert one(exchange(port, *(raw[at : at + size] for at in range(0, len(raw), size)))).status == 201


def test_a_request_behind_a_body_in_chunks_is_the_next_one(port: int) -> None:
    raw = chunks(last=b"0\r\nX: y\r\n\r\n").replace(b"Connection: close\r\n", b"")
    assert [reply.status for reply in exchange(port, raw + GOOD)] == [201, 200]


def test_a_body_where_none_belongs_is_no_request(port: int) -> None:
    raw = head(LIVE, b"Content-Length: %d" % len(GOOD)).replace(b"Connection: close\r\n", b"") + GOOD
    assert [reply.status for reply in exchange(port, raw + GOOD)] == [200, 200]


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n\r\n", LIVE + b"\r\nHost: x\r\n", GOOD.replace(b"\r\n", b"\n"), chunks()[:-3]]
)
def test_what_is_no_whole_request_does_nothing(port: int, raw: bytes) -> None:
    assert exchange(port, raw) == []


ADDRESSES = {
    b"*": 404,
    b"health/live": 404,
    b"file:///etc/passwd": 404,
    b"//elsewhere.example/%2e%2e": 404,
    b"//metrics": 404,
    b"//health": 404,
    b"///health/live": 404,
    b"/%2fmetrics": 404,
    b"http://x//metrics": 404,
    b"/docs/assets/../../../../etc/passwd": 404,
    b"/docs/assets/%2e%2e/%2e%2e/etc/passwd": 404,
    b"/docs/assets/..\\..\\server.py": 404,
    b"/docs/assets/%5c..%5c..": 404,
    b"/media/avatars/../../x": 404,
    b"/media/avatars/%2e%2e%2f%2e%2e%2fx": 404,
    b"/health/live;x=y": 404,
    b"/health/%zz": 404,
    b"/health/live%": 404,
    b"/health%2flive": 200,
    b"/health/live?%zz": 200,
    b"/health/live%00": 400,
    b"/docs/assets/%00": 400,
    b"/%0d%0aX-Bad:%20y": 400,
    b"/media/avatars/%ff": 400,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_strange_address_leads_nowhere_else(port: int, address: bytes) -> None:
    reply = one(exchange(port, head(b"GET " + address + b" HTTP/1.1")))
    assert reply.status == ADDRESSES[address]
    assert reply.status == 200 or reply.json["status"] == reply.status
