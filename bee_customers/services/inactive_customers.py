"""Customers that nothing has happened to for long: no order, and no change of what is known about them."""

import datetime
import uuid
from collections.abc import Iterator
from functools import partial

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.services import customer_removal
from bee_customers.services.avatar_files import AvatarFiles
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.storage.protocol import Storage
from bee_customers.tracing import new_trace_id

REASON = "retention"
_ACTOR = "retention"
BATCH = 500
# An order or a booking that is still to come counts, whenever it was recorded; so do those that an import brought
# and that the statistics do not know yet.
_IS_INACTIVE = """
updated_at < :before AND NOT EXISTS (
    SELECT FROM customer_history AS history
    WHERE history.customer_id = customer.id AND history.last_order_date >= CAST(:before AS date)
) AND NOT EXISTS (
    SELECT FROM customer_order WHERE customer_order.customer_id = customer.id AND ordered_at >= :before
) AND NOT EXISTS (SELECT FROM pending_stats WHERE pending_stats.customer_id = customer.id)
"""
_COUNT = text(f"SELECT count(*) FROM customer WHERE {_IS_INACTIVE}")
# Once over the primary key: an index of its own would cost every change something, for one look a day.
_NEXT = text(f"""
SELECT id FROM customer WHERE id > CAST(:after AS uuid) AND {_IS_INACTIVE} ORDER BY id LIMIT :batch
""")


def count(database: Database, before: datetime.datetime) -> int:
    return int(database.read(_COUNT, {"before": before})[0][0])


def remove(
    database: Database, storage: Storage, before: datetime.datetime, clock: Clock = utc_now
) -> Iterator[int]:
    """Erase them batch by batch, each its own transaction; tells of each how many went.

    What they were is told to nobody: the event names ids and the reason. A file that a crash leaves behind is
    swept with the unnamed ones.
    """
    after = uuid.UUID(int=0)
    while rows := database.read(_NEXT, {"before": before, "after": str(after), "batch": BATCH}):
        batch = [customer_id for (customer_id,) in rows]
        yield transact(database, partial(_remove, storage, batch, before, clock()))
        after = batch[-1]


def _remove(
    storage: Storage, batch: list[uuid.UUID], before: datetime.datetime, now: datetime.datetime, unit: UnitOfWork
) -> int:
    """One that was changed, or has new orders, since it was found stays."""
    gone = customer_removal.remove(
        unit.transaction,
        batch,
        reason=REASON,
        actor=_ACTOR,
        trace_id=new_trace_id(),
        now=now,
        unchanged_since=before,
    )
    customer_removal.remove_traces(unit.transaction, [customer.id for customer in gone])
    files = AvatarFiles(storage, unit)
    for customer in gone:
        files.remove(customer.avatar_url)
    return len(gone)
