"""What was done with a file before, by imports of this file and not of one that only begins as it does."""

from collections.abc import Collection, Sequence
from uuid import UUID

from bee_customers.db.engine import Database
from bee_customers.errors import ImportUnderWay, ImportUnfinished, UnreadableFile, WrongColumns
from bee_customers.services.imports import runs
from bee_customers.services.imports.options import Options
from bee_customers.services.imports.runs import Run
from bee_customers.services.imports.source import Source, is_stored, opened


class EarlierRuns:
    """Those whose file began as this one does, the newest first.

    A run tells how many bytes it took, and their digest: that is looked for here. A file on the disk is looked
    through beforehand; a stream passes once, and only where it is to be gone on with.
    """

    def __init__(self, database: Database, options: Options, source: Source) -> None:
        self._options = options
        self._source = source
        self._can_be_read_again = is_stored(options.path)
        self._runs = runs.find(database, options.kind, source.fingerprint)

    @property
    def done(self) -> frozenset[UUID]:
        return frozenset(run.id for run in self._runs if run.is_done)

    def to_go_on_with(self) -> Run | None:
        """The run of this file that is resumed, which may be done already; None where the file is begun.

        Raises ImportUnfinished where it is not said what to do now, WrongColumns where it is resumed with other
        options, and UnreadableFile where it is another file.
        """
        if self._options.is_restarting:
            return None
        if self._options.is_resuming:
            return self._resumed()
        self._check_nothing_is_left()
        return None

    def check_none_ended_since(self, done_before: Collection[UUID]) -> None:
        """Raises ImportUnderWay where the file was imported while this import waited for its turn."""
        ended = [run for run in self._runs if run.is_done and run.id not in done_before]
        if ended and (not self._can_be_read_again or self._newest_of_this_file(ended)):
            raise self.under_way()

    def under_way(self) -> ImportUnderWay:
        """That the file is being imported at this moment, or one that begins so: more is not known by then."""
        name = self._source.name
        other = self._runs[0].file_name if self._runs else name
        which = name if other == name else f"{other}, which begins as {name} does,"
        return ImportUnderWay(f"{which} is being imported at this moment")

    def last_done_with(self, run: Run) -> Run | None:
        """The run before that took the same bytes to their end."""
        same = (each for each in self._runs if (each.position, each.digest) == (run.position, run.digest))
        return next((each for each in same if each.is_done and each.id != run.id), None)

    def _resumed(self) -> Run | None:
        if not self._runs:
            return None
        run = self._newest_of_this_file(self._runs)
        if run is None:
            last, name = self._runs[0], self._source.name
            what = f"its first {last.line:,} lines are not those that were imported before"
            raise UnreadableFile(
                f"{name}: {what}" + (f", from {last.file_name}" if last.file_name != name else "")
            )
        if not run.is_done and run.position:
            _check_options(run, self._options)
        return run

    def _check_nothing_is_left(self) -> None:
        if all(run.is_done or not run.position for run in self._runs):
            return
        # of a stream nothing can be said before it has passed
        run = self._newest_of_this_file(self._runs) if self._can_be_read_again else self._runs[0]
        if run and not run.is_done and run.position:
            raise ImportUnfinished(f"{self._stopped(run)}: --resume goes on there, --restart begins anew")
        namesake = next((each for each in self._runs if each.file_name == self._source.name), None)
        if run is None and namesake and not namesake.is_done and namesake.position:
            others = "and the lines of this file are others up to there"
            raise ImportUnfinished(f"{self._stopped(namesake)}, {others}: --restart begins anew")

    def _newest_of_this_file(self, candidates: Sequence[Run]) -> Run | None:
        """Looked for in one pass, which ends as soon as no newer one can be found."""
        if not self._can_be_read_again:
            return self._newest_in(self._source, candidates)
        with opened(self._options.path) as source:
            return self._newest_in(source, candidates)

    def _newest_in(self, source: Source, candidates: Sequence[Run]) -> Run | None:
        begin, found = source.position, len(candidates)
        for place, each in sorted(enumerate(candidates), key=lambda placed: placed[1].position):
            if place < found and self._is_of(source, each):
                found = place
        run = candidates[found] if found < len(candidates) else None
        if run and source is self._source and source.position > max(run.position, begin):
            raise UnreadableFile(
                f"{source.name}: cannot be read twice, to tell which of several imports it is of: name the file"
            )
        return run

    def _is_of(self, source: Source, run: Run) -> bool:
        if not run.position:  # nothing is known of what it would have read
            return run.file_name == source.name
        return source.is_same_up_to(run.position, run.digest)

    def _stopped(self, run: Run) -> str:
        known_as = "" if run.file_name == self._source.name else f", as {run.file_name},"
        return f"an import of this file{known_as} stopped behind line {run.line:,}"


def _check_options(run: Run, options: Options) -> None:
    other = [name for name, value in options.stored().items() if run.options.get(name) != value]
    if other:
        raise WrongColumns(f"the import was begun with another {', '.join(other)}: --resume needs the same")
