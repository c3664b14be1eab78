"""The aggregates of many customers at once, counted anew from the ledger.

services/orders.py defines them and moves them by the difference of one entry. Here they are counted again: for who
writes the ledger in bulk, and to set right what drifted.
"""

import datetime
import uuid
from collections.abc import Sequence

import uuid_utils
from sqlalchemy import text

from bee_customers.db.transaction import Transaction
from bee_customers.errors import LedgerTooLarge
from bee_customers.events.outbox import CHANNEL, ROUTING_KEYS, UPDATED
from bee_customers.services.access import array_of
from bee_customers.services.order_rules import AMOUNT_MOST

# Where each is kept, and what it is where the ledger is empty.
AGGREGATES = {
    "total_orders": ("customer", "0"),
    "total_bookings": ("history", "0"),
    "returned_orders": ("history", "0"),
    "lifetime_value": ("customer", "0.00"),
    "first_order_date": ("history", "NULL::date"),
    "last_order_date": ("history", "NULL::date"),
}
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
    filled = (template.format(name=name, place=place, none=none) for name, (place, none) in AGGREGATES.items())
    return ", ".join(filled)


def compared(of: str) -> str:
    """A query of customers with their aggregates as they are kept and as the ledger has them.

    `of` is a condition on `customer`; `has_history` tells whether they have the row in which some of them are
    kept. Each customer's entries are a range of the ledger's key. A join with the grouped ledger would be no
    quicker, and where the planner misjudges how many customers are meant, it would read the whole ledger for each.
    """
    return f"""
    SELECT customer.id, customer.business_id, customer.version, history.customer_id IS NOT NULL AS has_history,
        {_each("COALESCE({place}.{name}, {none}) AS was_{name}")},
        {_each("COALESCE(ledger.{name}, {none}) AS is_{name}")}
    FROM customer
    LEFT JOIN customer_history AS history ON history.customer_id = customer.id
    CROSS JOIN LATERAL ({_COUNTED}) AS ledger
    WHERE {of}
    """


# The value that is kept is `was_...`, the true one `is_...`.
HAS_MOVED = f"({_each('was_{name}')}) IS DISTINCT FROM ({_each('is_{name}')})"
_IDS = "ANY(CAST(:ids AS uuid[]))"
_LOCK = text(f"""
SELECT count(*) FROM (SELECT id FROM customer WHERE id = {_IDS} ORDER BY id FOR NO KEY UPDATE) AS locked
""")
# An event tells what moved and nothing else, its money as text with two places.
_CHANGES = " || ".join(
    f"CASE WHEN was_{name} IS DISTINCT FROM is_{name} THEN jsonb_build_object('{name}', {value}) ELSE '{{}}' END"
    for name in AGGREGATES
    for value in (f"is_{name}::numeric(14, 2)::text" if name == "lifetime_value" else f"is_{name}",)
)
_SET_RIGHT = text(f"""
WITH compared AS MATERIALIZED (
    SELECT *, {HAS_MOVED} AS has_moved, row_number() OVER () AS number
    FROM ({compared(f"customer.id = {_IDS}")}) AS each
    WHERE NOT has_history OR {HAS_MOVED}
), drifted AS (
    SELECT * FROM compared WHERE is_lifetime_value <= :most
), profile AS (
    UPDATE customer SET total_orders = is_total_orders, lifetime_value = is_lifetime_value,
        version = drifted.version + 1, updated_at = :now
    FROM drifted WHERE customer.id = drifted.id AND has_moved
), history AS (
    INSERT INTO customer_history (customer_id, total_bookings, returned_orders, first_order_date, last_order_date)
    SELECT id, is_total_bookings, is_returned_orders, is_first_order_date, is_last_order_date FROM drifted
    ON CONFLICT (customer_id) DO UPDATE SET total_bookings = excluded.total_bookings,
        returned_orders = excluded.returned_orders, first_order_date = excluded.first_order_date,
        last_order_date = excluded.last_order_date
), told AS (
    INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, actor, occurred_at)
    SELECT (CAST(:event_ids AS uuid[]))[number], '{UPDATED}', '{ROUTING_KEYS[UPDATED]}', id, version + 1,
        jsonb_build_object('business_id', business_id, 'changes', {_CHANGES}), :trace_id, :actor, :now
    FROM drifted WHERE has_moved AND :with_events
    RETURNING 1
)
SELECT (SELECT count(*) FROM drifted), (SELECT pg_notify('{CHANNEL}', '') FROM told LIMIT 1),
    (SELECT array_agg(id::text) FROM compared WHERE is_lifetime_value > :most)
""")


def lock_all(transaction: Transaction, customer_ids: Sequence[uuid.UUID]) -> None:
    """Lock customers until the end of the transaction, in the order of their ids as everybody does.

    Who writes entries of several customers into the ledger locks them first: an entry alone holds its customer by
    a weaker lock, and two that hold it so would wait for each other. Those that are gone are passed over.
    """
    transaction.run(_LOCK, {"ids": array_of(customer_ids)})


def set_right(
    transaction: Transaction,
    customer_ids: Sequence[uuid.UUID],
    *,
    actor: str,
    trace_id: str,
    with_events: bool,
    now: datetime.datetime,
) -> int:
    """Lock these customers, count their aggregates anew and write those that differ; returns how many did.

    Each whose aggregates moved is at its next version afterwards and, `with_events`, has an event that tells those
    that moved. A row of customer_history that is missing is made; that alone is no news. Three statements at
    most, whatever the number of customers: made for some thousands at a time. In the caller's transaction, after
    whatever it wrote into the ledger. Raises LedgerTooLarge where a sum is past what can be kept.
    """
    if not customer_ids:
        return 0
    lock_all(transaction, customer_ids)
    # a statement after the lock, or it would see the ledger as it was before the wait
    parameters = {
        "ids": array_of(customer_ids),
        "event_ids": _new_ids(len(customer_ids)) if with_events else "{}",
        "most": AMOUNT_MOST,
        "now": now,
        "actor": actor,
        "trace_id": trace_id,
        "with_events": with_events,
    }
    count, _, too_large = transaction.run(_SET_RIGHT, parameters).rows[0]
    if too_large:
        raise LedgerTooLarge([uuid.UUID(identifier) for identifier in too_large])
    return int(count)


def _new_ids(count: int) -> str:
    return "{" + ",".join(str(uuid_utils.uuid7()) for _ in range(count)) + "}"
