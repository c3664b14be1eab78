"""The aggregates of those whose ledger was written in bulk: noted with the entries, set right afterwards.

Each batch of an import would otherwise write the same customers again and again. Until then the aggregates are as
they were; the ledger is never behind.
"""

import concurrent.futures
import dataclasses
import logging
import uuid
from collections.abc import Callable

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import LedgerTooLarge
from bee_customers.services.aggregates import set_right
from bee_customers.services.bulk_changes import Acting
from bee_customers.services.customer_changes import Clock, utc_now

log = logging.getLogger(__name__)

_BATCH = 5000
# The database does all of the work: two sessions keep two of its processors busy.
_SESSIONS = 2
# Whoever notes is compatible with others who note, whoever takes up with others who take up, and the one waits for
# the other. Else somebody noted already could be taken up just before its newest entries are committed.
_WHILE_NOTING = text("LOCK TABLE import_run IN ROW EXCLUSIVE MODE")
_WHILE_TAKING = text("LOCK TABLE import_run IN SHARE MODE")
_TAKE = text("""
    DELETE FROM pending_stats WHERE customer_id = ANY(ARRAY(
        SELECT customer_id FROM pending_stats
        WHERE customer_id >= CAST(:low AS uuid) AND customer_id < CAST(:high AS uuid)
        ORDER BY customer_id LIMIT :batch
    ))
    RETURNING customer_id
""")
_COUNT = text("SELECT count(*) FROM pending_stats")
_AT = text("SELECT customer_id FROM pending_stats ORDER BY customer_id OFFSET :place LIMIT 1")
_BEFORE = text("SAVEPOINT before_set_right")
_BACK = text("ROLLBACK TO SAVEPOINT before_set_right")
_FIRST, _LAST = str(uuid.UUID(int=0)), str(uuid.UUID(int=2**128 - 1))


def before_noting(transaction: Transaction) -> None:
    """Of who is noted in this transaction nobody is taken up until it ends."""
    transaction.run(_WHILE_NOTING)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PendingStats:
    """Sets right whoever is noted."""

    database: Database
    acting: Acting
    clock: Clock = utc_now

    def count(self) -> int:
        return int(self.database.read(_COUNT)[0][0])

    def set_right(self, tell: Callable[[int], None], is_asked_to_stop: Callable[[], bool]) -> bool:
        """In batches, each its own transaction; `tell` hears how many each took up. Whether it reached the end.

        A ledger whose sum is past what can be kept is left as it is, with a line in the log.
        """
        with concurrent.futures.ThreadPoolExecutor(_SESSIONS) as threads:
            parts = [threads.submit(self._part, *each, tell, is_asked_to_stop) for each in self._parts()]
            return False not in [part.result() for part in parts]

    def _parts(self) -> list[tuple[str, str]]:
        total = self.count()
        if total <= _BATCH:
            return [(_FIRST, _LAST)]
        places = [total * number // _SESSIONS for number in range(1, _SESSIONS)]
        borders = [str(self.database.read(_AT, {"place": place})[0][0]) for place in places]
        return list(zip([_FIRST, *borders], [*borders, _LAST], strict=True))

    def _part(
        self, low: str, high: str, tell: Callable[[int], None], is_asked_to_stop: Callable[[], bool]
    ) -> bool:
        chosen = {"low": low, "high": high, "batch": _BATCH}
        while not is_asked_to_stop():
            taken = transact(self.database, lambda unit: self._take_up(unit.transaction, chosen))
            if not taken:
                return True
            chosen["low"] = str(max(taken))
            tell(len(taken))
        return False

    def _take_up(self, transaction: Transaction, chosen: dict[str, object]) -> list[uuid.UUID]:
        transaction.run(_WHILE_TAKING)
        taken = [row[0] for row in transaction.run(_TAKE, chosen).rows]
        self._set_right(transaction, taken)
        return taken

    def _set_right(self, transaction: Transaction, chosen: list[uuid.UUID]) -> None:
        transaction.run(_BEFORE)
        try:
            set_right(transaction, chosen, self.acting, self.clock())
        except LedgerTooLarge as error:
            transaction.run(_BACK)
            log.warning("the ledger of %s is past what can be kept", ", ".join(map(str, error.customer_ids)))
            self._set_right(transaction, [each for each in chosen if each not in error.customer_ids])
