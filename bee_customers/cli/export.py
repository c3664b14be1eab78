"""bee-customers export ..."""

import contextlib
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

import click

from bee_customers.cli.environment import connected, one_line_errors
from bee_customers.cli.filters import filter_options, taken_out
from bee_customers.cli.interrupts import Stopped, stop_signal
from bee_customers.cli.output import to_file, to_stdout
from bee_customers.cli.progress import Advance, progress

_STDOUT = Path("-")


@click.group()
def export() -> None:
    """Write customers to files."""


@export.command()
@filter_options
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), help="By the name of the file, else csv.")
@click.option(
    "--output", metavar="FILE", type=click.Path(path_type=Path), help="Not stdout, which - is; .gz is compressed."
)
@click.option("--overwrite", is_flag=True, help="Replace the file where it is there already.")
@click.option(
    "--raw", "is_raw", is_flag=True, help="Leave cells that a spreadsheet takes for formulas as they are."
)
@click.pass_obj
def customers(
    config: str | None, /, form: str | None, output: Path | None, overwrite: bool, is_raw: bool, **given: Any
) -> None:
    """Write customers as CSV or JSON lines: all, or those that the filters leave, as they are at one moment.

    A cell of CSV that a spreadsheet would take for a formula gets an apostrophe in front, phones among them;
    `import customers` takes it off. Several tags stand in one cell, with ; between them.

    Example: bee-customers export customers --business 0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d --output ours.csv.gz
    """
    from bee_customers.services import customer_exports

    filters = taken_out(given)
    output = None if output == _STDOUT else output
    form = form or _form_of(output)
    if is_raw and form != "csv":
        raise click.UsageError("--raw is for csv: in JSON nothing is taken for a formula")
    is_quiet = output is None and sys.stdout.isatty()
    with one_line_errors():
        _, database = connected(config)
        total = customer_exports.expected(database, filters)
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(to_file(output, may_replace=overwrite) if output else to_stdout())
            advance = stack.enter_context(progress("exporting", total, is_quiet=is_quiet))
            watched = _Watched(file, advance, stack.enter_context(stop_signal()))
            count = customer_exports.export(database, filters, watched, form, is_raw=is_raw)
    click.echo(f"{count:,} customers written to {output or 'stdout'}", err=True)


def _form_of(output: Path | None) -> str:
    name = output.name.removesuffix(".gz") if output else ""
    return "jsonl" if name.endswith((".jsonl", ".ndjson")) else "csv"


class _Watched:
    """Passes on some lines at a time, and looks up then."""

    def __init__(self, file: BinaryIO, advance: Advance, stop: threading.Event) -> None:
        self._file = file
        self._advance = advance
        self._stop = stop
        self._count = 0

    def write(self, lines: bytes) -> None:
        self._file.write(lines)
        count = lines.count(b"\n")
        self._count += count
        self._advance(count)
        if self._stop.is_set():
            raise Stopped(f"{self._count:,} lines were written; an export begins anew")
