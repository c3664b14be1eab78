"""Importing in this process, and in one that is killed in the midst of it."""

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.services.imports.batches import RowCheck
from bee_customers.services.imports.checks import CheckedRow
from bee_customers.services.imports.job import ImportJob, Report
from bee_customers.services.imports.options import Options
from bee_customers.services.imports.outcome import Counts
from bee_customers.services.imports.rejects import Reject
from bee_customers.services.imports.row import Row
from bee_customers.services.rules import Rules

ROW, COMMIT, COMMITTED = "row", "commit", "committed"


class Heard:
    """What an import told of itself."""

    def __init__(self) -> None:
        self.rejects: list[Reject] = []
        self.stats = 0

    def rows_done(self, counts: Counts, rejects: list[Reject], position: int) -> None:
        self.rejects += rejects

    def stats_done(self, customers: int, total: int) -> None:
        self.stats += customers


def run(
    database: Database,
    path: Path,
    kind: str = "customers",
    *,
    heard: Heard | None = None,
    patience: float = 60,
    **options: Any,
) -> Report:
    """To its end."""
    chosen = Options(**{"kind": kind, "path": str(path), "on_conflict": "update", "batch": 20, **options})
    job = ImportJob(database, Rules("RO"), chosen, patience=patience)
    return job.run(heard or Heard(), lambda: False)


def run_and_die(url: str, point: str, number: int, path: Path, kind: str, **options: Any) -> int:
    """In a process that kills itself at its `number`th row or commit; gives how that process ended."""
    process = multiprocessing.get_context("fork").Process(
        target=_die_at, args=(url, point, number, path, kind), kwargs=options
    )
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def _die_at(url: str, point: str, number: int, path: Path, kind: str, **options: Any) -> None:
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    if point == ROW:
        check = Options.check

        class Deadly:
            def __init__(self, real: RowCheck) -> None:
                self._real = real

            def check(self, row: Row) -> CheckedRow:
                step()
                return self._real.check(row)

        Options.check = lambda *arguments: Deadly(check(*arguments))  # type: ignore[method-assign]
    else:
        commit = Transaction.commit

        def deadly(self: Transaction) -> None:
            if point == COMMIT:
                step()
            commit(self)
            if point == COMMITTED:
                step()

        Transaction.commit = deadly  # type: ignore[method-assign]
    run(Database(url), path, kind, **options)
    os._exit(0)
