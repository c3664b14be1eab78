"""Reading: one prepared statement for each kind."""

import os
import threading
from typing import Any
from urllib.parse import parse_qs

import psycopg2

from bench.floor.exchange import Reply, customer_of, to_json
from bench.floor.fields import FIELDS, OWN_COLUMNS, TAGS

_COLUMNS = OWN_COLUMNS.replace("version", f"ARRAY({TAGS.format('customer.id')}), version")
_PREPARE = f"""
PREPARE one_customer (uuid) AS SELECT {_COLUMNS} FROM customer WHERE id = $1;
PREPARE first_page (uuid, int) AS
    SELECT {_COLUMNS} FROM customer WHERE business_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2;
PREPARE stats (uuid) AS
    SELECT total_orders, total_bookings, lifetime_value::text,
        round(lifetime_value / nullif(total_orders + total_bookings, 0), 2)::text,
        returned_orders, round(returned_orders::numeric / nullif(total_orders, 0), 4)::float8,
        first_order_date, last_order_date, (now() AT TIME ZONE 'UTC')::date - last_order_date, now()
    FROM customer JOIN customer_history ON customer_id = id WHERE id = $1;
PREPARE notes (uuid) AS
    SELECT id::text, content, author, created_at FROM customer_note WHERE customer_id = $1
    ORDER BY id DESC LIMIT 50;
"""
_STATS_FIELDS = (
    "total_orders",
    "total_bookings",
    "lifetime_value",
    "average_order_value",
    "returned_orders",
    "return_rate",
    "first_order_date",
    "last_order_date",
    "days_since_last_order",
    "computed_at",
)
_NOTE_FIELDS = ("id", "content", "author", "created_at")
_own = threading.local()


def customer(environ: dict[str, Any], _: str) -> Reply:
    row = _read("EXECUTE one_customer (%s)", (customer_of(environ),))[0]
    return "200 OK", to_json(dict(zip(FIELDS, row, strict=True)))


def customers(environ: dict[str, Any], _: str) -> Reply:
    query = parse_qs(environ["QUERY_STRING"])
    rows = _read("EXECUTE first_page (%s, %s)", (query["business_id"][0], int(query["limit"][0])))
    return "200 OK", to_json([dict(zip(FIELDS, row, strict=True)) for row in rows])


def stats(environ: dict[str, Any], _: str) -> Reply:
    row = _read("EXECUTE stats (%s)", (customer_of(environ),))[0]
    return "200 OK", to_json(dict(zip(_STATS_FIELDS, row, strict=True)))


def notes(environ: dict[str, Any], _: str) -> Reply:
    rows = _read("EXECUTE notes (%s)", (customer_of(environ),))
    return "200 OK", to_json([dict(zip(_NOTE_FIELDS, row, strict=True)) for row in rows])


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
