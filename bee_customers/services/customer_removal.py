"""Removing customers, many at once: all that they own, and of each the event that tells it is gone."""

import dataclasses
import datetime
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import uuid_utils.compat
from sqlalchemy import text

from bee_customers.db.transaction import Transaction
from bee_customers.events import outbox
from bee_customers.models import Base, Customer
from bee_customers.services.access import array_of

# What goes with the customer, by its foreign key.
OWNED = tuple(
    str(table.name)
    for table in Base.metadata.sorted_tables
    if any(key.column.table is Customer.__table__ for key in table.foreign_keys)
)
_COUNTS = "".join(
    f", (SELECT count(*) FROM {table} AS owned WHERE owned.customer_id = gone.id)" for table in OWNED
)
# The statement sees what was owned as it was before, so it can still be counted.
_DELETE = text(f"""
WITH gone AS (
    DELETE FROM customer
    USING unnest(CAST(:customers AS uuid[]), CAST(:events AS uuid[])) AS told (customer_id, event_id)
    WHERE customer.id = told.customer_id
        AND customer.updated_at < COALESCE(CAST(:unchanged_since AS timestamptz), 'infinity')
        AND NOT EXISTS (
            SELECT FROM customer_order AS late WHERE late.customer_id = customer.id
                AND late.ordered_at >= CAST(:unchanged_since AS timestamptz)
        )
        AND (CAST(:unchanged_since AS timestamptz) IS NULL OR NOT EXISTS (
            SELECT FROM pending_stats WHERE pending_stats.customer_id = customer.id
        ))
    RETURNING id, user_id, business_id, email, avatar_url, version, event_id
), announced AS (
    INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, actor, occurred_at)
    SELECT event_id, '{outbox.DELETED}', '{outbox.ROUTING_KEYS[outbox.DELETED]}', id, version + 1,
        jsonb_build_object('business_id', business_id, 'reason', CAST(:reason AS text)), :trace_id, :actor, :now
    FROM gone ORDER BY id
)
SELECT id, user_id, business_id, email, avatar_url, pg_notify('{outbox.CHANNEL}', '')::text{_COUNTS} FROM gone
""")
_STRIP_EVENTS = text("""
WITH stripped AS (
    UPDATE event SET payload = payload - 'changes'
    WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND jsonb_exists(payload, 'changes')
    RETURNING customer_id
)
SELECT customer_id, count(*) FROM stripped GROUP BY customer_id
""")
_DELETE_REPLIES = text("""
WITH gone AS (
    DELETE FROM idempotency_key WHERE customer_id = ANY(CAST(:customers AS uuid[])) RETURNING customer_id
)
SELECT customer_id, count(*) FROM gone GROUP BY customer_id
""")
_FORGET_STATS = text("DELETE FROM pending_stats WHERE customer_id = ANY(CAST(:customers AS uuid[]))")


@dataclasses.dataclass(frozen=True)
class RemovedCustomer:
    """What it was known by, and how many rows of each table went with it."""

    id: uuid.UUID
    user_id: uuid.UUID | None
    business_id: uuid.UUID
    email: str | None
    avatar_url: str | None
    counts: Counter[str]


def remove(
    transaction: Transaction,
    customer_ids: Sequence[uuid.UUID],
    *,
    reason: str,
    actor: str,
    trace_id: str,
    now: datetime.datetime,
    unchanged_since: datetime.datetime | None = None,
) -> list[RemovedCustomer]:
    """Delete those of the customers that are there; with a time, only those without change or order since.

    Call `remove_traces` of them after it, in the same transaction: customers are locked first, as everywhere. The
    files of avatars are the caller's to remove, once this is committed.
    """
    parameters = {
        "customers": array_of(sorted(customer_ids)),
        "events": array_of(uuid_utils.compat.uuid7() for _ in customer_ids),
        "unchanged_since": unchanged_since,
        "reason": reason,
        "actor": actor,
        "trace_id": trace_id,
        "now": now,
    }
    return [_removed(row) for row in transaction.run(_DELETE, parameters).rows]


def remove_traces(transaction: Transaction, customer_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Counter[str]]:
    """Take out what is still told of customers that are gone: values of events, sent or not, and stored replies.

    Returns of whom how many rows of each table. Events keep their ids.
    """
    counts: dict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    if not customer_ids:
        return counts
    customers = {"customers": array_of(sorted(customer_ids))}
    for table, statement in (("event", _STRIP_EVENTS), ("idempotency_key", _DELETE_REPLIES)):
        for customer_id, count in transaction.run(statement, customers).rows:
            counts[customer_id][table] = count
    transaction.run(_FORGET_STATS, customers)
    return counts


def _removed(row: tuple[Any, ...]) -> RemovedCustomer:
    customer_id, user_id, business_id, email, avatar_url, _, *counts = row
    owned = Counter({"customer": 1, **dict(zip(OWNED, counts, strict=True))})
    return RemovedCustomer(customer_id, user_id, business_id, email, avatar_url, owned)
