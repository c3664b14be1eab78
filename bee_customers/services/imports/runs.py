"""The record of an import: how far it is, in the same transaction as the rows themselves."""

import dataclasses
import datetime
import json
import uuid
from typing import Any

import uuid_utils.compat
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import ImportUnderWay
from bee_customers.services.imports.outcome import Counts

_COLUMNS = (
    "id, file_name, position, line, digest, rejects_file, rejects_position, counts, status, options, finished_at"
)
_FIND = text(f"""
    SELECT {_COLUMNS} FROM import_run
    WHERE fingerprint = :fingerprint AND kind = :kind ORDER BY started_at DESC, id DESC
""")
_BEGIN = text("""
    INSERT INTO import_run (id, kind, file_name, fingerprint, options, position, line, digest, rejects_file,
        rejects_position, counts, status, started_at)
    VALUES (:id, :kind, :file_name, :fingerprint, CAST(:options AS jsonb), 0, 0, '', :rejects_file, 0, '{}',
        'running', :now)
""")
_SAVE = text("""
    UPDATE import_run SET position = :position, line = :line, digest = :digest, counts = CAST(:counts AS jsonb),
        rejects_position = :rejects_position
    WHERE id = :id AND position = :before AND status = 'running'
""")
_SET_STATUS = text("""
    UPDATE import_run SET status = CAST(:status AS text), finished_at = CAST(:finished_at AS timestamptz)
    WHERE id = :id
""")
_POSITION = text("SELECT position FROM import_run WHERE id = CAST(:id AS uuid)")
RUNNING, STOPPED, DONE = "running", "stopped", "done"


@dataclasses.dataclass(frozen=True)
class Run:
    """One import, as it stands in the database."""

    id: uuid.UUID
    file_name: str
    position: int = 0
    line: int = 0
    digest: str = ""
    rejects_file: str | None = None
    rejects_position: int = 0
    counts: Counts = dataclasses.field(default_factory=Counts)
    status: str = RUNNING
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    finished_at: datetime.datetime | None = None

    @property
    def is_done(self) -> bool:
        return self.status == DONE

    def save(self, transaction: Transaction, after: "Run") -> None:
        """Note how far it is, in the caller's transaction; raises ImportUnderWay where another went on with it."""
        values = {
            "id": self.id,
            "before": self.position,
            "position": after.position,
            "line": after.line,
            "digest": after.digest,
            "counts": json.dumps(after.counts),
            "rejects_position": after.rejects_position,
        }
        if transaction.run(_SAVE, values).count != 1:
            raise ImportUnderWay("another process went on with this import")


def find(database: Database, kind: str, fingerprint: str) -> list[Run]:
    """The imports of all files that begin so, the newest first."""
    rows = database.read(_FIND, {"fingerprint": fingerprint, "kind": kind})
    fields = [field.name for field in dataclasses.fields(Run)]
    found = [dict(zip(fields, row, strict=True)) for row in rows]
    return [Run(**{**each, "counts": Counts(each["counts"])}) for each in found]


def begin(
    database: Database,
    kind: str,
    file_name: str,
    fingerprint: str,
    options: dict[str, Any],
    rejects_file: str | None,
    now: datetime.datetime,
) -> Run:
    run = Run(uuid_utils.compat.uuid7(), file_name, rejects_file=rejects_file, options=options)
    values = {
        "id": run.id,
        "kind": kind,
        "file_name": file_name,
        "fingerprint": fingerprint,
        "options": json.dumps(options),
        "rejects_file": rejects_file,
        "now": now,
    }
    transact(database, lambda unit: unit.transaction.run(_BEGIN, values))
    return run


def set_status(database: Database, run: Run, status: str, finished_at: datetime.datetime | None = None) -> None:
    """Note that it stopped, goes on, or is done (at that time)."""
    values = {"id": run.id, "status": status, "finished_at": finished_at}
    transact(database, lambda unit: unit.transaction.run(_SET_STATUS, values))


def stored_position(database: Database, run: Run) -> int:
    """How far the database knows it is: whether a commit that went unanswered happened."""
    return int(database.read(_POSITION, {"id": str(run.id)})[0][0])
