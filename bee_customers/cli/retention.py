"""bee-customers retention ..."""

import datetime
import json
import threading
from typing import TYPE_CHECKING, Any

import click

from bee_customers.cli.environment import load, one_line_errors

if TYPE_CHECKING:
    from bee_customers.db.engine import Database
    from bee_customers.services.retention import Policy


@click.group()
def retention() -> None:
    """Remove what is kept no longer."""


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_obj
def show(config: str | None, as_json: bool) -> None:
    """Tell what is kept for how long, and why not longer.

    Example: bee-customers -c production.ini retention show
    """
    from bee_customers.cli.tables import print_table

    with one_line_errors():
        _, policies = _policies(config)
    if as_json:
        click.echo(json.dumps([_told(policy) for policy in policies]))
        return
    rows = [(policy.name, _kept(policy), policy.setting or "fixed", policy.reason) for policy in policies]
    print_table(("what", "kept for", "setting", "why not longer"), rows)


@retention.command()
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_obj
def run(config: str | None, dry_run: bool, as_json: bool) -> None:
    """Remove what is due; meant for cron. A second one at the same time steps aside.

    Example: bee-customers -c production.ini retention run --dry-run
    """
    from bee_customers.cli.interrupts import Stopped, stop_signal
    from bee_customers.db.locks import only_one
    from bee_customers.services import jobs
    from bee_customers.services.retention import LOCK

    now = datetime.datetime.now(datetime.UTC)
    with one_line_errors(), stop_signal() as stop:
        database, policies = _policies(config)
        with only_one(database, LOCK) as is_mine:
            if not is_mine:
                click.echo("another retention run is at work: nothing was done", err=True)
                return
            with jobs.recorded(database, None if dry_run else "retention run") as job:
                counts = [policy.count(now) if dry_run else _remove(policy, now, stop) for policy in policies]
                job.exit_code = Stopped.exit_code if stop.is_set() else 0
    if as_json:
        removed = {policy.name: count for policy, count in zip(policies, counts, strict=True)}
        click.echo(json.dumps({"is_dry_run": dry_run, "removed": removed}))
    else:
        _print(policies, counts, "would go" if dry_run else "removed")
    if stop.is_set():
        raise Stopped("what is removed stays removed; run it again for the rest")


def _policies(config: str | None) -> "tuple[Database, list[Policy]]":
    from bee_customers.db.connect import connect
    from bee_customers.services.retention import policies
    from bee_customers.storage.connect import connect as open_storage

    base, settings = load(config)
    database = connect(settings, base)
    return database, policies(database, open_storage(settings, base), settings)


def _remove(policy: "Policy", now: datetime.datetime, stop: threading.Event) -> int:
    """Batch by batch, until it is done or asked to stop."""
    removed = 0
    if not stop.is_set():
        for count in policy.remove(now):
            removed += count
            if stop.is_set():
                break
    return removed


def _print(policies: "list[Policy]", counts: list[int], word: str) -> None:
    from bee_customers.cli.tables import print_table

    rows = [
        (policy.name, count, _kept(policy), policy.reason) for policy, count in zip(policies, counts, strict=True)
    ]
    print_table(("what", word, "kept for", "why not longer"), rows)


def _told(policy: "Policy") -> dict[str, Any]:
    seconds = policy.kept_for and int(policy.kept_for.total_seconds())
    return {
        "name": policy.name,
        "kept_for_seconds": seconds,
        "setting": policy.setting or None,
        "reason": policy.reason,
    }


def _kept(policy: "Policy") -> str:
    if policy.kept_for is None:
        return "ever"
    days, rest = divmod(policy.kept_for, datetime.timedelta(days=1))
    if rest:
        return f"{policy.kept_for / datetime.timedelta(hours=1):g} hours"
    return "1 day" if days == 1 else f"{days:,} days"
