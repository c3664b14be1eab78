"""The aggregates of many customers at once, counted anew from the ledger.

services/orders.py defines them and moves them by the difference of one entry. Here they are counted again: for who
writes the ledger in bulk, and to set right what drifted.
"""

import datetime
import uuid
from collections.abc import Sequence

from sqlalchemy import text

from bee_customers.db.transaction import Transaction
from bee_customers.errors import LedgerTooLarge
from bee_customers.services.access import array_of
from bee_customers.services.bulk_changes import EVENTS, WAKE_RELAY, Acting, event_parameters, lock_all
from bee_customers.services.order_rules import AMOUNT_MOST

# What each is where the ledger is empty, in the order in which statements name them.
AGGREGATES = {
    "total_orders": "0",
    "total_bookings": "0",
    "returned_orders": "0",
    "lifetime_value": "0.00",
    "first_order_date": "NULL::date",
    "last_order_date": "NULL::date",
}
# The columns of what is compared; the aggregates stand in two tables.
KEPT = f"id, business_id, version, customer_id IS NOT NULL AS has_history, {', '.join(AGGREGATES)}"
_IS_ORDER = "kind = 'order' AND status <> 'cancelled'"
_COUNTED = f"""
    SELECT
        count(*) FILTER (WHERE {_IS_ORDER})::int AS total_orders,
        count(*) FILTER (WHERE kind = 'booking' AND status <> 'cancelled')::int AS total_bookings,
        count(*) FILTER (WHERE kind = 'order' AND status = 'returned')::int AS returned_orders,
        sum(amount) FILTER (WHERE status = 'completed') AS lifetime_value,
        (min(ordered_at) FILTER (WHERE {_IS_ORDER}) AT TIME ZONE 'UTC')::date AS first_order_date,
        (max(ordered_at) FILTER (WHERE {_IS_ORDER}) AT TIME ZONE 'UTC')::date AS last_order_date
    FROM customer_order WHERE customer_id = customer.id
"""


def _each(template: str) -> str:
    """The template, filled for each of the aggregates."""
    return ", ".join(template.format(name=name, none=none) for name, none in AGGREGATES.items())


def compared(customers: str) -> str:
    """A query of customers with their aggregates as they are kept, `was_...`, and as the ledger says, `is_...`.

    `customers` is a table of the columns KEPT. The ledger is read by its key for each of them: a join with the
    grouped ledger would be no quicker, and where the planner misjudges how many customers are meant, it would read
    the whole ledger for some thousands.
    """
    return f"""
    SELECT customer.id, customer.business_id, customer.version, customer.has_history,
        {_each("COALESCE(customer.{name}, {none}) AS was_{name}")},
        {_each("COALESCE(ledger.{name}, {none}) AS is_{name}")}
    FROM {customers} AS customer CROSS JOIN LATERAL ({_COUNTED}) AS ledger
    """


HAS_MOVED = f"({_each('was_{name}')}) IS DISTINCT FROM ({_each('is_{name}')})"
# An event tells what moved and nothing else, its money as text with two places.
_CHANGES = " || ".join(
    f"CASE WHEN was_{name} IS DISTINCT FROM is_{name} THEN jsonb_build_object('{name}', {value}) ELSE '{{}}' END"
    for name in AGGREGATES
    for value in (f"is_{name}::numeric(14, 2)::text" if name == "lifetime_value" else f"is_{name}",)
)
_SET_RIGHT = text(f"""
WITH kept AS MATERIALIZED (
    SELECT {KEPT} FROM customer LEFT JOIN customer_history ON customer_id = id
    WHERE id = ANY(CAST(:ids AS uuid[]))
), compared AS MATERIALIZED (
    SELECT *, {HAS_MOVED} AS has_moved, row_number() OVER () AS number
    FROM ({compared("kept")}) AS each
    WHERE NOT has_history OR {HAS_MOVED}
), drifted AS (
    SELECT * FROM compared WHERE is_lifetime_value <= :most
), changed AS (
    SELECT *, {_CHANGES} AS changes FROM drifted WHERE has_moved
), profile AS (
    UPDATE customer SET total_orders = is_total_orders, lifetime_value = is_lifetime_value,
        version = changed.version + 1, updated_at = :now
    FROM changed WHERE customer.id = changed.id
), history AS (
    INSERT INTO customer_history (customer_id, total_bookings, returned_orders, first_order_date, last_order_date)
    SELECT id, is_total_bookings, is_returned_orders, is_first_order_date, is_last_order_date FROM drifted
    ON CONFLICT (customer_id) DO UPDATE SET total_bookings = excluded.total_bookings,
        returned_orders = excluded.returned_orders, first_order_date = excluded.first_order_date,
        last_order_date = excluded.last_order_date
), told AS ({EVENTS})
SELECT (SELECT count(*) FROM drifted), (SELECT array_agg(id::text) FROM compared WHERE is_lifetime_value > :most),
    {WAKE_RELAY}
""")


def set_right(
    transaction: Transaction,
    customer_ids: Sequence[uuid.UUID],
    acting: Acting,
    now: datetime.datetime,
) -> int:
    """Lock these customers, count their aggregates anew and write those that differ; returns how many did.

    Each whose aggregates moved is at its next version afterwards and, where there are to be events, has one that
    tells those that moved. A row of customer_history that is missing is made; that is no news. Two statements
    in the caller's transaction, after whatever it wrote into the ledger; made for some thousands at a time.
    Raises LedgerTooLarge where a sum is past what can be kept.
    """
    if not customer_ids:
        return 0
    lock_all(transaction, customer_ids)
    told = event_parameters(acting, now, len(customer_ids))
    parameters = {"ids": array_of(customer_ids), "most": AMOUNT_MOST, **told}
    count, too_large, _ = transaction.run(_SET_RIGHT, parameters).rows[0]
    if too_large:
        raise LedgerTooLarge([uuid.UUID(identifier) for identifier in too_large])
    return int(count)
