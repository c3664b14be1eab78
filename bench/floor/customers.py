"""Creating a customer, and giving one another name."""

from typing import Any

import uuid_utils

from bench.floor.exchange import Reply, body_of, comparison_key, customer_of, now, to_json
from bench.floor.fields import CARRIED, FIELDS, OWN_COLUMNS, OWN_FIELDS
from bench.floor.writing import announce, writer

_INSERT_CUSTOMER = """
INSERT INTO customer (id, user_id, business_id, full_name, email, phone, gender, total_orders, lifetime_value,
    version, name_key, search_text, email_key, created_at, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, 0, 0, 1, %s, %s, %s, %s, %s)
"""
_INSERT_HISTORY = "INSERT INTO customer_history (customer_id) VALUES (%s)"
_LOCK = f"SELECT {OWN_COLUMNS} FROM customer WHERE id = %s FOR UPDATE"
_UPDATE = """
UPDATE customer SET full_name = %s, name_key = %s, search_text = %s, version = %s, updated_at = %s
WHERE id = %s
"""


def post(environ: dict[str, Any], actor: str) -> Reply:
    new, at, customer_id = body_of(environ), now(), str(uuid_utils.uuid7())
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
    connection = writer()
    with connection, connection.cursor() as cursor:
        cursor.execute(
            _INSERT_CUSTOMER,
            (customer_id, *profile, name_key, search_text, (new["email"] or "").casefold() or None, at, at),
        )
        cursor.execute(_INSERT_HISTORY, (customer_id,))
        announce(cursor, "Created", (customer_id, 1, new["business_id"], changes, actor, at))
    row = (customer_id, *profile, None, 0, "0.00", [], 1, at, at)
    return "201 Created", to_json(dict(zip(FIELDS, row, strict=True)))


def patch(environ: dict[str, Any], actor: str) -> Reply:
    full_name, at, customer_id = body_of(environ)[0]["value"], now(), customer_of(environ)
    connection = writer()
    with connection, connection.cursor() as cursor:
        cursor.execute(_LOCK, (customer_id,))
        customer = dict(zip(OWN_FIELDS, cursor.fetchone(), strict=True))
        cursor.execute(CARRIED, (customer_id,))
        customer |= {
            "tags": [row[0] for row in cursor.fetchall()],
            "full_name": full_name,
            "version": customer["version"] + 1,
            "updated_at": at,
        }
        name_key, search_text = _keys(full_name, customer["email"], customer["phone"])
        cursor.execute(_UPDATE, (full_name, name_key, search_text, customer["version"], at, customer_id))
        details = (customer["business_id"], {"full_name": full_name})
        announce(cursor, "Updated", (customer_id, customer["version"], *details, actor, at))
    return "200 OK", to_json(customer)


def _keys(full_name: str, email: str | None, phone: str | None) -> tuple[str, str]:
    name_key = comparison_key(full_name)
    return name_key, f"{name_key}\n{(email or '').casefold()}\n{(phone or '').lstrip('+')}"
