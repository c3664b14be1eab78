"""bee-customers import ..."""

import contextlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from bee_customers.cli.environment import connected, one_line_errors
from bee_customers.cli.filters import tag_name
from bee_customers.cli.interrupts import Stopped, stop_signal
from bee_customers.cli.progress import Advance, progress

if TYPE_CHECKING:
    from bee_customers.services.imports.job import Report
    from bee_customers.services.imports.options import Options
    from bee_customers.services.imports.outcome import Counts
    from bee_customers.services.imports.rejects import Reject

_FINDINGS = 3
_SHOWN_MOST = 20
_COUNTED = ("created", "updated", "unchanged", "skipped", "rejected")


@click.group("import")
def imports() -> None:
    """Bring customers and orders in from files: CSV or JSON lines, packed by gzip or not, or from stdin."""


def _mapping(context: click.Context, _: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for value in values:
        column, sign, field = value.partition("=")
        if not sign or not column.strip():
            raise click.BadParameter(f"{value!r} is not COLUMN=FIELD, nor COLUMN= to pass a column over")
        if mapping.setdefault(column, field.strip()) != field.strip():
            raise click.BadParameter(f"{value}: the column has another meaning too")
    if mapping:
        _check_fields(str(context.command.name), mapping)
    return mapping


def _check_fields(kind: str, mapping: dict[str, str]) -> None:
    from bee_customers.errors import WrongMapping
    from bee_customers.services.imports.options import COLUMNS

    try:
        COLUMNS[kind].names(mapping)
    except WrongMapping as error:
        raise click.BadParameter(str(error)) from None


_OPTIONS: list[Callable[[Any], Any]] = [
    click.argument("file", type=click.Path()),
    click.option("--dry-run", is_flag=True, help="Tell what would become of each row, and write nothing."),
    click.option(
        "--rejects",
        type=click.Path(),
        metavar="FILE",
        help="Write refused rows there, to be mended and fed in again.",
    ),
    click.option("--resume", is_flag=True, help="Go on where an earlier import of the same file stopped."),
    click.option("--restart", is_flag=True, help="Begin anew, though an earlier import of the file did not end."),
    click.option("--no-events", is_flag=True, help="Tell other services nothing of what changes."),
    click.option("--business", type=click.UUID, help="The business of rows that name none."),
    click.option(
        "--map",
        "mapping",
        multiple=True,
        metavar="COLUMN=FIELD",
        callback=_mapping,
        help="What a column of the file holds; COLUMN= passes it over. Repeatable.",
    ),
    click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), help="Found out where not given."),
    click.option(
        "--batch", type=click.IntRange(1, 100_000), default=10_000, show_default=True, help="Rows at once."
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
]


def _importing(command: Callable[..., None]) -> Callable[..., None]:
    """The options that both kinds of import have."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _on_conflict(default: str, what: str) -> Callable[[Any], Any]:
    return click.option(
        "--on-conflict",
        type=click.Choice(["skip", "update", "fail"]),
        default=default,
        show_default=True,
        help=f"What to do with {what} there already.",
    )


@imports.command()
@_importing
@_on_conflict("skip", "customers who are")
@click.option("--tag", "tags", multiple=True, help="Give all customers of the file this tag too. Repeatable.")
@click.pass_obj
def customers(config: str | None, /, tags: tuple[str, ...], **chosen: Any) -> None:
    """Import customers. A row belongs to a customer by id, else by business and user, else by business and e-mail.

    The columns are id, user_id, business_id, full_name, email, phone, gender, tags (with ; between them) and
    created_at. An empty cell empties its field; a column that is not there leaves it as it is.

    Example: bee-customers import customers customers.csv --on-conflict update --dry-run
    """
    from bee_customers.errors import InvalidField
    from bee_customers.services import rules

    try:
        clean = tuple(rules.tags([tag_name(name, "--tag") for name in tags]))
    except InvalidField as error:
        raise click.UsageError(f"--tag: {error}") from None
    _run(config, "customers", chosen, tags=clean)


@imports.command()
@_importing
@_on_conflict("update", "orders that are")
@click.pass_obj
def orders(config: str | None, /, **chosen: Any) -> None:
    """Import orders and bookings into the ledger; statistics follow at the end.

    The columns are customer_id (or business_id with user_id or email), order_id, kind, status, amount, ordered_at
    and updated_at. Of two writings of one order the one with the later updated_at stands.

    Example: bee-customers import orders orders.jsonl.gz --rejects refused.jsonl
    """
    _run(config, "orders", chosen)


def _run(config: str | None, kind: str, chosen: dict[str, Any], **more: Any) -> None:
    from bee_customers.errors import WrongMapping
    from bee_customers.services.imports.job import ImportJob
    from bee_customers.services.imports.options import Options
    from bee_customers.services.privacy.erased import ErasedSubjects
    from bee_customers.services.privacy.subjects import SubjectHashes
    from bee_customers.services.rules import Rules

    if chosen["resume"] and chosen["restart"]:
        raise click.UsageError("--resume goes on and --restart begins anew: choose one")
    if chosen["rejects"] == "-":
        raise click.UsageError("--rejects: stdout cannot be gone back on, as an import must: name a file")
    if chosen["dry_run"] and chosen["resume"]:
        raise click.UsageError("--dry-run goes over the whole file: leave out --resume")
    options = Options(
        kind=kind,
        path=chosen["file"],
        on_conflict=chosen["on_conflict"],
        format=chosen["form"],
        mapping=chosen["mapping"],
        business=chosen["business"],
        with_events=not chosen["no_events"],
        is_dry_run=chosen["dry_run"],
        rejects=None if chosen["dry_run"] else chosen["rejects"],
        is_resuming=chosen["resume"],
        is_restarting=chosen["restart"],
        batch=chosen["batch"],
        **more,
    )
    with one_line_errors():
        settings, database = connected(config)
        erased = ErasedSubjects(SubjectHashes(settings.subject_secret))
        job = ImportJob(database, Rules(settings.phone_region), options, erased=erased)
        try:
            with stop_signal() as asked, contextlib.ExitStack() as shown:
                report = job.run(_Listener(options, shown, is_quiet=chosen["as_json"]), asked.is_set)
        except WrongMapping as error:
            raise click.UsageError(str(error)) from None
    _conclude(options, report, as_json=chosen["as_json"])


class _Listener:
    """Shows how far an import is, and the first of what it refuses."""

    def __init__(self, options: "Options", shown: contextlib.ExitStack, *, is_quiet: bool) -> None:
        from bee_customers.services.imports import source

        self._name = source.name_of(options.path)
        self._size = source.size_of(options.path)
        self._shown = shown
        self._is_quiet = is_quiet
        self._rows = 0
        self._told = 0
        self._advance_rows = self._progress(f"import of {options.kind}", None)
        self._advance_stats: Advance | None = None

    def rows_done(self, counts: "Counts", rejects: "list[Reject]", position: int) -> None:
        # the size of the rows so far tells how many there will be
        total = int(counts["rows"] * self._size / position) if self._size and position else None
        self._advance_rows(counts["rows"] - self._rows, total)
        self._rows = counts["rows"]
        for reject in rejects[: _SHOWN_MOST - self._told]:
            self._told += 1
            click.echo(f"{self._name}, {reject}", err=True)

    def stats_done(self, customers: int, total: int) -> None:
        if self._advance_stats is None:
            self._shown.close()
            self._advance_stats = self._progress("statistics", total)
        self._advance_stats(customers)

    def _progress(self, label: str, total: int | None) -> Advance:
        advance: Advance = self._shown.enter_context(progress(label, total, is_quiet=self._is_quiet))
        return advance


def _conclude(options: "Options", report: "Report", *, as_json: bool) -> None:
    """The last words, and the exit code."""
    if as_json:
        click.echo(json.dumps(_as_dict(options, report), default=str))
    elif report.finished_before and not report.counts:
        click.echo(f"this file was imported {_before(options, report)}: there is nothing to go on with")
    else:
        _print_counts(options, report)
    if not report.is_complete:
        raise Stopped(_how_far(options, report))
    if report.counts["rejected"]:
        raise SystemExit(_FINDINGS)


def _how_far(options: "Options", report: "Report") -> str:
    from bee_customers.services.imports.source import is_stored

    if options.is_dry_run:
        return f"at line {report.line:,}; nothing was written"
    if not report.line:
        return "nothing was imported"
    again = "the same command" if is_stored(options.path) else "the same rows again"
    return f"at line {report.line:,}; {again} with --resume goes on behind it"


def _print_counts(options: "Options", report: "Report") -> None:
    from bee_customers.services.imports.row import printable

    rows = report.counts["rows"]
    verb = "would be " if options.is_dry_run else ""
    click.echo(f"{rows:,} rows in {report.seconds:,.1f} s")
    for name in _COUNTED:
        if report.counts[name] or name in ("created", "rejected"):
            click.echo(f"  {verb}{name:<10} {report.counts[name]:>12,}")
    if report.finished_before:
        click.echo(f"note: this file was imported {_before(options, report)} before", err=True)
    refused = report.counts["rejected"]
    rejects = options.rejects or report.rejects_file
    if refused and rejects:
        click.echo(f"the refused rows are in {printable(rejects)}: mend them there and import that file")
    elif refused and not options.is_dry_run:
        click.echo("the refused rows were not kept: --rejects FILE writes them to a file")


def _before(options: "Options", report: "Report") -> str:
    """When, and as what where it had another name."""
    from bee_customers.services.imports.source import name_of

    known_as = "" if report.finished_as == name_of(options.path) else f"as {report.finished_as} "
    return f"{known_as}on {report.finished_before:%Y-%m-%d at %H:%M} UTC"


def _as_dict(options: "Options", report: "Report") -> dict[str, Any]:
    return {
        "kind": options.kind,
        "file": options.path,
        "is_dry_run": options.is_dry_run,
        "is_complete": report.is_complete,
        "rows": report.counts["rows"],
        **{name: report.counts[name] for name in _COUNTED},
        "line": report.line,
        "resumed_behind": report.began_behind,
        "rejects_file": options.rejects or report.rejects_file,
        "seconds": round(report.seconds, 3),
    }
