"""Attaching tags, and recording an order that is new and completed.

The change of the customer's row is also its lock, since nothing has to be known before it.
"""

from typing import Any

from bench.floor.exchange import Reply, body_of, comparison_key, customer_of, now, to_json
from bench.floor.fields import CARRIED
from bench.floor.writing import announce, writer

_NEXT_VERSION = """
UPDATE customer SET version = version + 1, updated_at = %s WHERE id = %s RETURNING version, business_id
"""
_ATTACH = """
INSERT INTO customer_tag (customer_id, tag_id, created_at) SELECT %s, id, %s FROM tag WHERE name_key = ANY (%s)
ON CONFLICT DO NOTHING
"""
_COUNT_ORDER = """
UPDATE customer SET version = version + 1, updated_at = %s, total_orders = total_orders + 1,
    lifetime_value = lifetime_value + %s
WHERE id = %s RETURNING version, business_id, total_orders, lifetime_value::text
"""
_INSERT_ORDER = """
INSERT INTO customer_order (customer_id, order_id, kind, status, amount, ordered_at, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_ORDER_FIELDS = ("kind", "status", "amount", "ordered_at", "updated_at")
# The dates as they become, and as they were: an event tells what changed.
_EXTEND_DATES = """
UPDATE customer_history AS new SET
    first_order_date = LEAST(new.first_order_date, placed.day),
    last_order_date = GREATEST(new.last_order_date, placed.day)
FROM (SELECT (%s::timestamptz AT TIME ZONE 'UTC')::date AS day) AS placed, customer_history AS old
WHERE new.customer_id = %s AND old.customer_id = new.customer_id
RETURNING new.first_order_date::text, new.last_order_date::text, old.first_order_date::text,
    old.last_order_date::text
"""


def attach(environ: dict[str, Any], actor: str) -> Reply:
    names, at, customer_id = body_of(environ)["tags"], now(), customer_of(environ)
    connection = writer()
    with connection, connection.cursor() as cursor:
        cursor.execute(_NEXT_VERSION, (at, customer_id))
        version, business_id = cursor.fetchone()
        cursor.execute(_ATTACH, (customer_id, at, [comparison_key(name) for name in names]))
        cursor.execute(CARRIED, (customer_id,))
        tags = [row[0] for row in cursor.fetchall()]
        announce(cursor, "Updated", (customer_id, version, business_id, {"tags": tags}, actor, at))
    return "200 OK", to_json(tags)


def put_order(environ: dict[str, Any], actor: str) -> Reply:
    order, at, customer_id = body_of(environ), now(), customer_of(environ)
    order_id = environ["PATH_INFO"][58:]
    connection = writer()
    with connection, connection.cursor() as cursor:
        cursor.execute(_COUNT_ORDER, (at, order["amount"], customer_id))
        version, business_id, orders, value = cursor.fetchone()
        cursor.execute(_INSERT_ORDER, (customer_id, order_id, *(order[name] for name in _ORDER_FIELDS)))
        changes = {"total_orders": orders, "lifetime_value": value, **_extend_dates(cursor, customer_id, order)}
        announce(cursor, "Updated", (customer_id, version, business_id, changes, actor, at))
    return "201 Created", to_json({"order_id": order_id, **order})


def _extend_dates(cursor: Any, customer_id: str, order: dict[str, str]) -> dict[str, str]:
    cursor.execute(_EXTEND_DATES, (order["ordered_at"], customer_id))
    first, last, old_first, old_last = cursor.fetchone()
    changed = {"first_order_date": first} if first != old_first else {}
    return changed | ({"last_order_date": last} if last != old_last else {})
