"""The floor: the least a Python server of this kind could do, with nothing of the service in it.

A bare WSGI function on waitress, a prepared statement for each read, the same token check and the same
statements in a write, but no validation, no error replies, no headers, no logs. Started as
`python -m bench.floor`, with the environment of the service.
"""

import datetime
import hashlib
import logging
import os
import threading
import time
import unicodedata
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

import jwt
import orjson
import psycopg2
import uuid_utils
import waitress
from psycopg2.extras import Json

_FIELDS = (
    "id",
    "user_id",
    "business_id",
    "full_name",
    "email",
    "phone",
    "gender",
    "avatar_url",
    "total_orders",
    "lifetime_value",
    "tags",
    "version",
    "created_at",
    "updated_at",
)
_GIVEN = ("user_id", "business_id", "full_name", "email", "phone", "gender")
_OWN_FIELDS = tuple(name for name in _FIELDS if name != "tags")
_TAGS = "SELECT name FROM customer_tag JOIN tag ON tag.id = tag_id WHERE customer_id = {} ORDER BY name_key"
_OWN_COLUMNS = ", ".join(_OWN_FIELDS).replace("lifetime_value", "lifetime_value::text")
_COLUMNS = _OWN_COLUMNS.replace("version", f"ARRAY({_TAGS.format('customer.id')}), version")
_PREPARE = f"""
PREPARE one_customer (uuid) AS SELECT {_COLUMNS} FROM customer WHERE id = $1;
PREPARE first_page (uuid, int) AS
    SELECT {_COLUMNS} FROM customer WHERE business_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2;
"""
_INSERT_CUSTOMER = """
INSERT INTO customer (id, user_id, business_id, full_name, email, phone, gender, total_orders, lifetime_value,
    version, name_key, search_text, created_at, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, 0, 0, 1, %s, %s, %s, %s)
"""
_INSERT_HISTORY = "INSERT INTO customer_history (customer_id) VALUES (%s)"
_INSERT_EVENT = """
INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, actor,
    occurred_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_LOCK = f"SELECT {_OWN_COLUMNS} FROM customer WHERE id = %s FOR UPDATE"
_CARRIED = _TAGS.format("%s")
_UPDATE = """
UPDATE customer SET full_name = %s, name_key = %s, search_text = %s, version = %s, updated_at = %s
WHERE id = %s
"""

_URL = os.environ["DATABASE_URL"]
_KEY = os.environ["AUTH_JWT_KEY"]
_own = threading.local()
_verified: dict[bytes, tuple[float, str]] = {}


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    actor = _actor(environ["HTTP_AUTHORIZATION"][7:])
    status, body = _routes[environ["REQUEST_METHOD"]](environ, actor)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return (body,)


def _actor(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    known = _verified.get(digest)
    if known is None or known[0] < time.time():
        claims = jwt.decode(token, _KEY, algorithms=["HS256"], issuer="bee-auth", audience="bee-customers")
        known = _verified[digest] = (min(claims["exp"], time.time() + 60), claims["sub"])
    return known[1]


def _get(environ: dict[str, Any], _: str) -> tuple[str, bytes]:
    path = environ["PATH_INFO"]
    if path != "/v1/customers":
        row = _read("EXECUTE one_customer (%s)", (path[14:],))[0]
        return "200 OK", _json(dict(zip(_FIELDS, row, strict=True)))
    query = parse_qs(environ["QUERY_STRING"])
    rows = _read("EXECUTE first_page (%s, %s)", (query["business_id"][0], int(query["limit"][0])))
    return "200 OK", _json([dict(zip(_FIELDS, row, strict=True)) for row in rows])


def _post(environ: dict[str, Any], actor: str) -> tuple[str, bytes]:
    new, now, customer_id = _body(environ), _now(), str(uuid_utils.uuid7())
    name_key, search_text = _keys(new["full_name"], new["email"], new["phone"])
    profile = [
        new["user_id"],
        new["business_id"],
        new["full_name"],
        new["email"],
        new["phone"],
        new["gender"],
    ]
    changes = {name: value for name, value in new.items() if name != "business_id"}
    connection = _writer()
    with connection, connection.cursor() as cursor:
        cursor.execute(_INSERT_CUSTOMER, (customer_id, *profile, name_key, search_text, now, now))
        cursor.execute(_INSERT_HISTORY, (customer_id,))
        _announce(cursor, "Created", (customer_id, 1, new["business_id"], changes, actor, now))
    row = (customer_id, *profile, None, 0, "0.00", [], 1, now, now)
    return "201 Created", _json(dict(zip(_FIELDS, row, strict=True)))


def _patch(environ: dict[str, Any], actor: str) -> tuple[str, bytes]:
    full_name, now, customer_id = _body(environ)[0]["value"], _now(), environ["PATH_INFO"][14:]
    connection = _writer()
    with connection, connection.cursor() as cursor:
        cursor.execute(_LOCK, (customer_id,))
        customer = dict(zip(_OWN_FIELDS, cursor.fetchone(), strict=True))
        cursor.execute(_CARRIED, (customer_id,))
        customer |= {
            "tags": [row[0] for row in cursor.fetchall()],
            "full_name": full_name,
            "version": customer["version"] + 1,
            "updated_at": now,
        }
        name_key, search_text = _keys(full_name, customer["email"], customer["phone"])
        cursor.execute(_UPDATE, (full_name, name_key, search_text, customer["version"], now, customer_id))
        details = (customer["business_id"], {"full_name": full_name})
        _announce(cursor, "Updated", (customer_id, customer["version"], *details, actor, now))
    return "200 OK", _json(customer)


def _announce(cursor: Any, what: str, details: tuple[Any, ...]) -> None:
    customer_id, version, business_id, changes, actor, now = details
    payload = Json({"business_id": business_id, "changes": changes}, dumps=_dumps)
    kind, key = f"Customer{what}Event", f"customers.{what.lower()}"
    row = (str(uuid_utils.uuid7()), kind, key, customer_id, version, payload, "0" * 32, actor, now)
    cursor.execute(_INSERT_EVENT, row)


_routes = {"GET": _get, "POST": _post, "PATCH": _patch}


def _read(statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if not hasattr(_own, "reader"):
        _own.reader = psycopg2.connect(_URL)
        _own.reader.autocommit = True
        with _own.reader.cursor() as cursor:
            cursor.execute(_PREPARE)
    with _own.reader.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _writer() -> Any:
    if not hasattr(_own, "writer"):
        _own.writer = psycopg2.connect(_URL)
    return _own.writer


def _body(environ: dict[str, Any]) -> Any:
    return orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))


def _keys(full_name: str, email: str | None, phone: str | None) -> tuple[str, str]:
    decomposed = unicodedata.normalize("NFKD", full_name.casefold())
    name_key = "".join(char for char in decomposed if not unicodedata.combining(char))
    return name_key, f"{name_key}\n{(email or '').casefold()}\n{(phone or '').lstrip('+')}"


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _json(document: object) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


def main() -> None:
    # A line for each moment that all threads are busy would be the floor's largest cost.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    host, port, threads = (os.environ[name] for name in ("HOST", "PORT", "THREADS"))
    bounds = {"threads": int(threads), "asyncore_use_poll": True, "ident": None}
    waitress.serve(application, host=host, port=int(port), _quiet=True, **bounds)


if __name__ == "__main__":
    main()
