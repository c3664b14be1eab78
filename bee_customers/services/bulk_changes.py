"""What changes of many customers at once have in common: the locks, the versions, the events.

A statement of such a change has a common table expression `changed` with a row for each customer: id, business_id,
version (as it was), changes (the new values, jsonb) and number (from 1 on). EVENTS writes their events beside it.
"""

import dataclasses
import datetime
import uuid
from collections.abc import Sequence
from typing import Any

import uuid_utils
from sqlalchemy import text

from bee_customers.db.transaction import Transaction
from bee_customers.events.outbox import CHANNEL, ROUTING_KEYS, UPDATED
from bee_customers.services.access import array_of
from bee_customers.tracing import new_trace_id

EVENTS = f"""
    INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, actor, occurred_at)
    SELECT (CAST(:event_ids AS uuid[]))[number], '{UPDATED}', '{ROUTING_KEYS[UPDATED]}', id, version + 1,
        jsonb_build_object('business_id', business_id, 'changes', changes), :trace_id, :actor, :now
    FROM changed WHERE :with_events
    RETURNING 1
"""
# A column of the statement's end; `told` is the name given to EVENTS.
WAKE_RELAY = f"(SELECT pg_notify('{CHANNEL}', '') FROM told LIMIT 1)"
_WAKE = text("SELECT pg_notify(:channel, '')")
_LOCK = text("""
SELECT count(*) FROM (
    SELECT id FROM customer WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE
) AS locked
""")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Acting:
    """Who changes customers, under which trace, and whether events tell of it."""

    actor: str
    trace_id: str = dataclasses.field(default_factory=new_trace_id)
    with_events: bool = True


def lock_all(transaction: Transaction, customer_ids: Sequence[uuid.UUID]) -> None:
    """Lock customers until the end of the transaction, in the order of their ids as everybody does.

    Who writes rows of several customers locks them first: such a row alone holds its customer by a weaker lock,
    and two that hold it so would wait for each other. Those that are gone are passed over. Read what belongs to
    the customers in a statement after this one, or it would show what was there before the wait.
    """
    transaction.run(_LOCK, {"ids": array_of(customer_ids)})


def wake_relay(transaction: Transaction) -> None:
    """Once the transaction is committed; for statements that do not do it themselves."""
    transaction.run(_WAKE, {"channel": CHANNEL})


def event_parameters(acting: Acting, now: datetime.datetime, most: int) -> dict[str, Any]:
    """What EVENTS needs, for at most so many customers."""
    ids = [str(uuid_utils.uuid7()) for _ in range(most if acting.with_events else 0)]
    return {"event_ids": f"{{{','.join(ids)}}}", "now": now, **dataclasses.asdict(acting)}
