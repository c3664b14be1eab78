"""Keeping batches for good: each with its checkpoint, in one transaction, and with patience."""

import dataclasses
import time
from collections.abc import Callable

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import DatabaseUnavailable, ImportStopped, TransactionConflict
from bee_customers.services.imports import runs
from bee_customers.services.imports.batches import Batch
from bee_customers.services.imports.merging import Kept
from bee_customers.services.imports.rejects import RejectsFile
from bee_customers.services.imports.runs import Run

# How long an import waits for a database that is away, and how often it looks.
PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5


class RunStore:
    """`run` is what the database knows of the import; it moves with each batch that is kept."""

    def __init__(
        self, database: Database, run: Run, rejects: RejectsFile | None, patience: float = PATIENCE_SECONDS
    ) -> None:
        self.run = run
        self._database = database
        self._rejects = rejects
        self._patience = patience

    def keep(self, batch: Batch, work: Callable[[Transaction], Kept]) -> Kept:
        """Raises ImportStopped where the database stays away."""
        deadline = time.monotonic() + self._patience
        attempt = _Attempt(self.run, batch, work, self._rejects)
        while True:
            try:
                if not self._is_kept(attempt):
                    transact(self._database, attempt)
            except (DatabaseUnavailable, TransactionConflict) as error:
                self._wait(deadline, error)
                continue
            self.run = attempt.after
            return attempt.kept

    def _is_kept(self, attempt: "_Attempt") -> bool:
        """Whether a commit that was not answered happened; nothing is tried again before the database tells."""
        if attempt.after is self.run:
            return False
        return runs.stored_position(self._database, self.run) == attempt.after.position != self.run.position

    def _wait(self, deadline: float, error: Exception) -> None:
        if time.monotonic() >= deadline:
            raise ImportStopped(f"{error}, for {self._patience:.0f} seconds") from error
        time.sleep(_PAUSE_SECONDS)


class _Attempt:
    """One batch, as often as it takes. Called in a transaction; what it made of the run stands in `after`."""

    def __init__(
        self, run: Run, batch: Batch, work: Callable[[Transaction], Kept], rejects: RejectsFile | None
    ) -> None:
        self._run = run
        self._batch = batch
        self._work = work
        self._rejects = rejects
        self.after = run
        self.kept: Kept

    def __call__(self, unit: UnitOfWork) -> None:
        self.kept = self._work(unit.transaction)
        counts, rejects = self.kept
        position = self._run.rejects_position
        if self._rejects:
            # on the disk before the commit; behind what the database knows of, should there be none
            self._rejects.go_back(position)
            self._rejects.add(rejects)
            position = self._rejects.keep()
        self.after = dataclasses.replace(
            self._run,
            position=self._batch.position,
            line=self._batch.line,
            digest=self._batch.digest,
            counts=self._run.counts + counts,
            rejects_position=position,
        )
        self._run.save(unit.transaction, self.after)
