"""Reading: one prepared statement for each kind."""

import os
import threading
from typing import Any
from urllib.parse import parse_qs

import psycopg2

from bench.floor.exchange import Reply, to_json
from bench.floor.fields import FIELDS, OWN_COLUMNS, TAGS

_COLUMNS = OWN_COLUMNS.replace("version", f"ARRAY({TAGS.format('customer.id')}), version")
_PREPARE = f"""
PREPARE one_customer (uuid) AS SELECT {_COLUMNS} FROM customer WHERE id = $1;
PREPARE first_page (uuid, int) AS
    SELECT {_COLUMNS} FROM customer WHERE business_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2;
"""
_own = threading.local()


def get(environ: dict[str, Any], _: str) -> Reply:
    path = environ["PATH_INFO"]
    if path != "/v1/customers":
        row = _read("EXECUTE one_customer (%s)", (path[14:],))[0]
        return "200 OK", to_json(dict(zip(FIELDS, row, strict=True)))
    query = parse_qs(environ["QUERY_STRING"])
    rows = _read("EXECUTE first_page (%s, %s)", (query["business_id"][0], int(query["limit"][0])))
    return "200 OK", to_json([dict(zip(FIELDS, row, strict=True)) for row in rows])


def _read(statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if not hasattr(_own, "reader"):
        _own.reader = psycopg2.connect(os.environ["DATABASE_URL"])
        _own.reader.autocommit = True
        with _own.reader.cursor() as cursor:
            cursor.execute(_PREPARE)
    with _own.reader.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
