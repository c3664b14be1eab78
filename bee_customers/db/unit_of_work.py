"""One transaction around one piece of work: a request, or a batch of the CLI."""

import logging
import random
import time
import traceback
from collections.abc import Callable
from typing import TypeVar

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.errors import DatabaseConnectionLost, TransactionConflict

log = logging.getLogger(__name__)

T = TypeVar("T")
Action = Callable[[], None]
_ATTEMPTS = 4
_LONGEST_PAUSE_SECONDS = 0.05


class UnitOfWork:
    """Opens its transaction at the first use, so that work which only reads costs nothing here."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.is_committing = False
        self._transaction: Transaction | None = None
        self._after_commit: list[Action] = []
        self._after_rollback: list[Action] = []
        self._due = self._after_rollback

    @property
    def transaction(self) -> Transaction:
        if self._transaction is None:
            self._transaction = self.database.transaction()
        return self._transaction

    def after_commit(self, action: Action) -> None:
        """Do this once the work is committed, and never otherwise: what no rollback could take back.

        A failure is logged and harms nobody: the commit stands. Killed in between, it is not done.
        """
        self._after_commit.append(action)

    def after_rollback(self, action: Action) -> None:
        """Do this once the work is certainly undone; not when a commit failed in doubt, which may stand."""
        self._after_rollback.append(action)

    def commit(self) -> None:
        if self._transaction is not None:
            self.is_committing = True
            self._due = []
            try:
                self._transaction.commit()
            except TransactionConflict:
                self._due = self._after_rollback
                raise
            self._transaction = None
        self._due = self._after_commit

    def close(self) -> None:
        """Roll back what is not committed, then do what waited for the outcome."""
        if self._transaction is not None:
            self._transaction.rollback()
            self._transaction = None
        actions, self._due = self._due, []
        for action in actions:
            _attempt(action)


def _attempt(action: Action) -> None:
    try:
        action()
    except Exception as error:
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("what was to follow a transaction failed: %s\n%s", type(error).__name__, where)


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
