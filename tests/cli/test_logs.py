"""The log of a real service: a line for each request, and no value of anybody's in any of them."""

import http.client
import json
import re
import secrets
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg2
import pytest

from tests.cli.processes import Program, running
from tests.client import SECRET, make_token
from tests.document import whole_contract
from tests.servers import wait_until

MARK = f"mark{secrets.token_hex(8)}"
BUSINESS = str(uuid.uuid4())
_HEADERS = ("User-Agent", "Referer", "Cookie", "Idempotency-Key", "X-Forwarded-For", "traceparent")
_MARKED_HEADERS = dict.fromkeys(_HEADERS, MARK) | {
    "If-Match": f'"{MARK}"',
    "If-None-Match": f'"{MARK}"',
    "X-Request-ID": f"{MARK} {MARK}",
}
_ODD_PATHS = (f"/{MARK}", f"/{quote('é' + MARK)}", f"/%FF{MARK}", f"/{MARK}%0a{MARK}", f"/health?{MARK}={MARK}")


class Caller:
    """Sends requests as they are, and counts them."""

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address).netloc
        self.count = 0
        self.statuses: set[int] = set()

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        sent = _MARKED_HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection(self._address, timeout=30)) as connection:
            connection.request(method, path, body, sent)
            reply = connection.getresponse()
            self.count += 1
            self.statuses.add(reply.status)
            return reply.status, reply.read()


@pytest.fixture
def program(directory: Any, migrated: str) -> Iterator[Program]:
    settings = {
        "DATABASE_URL": migrated,
        "PORT": "0",
        "LOG_LEVEL": "debug",
        "AUTH_JWT_KEY": SECRET,
        "AUTH_JWT_ALGORITHMS": "HS256",
    }
    with running(directory, "bee-customers", "serve", **settings) as started:
        yield started


@pytest.fixture
def caller(program: Program) -> Caller:
    address = program.wait_for_address()
    wait_until(lambda: is_listening(address), 20, "it to listen")
    return Caller(address)


def is_listening(address: str) -> bool:
    host, _, port = urlsplit(address).netloc.partition(":")
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
        return True
    return False


def lines_of(program: Program) -> list[dict[str, Any]]:
    return [json.loads(line) for line in program.output.splitlines() if line.startswith("{")]


def requests_of(program: Program, count: int) -> list[dict[str, Any]]:
    def told() -> list[dict[str, Any]]:
        return [line for line in lines_of(program) if line["event"] == "request"]

    wait_until(lambda: len(told()) >= count, 10, "a line for each request")
    return told()


def fields(schema: Any) -> Iterator[str]:
    """The names of all properties anywhere in a document."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from fields(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from fields(part)


def bodies(names: list[str]) -> Iterator[tuple[str, bytes]]:
    everything = dict.fromkeys(names, MARK)
    patch = [{"op": "replace", "path": f"/{name}", "value": MARK} for name in ("full_name", "email", MARK)]
    yield "application/json", json.dumps(everything).encode()
    yield "application/json", f'{{"full_name": "{MARK}'.encode()
    yield "application/json-patch+json", json.dumps(patch).encode()
    yield "application/merge-patch+json", json.dumps(everything).encode()
    yield f"text/{MARK}", MARK.encode()
    form = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{MARK}"\r\n\r\n{MARK}\r\n--b--\r\n'
    yield "multipart/form-data; boundary=b", form.encode()


def send_everywhere(caller: Caller, customer_id: str, token: str) -> None:
    """Marks in every field of every body, query, header and path of every route, with and without rights."""
    document = whole_contract()
    names = sorted(set(fields(document)))
    parameters = {one["name"] for one in _parameters(document) if one["in"] == "query"}
    query = "&".join(f"{name}={MARK}" for name in sorted(parameters))
    assert {"search", "cursor"} <= parameters
    for path, operations in document["paths"].items():
        known = re.sub(r"\{customer_id\}", customer_id, path)
        named = re.sub(r"\{\w+\}", MARK, known)
        for method in operations:
            with_body = method in ("post", "put", "patch")
            for media_type, body in bodies(names) if with_body else [("", None)]:
                headers = {"Content_Type": media_type} if media_type else {}
                caller.send(method.upper(), named, body, Authorization=f"Bearer {token}", **headers)
            caller.send(method.upper(), f"{re.sub(r'{.*?}', MARK, path)}?{query}", Authorization=f"Bearer {MARK}")
            caller.send(method.upper(), f"{named}?{query}", Authorization=f"Bearer {token}")


def _parameters(document: Any) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        for operation in operations.values():
            yield from operation.get("parameters", [])


def test_no_value_of_any_request_is_in_the_log(program: Program, caller: Caller, migrated: str) -> None:
    token = make_token("admin", "internal_service")
    as_staff = {"Authorization": f"Bearer {token}", "Content_Type": "application/json", "Idempotency_Key": "1"}
    body = {
        "business_id": BUSINESS,
        "full_name": MARK,
        "email": f"{MARK}@example.com",
        "phone": "+40722123456",
        "tags": [MARK],
    }
    status, made = caller.send("POST", "/v1/customers", json.dumps(body).encode(), **as_staff)
    assert status == 201
    customer_id = json.loads(made)["id"]
    caller.send("GET", f"/v1/customers?search={MARK}&limit=5", **as_staff)
    send_everywhere(caller, customer_id, token)
    for path in (
        f"/{MARK}",
        f"/{quote('é' + MARK)}",
        f"/%FF{MARK}",
        f"/{MARK}%0a{MARK}",
        f"/health?{MARK}={MARK}",
    ):
        caller.send("GET", path)
    caller.send(MARK.upper(), "/health")
    break_database(migrated)
    note = json.dumps({"content": MARK}).encode()
    as_staff["Idempotency_Key"] = "2"
    assert caller.send("POST", f"/v1/customers/{customer_id}/notes", note, **as_staff)[0] == 500
    as_staff["Idempotency_Key"] = "3"
    caller.send("POST", "/v1/customers", json.dumps(body | {"email": None}).encode(), **as_staff)
    assert {200, 201, 400, 401, 404, 415, 422, 500} <= caller.statuses
    told = requests_of(program, caller.count)
    # one for each, and waiting for them has asked nothing
    assert len(told) == caller.count
    assert MARK.lower() not in program.output.lower()
    assert "22P02" in program.output
    assert "example.com" not in program.output


def break_database(url: str) -> None:
    """From here on a note fails in PostgreSQL, with a message that holds what was written."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM NEW.content::int; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON customer_note FOR EACH ROW EXECUTE FUNCTION broken()"
        )


def test_a_request_is_a_line_that_says_who_did_what(program: Program, caller: Caller) -> None:
    subject, trace = str(uuid.uuid4()), secrets.token_hex(16)
    as_admin = {"Authorization": f"Bearer {make_token('admin', subject=subject)}"}
    customer_id = str(uuid.uuid4())
    parent = f"00-{trace}-{secrets.token_hex(8)}-01"
    _, body = caller.send("GET", f"/v1/customers/{customer_id}", traceparent=parent, **as_admin)
    (first,) = requests_of(program, 1)
    assert first.pop("time").endswith("Z")
    assert 0 < first.pop("duration_ms") < 10_000
    assert first == {
        "level": "info",
        "event": "request",
        "method": "GET",
        "route": "/v1/customers/{customer_id}",
        "status": 404,
        "bytes": len(body),
        "trace_id": trace,
        "problem": "not-found",
        "customer_id": customer_id,
        "subject": subject,
        "roles": ["admin"],
    }


def test_a_subject_that_may_be_a_name_or_a_number_is_a_hash_by_which_its_lines_are_found(
    program: Program, caller: Caller
) -> None:
    subjects = ["Maria.Popescu", "0722123456", "ana@example.com", "auth0|Popescu", "Maria.Popescu"]
    for subject in subjects:
        caller.send("GET", "/v1/customers", Authorization=f"Bearer {make_token('admin', subject=subject)}")
    told = [line["subject"] for line in requests_of(program, len(subjects))]
    assert all(re.fullmatch("hash:[0-9a-f]{16}", one) for one in told)
    assert (told[0], len(set(told))) == (told[-1], len(subjects) - 1)
    assert [one for one in subjects if one in program.output] == []
