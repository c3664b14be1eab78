"""What becomes of the jobs that cron starts, kept so that somebody notices when one no longer does its work."""

import contextlib
import dataclasses
import datetime
import re
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.sql.base import Executable

from bee_customers.db.engine import Database
from bee_customers.db.statements import Parameters
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import DatabaseUnavailable, InvalidField

_INTERRUPTED = 130
_NAME = re.compile(r"[a-z0-9][a-z0-9 _.-]{0,63}")
_NAME_RULE = (
    "up to 64 lower-case letters, digits, spaces, dots, hyphens and underscores, the first a letter or digit"
)
_BEGIN = text("""
INSERT INTO job_run (name, last_started_at) VALUES (:name, now())
ON CONFLICT (name) DO UPDATE SET last_started_at = now()
""")
# By one clock, that of the database: jobs may run on several machines.
_END = text("""
UPDATE job_run SET last_finished_at = clock_timestamp(), last_exit_code = :exit_code,
    last_success_at = CASE WHEN :exit_code = 0 THEN clock_timestamp() ELSE last_success_at END,
    last_duration_seconds = extract(epoch FROM clock_timestamp() - last_started_at)
WHERE name = :name
""")
_LIST = text("""
SELECT name, last_started_at, last_finished_at, last_success_at, last_exit_code, last_duration_seconds
FROM job_run ORDER BY name
""")


@dataclasses.dataclass(frozen=True)
class LastRun:
    """`finished_at` may be of the run before: while one is at work, or after it was killed."""

    name: str
    started_at: datetime.datetime
    finished_at: datetime.datetime | None
    success_at: datetime.datetime | None
    exit_code: int | None
    duration_seconds: float | None

    @property
    def is_open(self) -> bool:
        return self.finished_at is None or self.finished_at < self.started_at


@dataclasses.dataclass
class Run:
    """One that is going on; it may end well and still have findings, or be asked to stop."""

    exit_code: int = 0


@contextlib.contextmanager
def recorded(database: Database, name: str | None) -> Iterator[Run]:
    """The block is a run of the job; it ends with the exit code that is set, or by an error. None is not kept."""
    run = Run()
    if name is None:
        yield run
        return
    _write(database, _BEGIN, {"name": name})
    try:
        yield run
    except BaseException as error:
        run.exit_code = _code_of(error)
        raise
    finally:
        # a database that has gone away meanwhile must not hide what became of the job
        with contextlib.suppress(DatabaseUnavailable):
            _write(database, _END, {"name": name, "exit_code": run.exit_code})


def record(database: Database, name: str, exit_code: int) -> None:
    """A run that something else did, and that ends now; raises InvalidField for a name that is none."""
    if not _NAME.fullmatch(name):
        raise InvalidField(f"the name of a job is {_NAME_RULE}")
    _write(database, _BEGIN, {"name": name})
    _write(database, _END, {"name": name, "exit_code": exit_code})


def last_runs(database: Database) -> list[LastRun]:
    return [LastRun(*row) for row in database.read(_LIST)]


def _write(database: Database, statement: Executable, parameters: Parameters) -> None:
    transact(database, lambda unit: unit.transaction.run(statement, parameters))


def _code_of(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt):
        return _INTERRUPTED
    # what click raises says it itself, as SystemExit does
    code = getattr(error, "exit_code", getattr(error, "code", 1))
    return code if isinstance(code, int) and code else 1
