"""The files that imports wrote refused rows to: in an operator's own directory, and personal data all the same."""

import datetime
import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork, transact

log = logging.getLogger(__name__)

BATCH = 500
_FIND = text("""
SELECT id::text, rejects_file FROM import_run
WHERE rejects_file IS NOT NULL AND COALESCE(finished_at, started_at) < :before AND id > CAST(:after AS uuid)
ORDER BY id LIMIT :batch
""")
_FORGET = text("UPDATE import_run SET rejects_file = NULL WHERE id = ANY(CAST(:runs AS uuid[]))")
_FIRST = "00000000-0000-0000-0000-000000000000"


def count(database: Database, before: datetime.datetime) -> int:
    """Of imports that ended or, never finished, began before then, as far as their files were on this machine."""
    return sum(len(due) for due in _due(database, before))


def remove(database: Database, before: datetime.datetime) -> Iterator[int]:
    """Remove them, and forget where they were; tells of each batch how many went.

    One that was written to since, by an import that goes on or by hand, waits until that is as old. One that
    refuses to go is told in the log, and comes up again.
    """
    for due in _due(database, before):
        gone = [run for run, path in due if _is_gone(run, path)]
        transact(database, partial(_forget, gone))
        yield len(gone)


def _due(database: Database, before: datetime.datetime) -> Iterator[list[tuple[str, Path]]]:
    after = _FIRST
    while rows := database.read(_FIND, {"before": before, "after": after, "batch": BATCH}):
        found = [(run, Path(path)) for run, path in rows]
        yield [(run, path) for run, path in found if path.parent.is_dir() and not _is_younger(path, before)]
        after = rows[-1][0]


def _is_younger(path: Path, than: datetime.datetime) -> bool:
    return path.exists() and path.stat().st_mtime >= than.timestamp()


def _is_gone(run: str, path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the file of refused rows of the import %s cannot be removed: %s", run, error.strerror)
        return False
    return True


def _forget(runs: Sequence[str], unit: UnitOfWork) -> None:
    unit.transaction.run(_FORGET, {"runs": list(runs)})
