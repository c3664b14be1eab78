"""What the tables hold, told so that two runs can be compared: without ids and times that are made anew."""

from typing import Any

from sqlalchemy import text

from bee_customers.db.engine import Database

_WHO = "concat_ws(' ', c.business_id, c.user_id, c.email_key, c.full_name)"
_CUSTOMERS = text(f"""
SELECT {_WHO}, c.user_id::text, c.business_id::text, full_name, email, phone, gender, name_key, email_key,
    search_text, version, total_orders, lifetime_value::text, total_bookings, returned_orders, first_order_date,
    last_order_date,
    ARRAY(SELECT name FROM customer_tag JOIN tag ON tag.id = tag_id WHERE customer_id = c.id ORDER BY name_key)
FROM customer AS c JOIN customer_history ON customer_id = c.id ORDER BY 1
""")
_ORDERS = text(f"""
SELECT {_WHO}, o.order_id, kind, status, amount::text, ordered_at, o.updated_at
FROM customer_order AS o JOIN customer AS c ON c.id = customer_id ORDER BY 1, 2
""")
_EVENTS = text(f"""
SELECT {_WHO}, type, routing_key, customer_version, payload::text
FROM event JOIN customer AS c ON c.id = customer_id ORDER BY 1, customer_version
""")
_ALONE = text("SELECT count(*) FROM event WHERE customer_id NOT IN (SELECT id FROM customer)")
_TAGS = text("SELECT name FROM tag ORDER BY name_key")


def of(database: Database) -> dict[str, Any]:
    """Customers, orders, events and tags."""
    told = {
        "customers": _CUSTOMERS,
        "orders": _ORDERS,
        "events": _EVENTS,
        "tags": _TAGS,
        "events of nobody": _ALONE,
    }
    return {name: database.read(statement) for name, statement in told.items()}


def empty(database: Database) -> None:
    tables = "customer, customer_order, event, tag, import_run, pending_stats"
    with database.session() as session:
        session.execute(text(f"TRUNCATE {tables} CASCADE"))
        session.commit()
