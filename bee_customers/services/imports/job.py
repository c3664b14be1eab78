"""An import from its options to its report: opens the file, finds what an earlier run did, and goes through it."""

import contextlib
import dataclasses
import datetime
import os
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Protocol

from bee_customers.db import locks
from bee_customers.db.engine import Database
from bee_customers.errors import (
    DatabaseUnavailable,
    DomainError,
    ImportStopped,
    RowExists,
    UnreadableFile,
)
from bee_customers.services.bulk_changes import Acting
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.imports import runs
from bee_customers.services.imports.batches import batches
from bee_customers.services.imports.dry_run import DryStore
from bee_customers.services.imports.earlier import EarlierRuns
from bee_customers.services.imports.erased import Erased
from bee_customers.services.imports.importer import Importer
from bee_customers.services.imports.keeping import PATIENCE_SECONDS, RunStore
from bee_customers.services.imports.merging import Merge, Store
from bee_customers.services.imports.options import ORDERS, Options
from bee_customers.services.imports.outcome import Counts
from bee_customers.services.imports.rejects import Reject, RejectsFile
from bee_customers.services.imports.row import Rows
from bee_customers.services.imports.runs import Run
from bee_customers.services.imports.source import Source, opened
from bee_customers.services.imports.streams import StoppedWaiting
from bee_customers.services.pending_stats import PendingStats
from bee_customers.services.rules import Rules

Asked = Callable[[], bool]
# for the server to notice that an import of the same file was killed
_LOCK_SECONDS = 5.0
# of a dry run, which tells nobody
_NOBODY = Acting(actor="", with_events=False)


class Listener(Protocol):
    """Hears how far an import is, in a thread of its own."""

    def rows_done(self, counts: Counts, rejects: list[Reject], position: int) -> None:
        """A batch is done: the counts so far, what was refused of it, and the bytes read of the file."""

    def stats_done(self, customers: int, total: int) -> None:
        """The statistics of so many customers more are right, of those that there are to be set right."""


@dataclasses.dataclass(frozen=True)
class Report:
    """`line` is the last that is dealt with; `began_behind` the one that an earlier run had reached.

    `finished_before` is when the same file was imported as a whole, and `finished_as` what it was called then;
    without any counts, nothing was left to do.
    `rejects_file` is where refused rows are, which a run that is gone on with has from its beginning.
    """

    counts: Counts
    is_complete: bool
    line: int
    seconds: float = 0.0
    began_behind: int = 0
    finished_before: datetime.datetime | None = None
    finished_as: str | None = None
    rejects_file: str | None = None


class ImportJob:
    """One import of one file."""

    def __init__(
        self,
        database: Database,
        rules: Rules,
        options: Options,
        *,
        erased: Erased | None = None,
        clock: Clock = utc_now,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._database = database
        self._rules = rules
        self._options = options
        self._erased = erased
        self._clock = clock
        self._patience = patience

    def run(self, listener: Listener, is_asked_to_stop: Asked) -> Report:
        """Raises UnreadableFile, WrongColumns, ImportUnderWay, ImportUnfinished, ImportStopped and RowExists.

        All batches that were kept before stay, and the same file can be gone on with.
        """
        began = time.monotonic()
        try:
            report = self._run(listener, is_asked_to_stop)
        except StoppedWaiting:  # before any row came
            report = Report(Counts(), False, 0)
        return dataclasses.replace(report, seconds=time.monotonic() - began)

    def _run(self, listener: Listener, is_asked_to_stop: Asked) -> Report:
        with opened(self._options.path, is_asked_to_stop) as source:
            rows = self._options.rows(source)
            if self._options.is_dry_run:
                return self._rehearse(source, rows, listener, is_asked_to_stop)
            done_before = EarlierRuns(self._database, self._options, source).done
            with self._alone(source):
                return self._import(source, rows, done_before, listener, is_asked_to_stop)

    def _rehearse(self, source: Source, rows: Rows, listener: Listener, is_asked_to_stop: Asked) -> Report:
        store = DryStore(self._database, self._options.kind)
        merge = self._options.merge(_NOBODY, self._erased, store.load)
        try:
            counts, is_complete = self._go_through(
                source, rows, (merge, store), Counts(), listener, is_asked_to_stop
            )
        except RowExists as error:
            raise ImportStopped(f"{source.name}, {error}") from error
        return Report(counts, is_complete, source.line)

    def _import(
        self,
        source: Source,
        rows: Rows,
        done_before: frozenset[uuid.UUID],
        listener: Listener,
        is_asked_to_stop: Asked,
    ) -> Report:
        earlier = EarlierRuns(self._database, self._options, source)
        run = earlier.to_go_on_with()
        if run and run.is_done:
            return _nothing_left(source, run)
        if run is None:
            earlier.check_none_ended_since(done_before)
        run, rejects = self._resumed(run, source, rows) if run else self._begun(source, rows)
        store = RunStore(self._database, run, rejects, self._patience)
        merge = self._options.merge(self._acting(run), self._erased)
        is_complete = False
        try:
            counts, is_complete = self._go_through(
                source, rows, (merge, store), run.counts, listener, is_asked_to_stop
            )
            if is_complete and self._options.kind == ORDERS:
                is_complete = self._set_stats_right(run, listener, is_asked_to_stop)
        except DomainError as error:
            where = f"{source.name}, " if isinstance(error, RowExists) else ""
            raise ImportStopped(f"{where}{error}; {_how_far(store.run)}") from error
        finally:
            self._end(store.run, rejects, is_complete)
        before = earlier.last_done_with(store.run) if is_complete else None
        return Report(
            counts,
            is_complete,
            store.run.line,
            began_behind=run.line,
            finished_before=before.finished_at if before else None,
            finished_as=before.file_name if before else None,
            rejects_file=run.rejects_file,
        )

    def _go_through(
        self,
        source: Source,
        rows: Rows,
        parts: tuple[Merge, Store],
        counts: Counts,
        listener: Listener,
        is_asked_to_stop: Asked,
    ) -> tuple[Counts, bool]:
        check = self._options.check(self._rules, self._clock())
        importer = Importer(
            *parts,
            lambda so_far, rejects: listener.rows_done(so_far, rejects, source.bytes_read()),
            counts,
            self._clock,
        )
        is_complete = importer.run(batches(source, rows, check, self._options.batch), is_asked_to_stop)
        return importer.counts, is_complete

    @contextlib.contextmanager
    def _alone(self, source: Source) -> Iterator[None]:
        name = f"import {self._options.kind} {source.fingerprint}"
        with locks.only_one(self._database, name, min(self._patience, _LOCK_SECONDS)) as is_mine:
            if not is_mine:
                raise EarlierRuns(self._database, self._options, source).under_way()
            yield

    def _begun(self, source: Source, rows: Rows) -> tuple[Run, RejectsFile | None]:
        options = self._options
        path = os.path.abspath(options.rejects) if options.rejects else None
        rejects = RejectsFile(path, rows.header, rows.delimiter) if path else None
        run = runs.begin(
            self._database,
            options.kind,
            source.name,
            source.fingerprint,
            options.stored(),
            path,
            self._clock(),
        )
        return dataclasses.replace(run, rejects_position=rejects.begin if rejects else 0), rejects

    def _resumed(self, run: Run, source: Source, rows: Rows) -> tuple[Run, RejectsFile | None]:
        if self._options.rejects and os.path.abspath(self._options.rejects) != run.rejects_file:
            where = (
                f"in {run.rejects_file}: name the same" if run.rejects_file else "in no file: leave --rejects out"
            )
            raise UnreadableFile(f"the rejects of this import are {where}")
        if run.position:
            source.skip_to(run.position, run.line, run.digest)
        runs.set_status(self._database, run, runs.RUNNING)
        if not run.rejects_file:
            return run, None
        rejects = RejectsFile(run.rejects_file, rows.header, rows.delimiter, run.rejects_position)
        return dataclasses.replace(run, rejects_position=rejects.begin), rejects

    def _end(self, run: Run, rejects: RejectsFile | None, is_complete: bool) -> None:
        if rejects:
            # what the database knows of is on the disk: a full one must not hide why the import ends
            with contextlib.suppress(UnreadableFile):
                rejects.close()
            if not run.counts["rejected"] and (is_complete or not run.position):
                with contextlib.suppress(OSError):
                    os.unlink(rejects.path)
        with contextlib.suppress(DatabaseUnavailable):
            status = runs.DONE if is_complete else runs.STOPPED
            runs.set_status(self._database, run, status, self._clock() if is_complete else None)

    def _set_stats_right(self, run: Run, listener: Listener, is_asked_to_stop: Asked) -> bool:
        """Of those whose orders came, by this import or by one that was left; whether it reached the end."""
        pending = PendingStats(database=self._database, acting=self._acting(run), clock=self._clock)
        total = pending.count()
        return pending.set_right(lambda done: listener.stats_done(done, total), is_asked_to_stop)

    def _acting(self, run: Run) -> Acting:
        """Events tell by their trace which import they are of."""
        return Acting(actor="cli:import", trace_id=run.id.hex, with_events=self._options.with_events)


def _nothing_left(source: Source, run: Run) -> Report:
    """Of a file that an earlier run brought to its end; raises UnreadableFile where there is more of it now."""
    source.skip_to(run.position, run.line, run.digest)
    if not source.is_at_end():
        grown = f"has more than the {run.line:,} lines that were imported before"
        raise UnreadableFile(f"{source.name}: {grown}; without --resume it is imported anew")
    return Report(Counts(), True, run.line, finished_before=run.finished_at, finished_as=run.file_name)


def _how_far(run: Run) -> str:
    if not run.position:
        return "nothing was imported"
    return f"all up to line {run.line:,} is imported, and --resume goes on behind it"
