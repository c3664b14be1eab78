"""One transaction around one piece of work: a request, or a batch of the CLI."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.errors import DatabaseConnectionLost, TransactionConflict

T = TypeVar("T")
_ATTEMPTS = 4
_LONGEST_PAUSE_SECONDS = 0.05


class UnitOfWork:
    """Opens its transaction at the first use, so that work which only reads costs nothing here."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.is_committing = False
        self._transaction: Transaction | None = None

    @property
    def transaction(self) -> Transaction:
        if self._transaction is None:
            self._transaction = self.database.transaction()
        return self._transaction

    def commit(self) -> None:
        if self._transaction is not None:
            self.is_committing = True
            self._transaction.commit()
            self._transaction = None

    def close(self) -> None:
        """Roll back what is not committed."""
        if self._transaction is not None:
            self._transaction.rollback()
            self._transaction = None


def transact(database: Database, work: Callable[[UnitOfWork], T], keep: Callable[[T], bool] = lambda _: True) -> T:
    """Run `work` in a transaction and commit if `keep` says so of its result.

    On a deadlock or serialisation failure, or when an idle connection turns out to be dead,
    the whole of `work` runs again, up to three times with a short random pause. A connection
    lost during the commit itself is never repeated: the commit may have happened.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        unit = UnitOfWork(database)
        try:
            result = work(unit)
            if keep(result):
                unit.commit()
            return result
        except (TransactionConflict, DatabaseConnectionLost) as error:
            is_in_doubt = unit.is_committing and isinstance(error, DatabaseConnectionLost)
            if is_in_doubt or attempt == _ATTEMPTS:
                raise
            time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS * attempt))  # noqa: S311
        finally:
            unit.close()
    raise AssertionError("the loop above returns or raises")
