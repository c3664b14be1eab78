"""bee-customers jobs ..."""

import dataclasses
import datetime
import json
from typing import TYPE_CHECKING

import click

from bee_customers.cli.environment import connected, one_line_errors

if TYPE_CHECKING:
    from bee_customers.services.jobs import LastRun


@click.group()
def jobs() -> None:
    """See when the jobs of cron last did their work."""


@jobs.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_obj
def list_(config: str | None, as_json: bool) -> None:
    """Show the last run of each job: when it began, how it ended, when it last succeeded.

    Example: bee-customers -c production.ini jobs list
    """
    from bee_customers.cli.tables import print_table
    from bee_customers.services import jobs as runs

    with one_line_errors():
        _, database = connected(config)
        found = runs.last_runs(database)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(run) for run in found], default=str))
        return
    print_table(("job", "began", "ended", "exit code", "seconds", "last success"), [*map(_row, found)])


@jobs.command()
@click.argument("name")
@click.option(
    "--exit-code",
    type=click.IntRange(0, 255),
    required=True,
    help="That of the job; 0 is a success.",
)
@click.pass_obj
def record(config: str | None, name: str, exit_code: int) -> None:
    """Write down that a job has ended which is none of these commands, such as a backup.

    Example: bee-customers -c production.ini jobs record backup --exit-code $?
    """
    from bee_customers.services import jobs as runs

    with one_line_errors():
        _, database = connected(config)
        runs.record(database, name, exit_code)


def _row(run: "LastRun") -> tuple[object, ...]:
    ended = "not yet" if run.is_open else _minute(run.finished_at)
    seconds = None if run.duration_seconds is None else round(run.duration_seconds)
    return (run.name, _minute(run.started_at), ended, run.exit_code, seconds, _minute(run.success_at) or "never")


def _minute(time: datetime.datetime | None) -> str | None:
    return f"{time.astimezone(datetime.UTC):%Y-%m-%d %H:%M}" if time else None
