"""All rounds of a batch, in one transaction."""

import datetime
from collections.abc import Callable, Sequence
from typing import Protocol

from psycopg2.errors import ForeignKeyViolation, UniqueViolation

from bee_customers.db.transaction import Transaction
from bee_customers.errors import TransactionConflict
from bee_customers.services.imports.batches import Batch
from bee_customers.services.imports.checks import CheckedRow
from bee_customers.services.imports.outcome import Counts, Outcome
from bee_customers.services.imports.rejects import Reject

# How many rows a round has at least, however few of them have their turn in it.
_ROUND_LEAST = 16
# A batch's own counts, and all of its rows that were refused, in the order of the file.
Kept = tuple[Counts, list[Reject]]


WhenStaged = Callable[[Transaction], None]


class Merge(Protocol):
    def merge(self, transaction: Transaction, rows: Sequence[CheckedRow], now: datetime.datetime) -> Outcome: ...


class Store(Protocol):
    """Where batches go: for good, or only to see what would become of them."""

    def keep(self, batch: Batch, work: Callable[[Transaction], Kept]) -> Kept:
        """Do the work in a transaction, and note in it that the batch is done."""


def merge_rounds(merge: Merge, transaction: Transaction, batch: Batch, now: datetime.datetime) -> Kept:
    """Raises what the merge raises; TransactionConflict where somebody was quicker and the same may succeed."""
    counts = Counts(rows=batch.count)
    rejects = batch.rejects.copy()
    waiting, most = batch.rows, len(batch.rows)
    try:
        while waiting:
            rows = waiting[:most]
            outcome = merge.merge(transaction, rows, now)
            counts += outcome.counts
            rejects += [Reject(rows[n].line, rows[n].raw, (fault,)) for n, fault in outcome.refused]
            waiting = [rows[n] for n in outcome.later] + waiting[most:]
            # where nearly all have to wait for each other, not all of them are looked at again and again
            most = max(_ROUND_LEAST, 4 * (len(rows) - len(outcome.later)))
    except (UniqueViolation, ForeignKeyViolation):
        raise TransactionConflict("others changed the same customers or tags at this moment") from None
    counts["rejected"] = len(rejects)
    return counts, sorted(rejects, key=lambda reject: reject.line)
