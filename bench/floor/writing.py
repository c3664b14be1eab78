"""What all writes have in common: a connection for each thread, and the event."""

import os
import threading
from typing import Any

import orjson
import psycopg2
import uuid_utils
from psycopg2.extras import Json

_INSERT_EVENT = """
INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, actor,
    occurred_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_own = threading.local()


def writer() -> Any:
    if not hasattr(_own, "writer"):
        _own.writer = psycopg2.connect(os.environ["DATABASE_URL"])
    return _own.writer


def announce(cursor: Any, what: str, details: tuple[Any, ...]) -> None:
    customer_id, version, business_id, changes, actor, now = details
    payload = Json({"business_id": business_id, "changes": changes}, dumps=_dumps)
    kind, key = f"Customer{what}Event", f"customers.{what.lower()}"
    row = (str(uuid_utils.uuid7()), kind, key, customer_id, version, payload, "0" * 32, actor, now)
    cursor.execute(_INSERT_EVENT, row)


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()
