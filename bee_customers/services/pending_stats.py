"""The aggregates of those whose ledger was written in bulk: noted with the entries, set right afterwards.

Each batch of an import would otherwise write the same customers again and again. Until then a customer's aggregates
are as they were; its ledger is never behind.
"""

import logging
import uuid
from collections.abc import Iterator

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import LedgerTooLarge
from bee_customers.services.aggregates import set_right
from bee_customers.services.customer_changes import Clock, utc_now

log = logging.getLogger(__name__)

_BATCH = 5000
# Customers are noted while this is shared, and taken up while it is not: else one that is noted already could be taken
# up just before its newest entries are committed. The number is any that nothing else takes.
_LOCK = 5417340928
_SHARE = text(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")
_HOLD = text(f"SELECT pg_advisory_xact_lock({_LOCK})")
_TAKE = text("""
    DELETE FROM pending_stats WHERE customer_id = ANY(ARRAY(
        SELECT customer_id FROM pending_stats ORDER BY customer_id LIMIT :batch
    ))
    RETURNING customer_id
""")
_COUNT = text("SELECT count(*) FROM pending_stats")


def hold_open(transaction: Transaction) -> None:
    """Before entries are noted in a transaction: nobody takes them up until it ends."""
    transaction.run(_SHARE)


def count(database: Database) -> int:
    return int(database.read(_COUNT)[0][0])


def set_pending_right(
    database: Database, *, actor: str, trace_id: str, with_events: bool, clock: Clock = utc_now
) -> Iterator[int]:
    """Set right whoever is noted, batch by batch, each its own transaction; tells after each how many it took up.

    A ledger whose sum is past what can be kept is left as it is, with a line in the log.
    """

    def take_up(transaction: Transaction) -> int:
        transaction.run(_HOLD)
        taken = [row[0] for row in transaction.run(_TAKE, {"batch": _BATCH}).rows]
        left_out: set[uuid.UUID] = set()
        while True:
            chosen = [each for each in taken if each not in left_out]
            try:
                transaction.run(_BEFORE)
                set_right(
                    transaction, chosen, actor=actor, trace_id=trace_id, with_events=with_events, now=clock()
                )
                return len(taken)
            except LedgerTooLarge as error:
                transaction.run(_BACK)
                left_out.update(error.customer_ids)
                log.warning("the ledger of %s is past what can be kept", ", ".join(map(str, error.customer_ids)))

    while done := transact(database, lambda unit: take_up(unit.transaction)):
        yield done


_BEFORE = text("SAVEPOINT before_set_right")
_BACK = text("ROLLBACK TO SAVEPOINT before_set_right")
