"""bee-customers retention ..."""

import json
from typing import TYPE_CHECKING

import click

from bee_customers.cli.environment import load, one_line_errors

if TYPE_CHECKING:
    from bee_customers.db.engine import Database
    from bee_customers.services.retention import Policy


@click.group()
def retention() -> None:
    """Remove what is kept no longer."""


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def show(config: str | None, as_json: bool) -> None:
    """Tell what is kept for how long, and why not longer.

    Example: bee-customers -c production.ini retention show
    """
    with one_line_errors():
        _, policies = _policies(config)
    if as_json:
        click.echo(json.dumps([{**_named(policy), "reason": policy.reason} for policy in policies]))
        return
    for policy in policies:
        click.echo(f"{policy.name:<22} {_hours(policy):>6}  {policy.reason}")


@retention.command()
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def run(config: str | None, dry_run: bool, as_json: bool) -> None:
    """Remove what is due; meant for cron. A second one at the same time steps aside.

    Example: bee-customers -c production.ini retention run --dry-run
    """
    from bee_customers.db.locks import only_one
    from bee_customers.services.retention import LOCK

    with one_line_errors():
        database, policies = _policies(config)
        with only_one(database, LOCK) as is_mine:
            if not is_mine:
                click.echo("another retention run is at work: nothing was done", err=True)
                return
            removed = {policy.name: _carry_out(policy, dry_run) for policy in policies}
    if as_json:
        click.echo(json.dumps({"is_dry_run": dry_run, "removed": removed}))
    else:
        word = "would go" if dry_run else "removed"
        click.echo("\n".join(f"{name:<22} {count:>9,} {word}" for name, count in removed.items()))


def _policies(config: str | None) -> "tuple[Database, list[Policy]]":
    from bee_customers.db.connect import connect
    from bee_customers.services.retention import policies
    from bee_customers.storage.connect import connect as open_storage

    base, settings = load(config)
    database = connect(settings, base)
    return database, policies(database, open_storage(settings, base))


def _carry_out(policy: "Policy", is_dry_run: bool) -> int:
    return policy.count() if is_dry_run else sum(policy.remove())


def _named(policy: "Policy") -> dict[str, object]:
    return {"name": policy.name, "kept_for_seconds": int(policy.kept_for.total_seconds())}


def _hours(policy: "Policy") -> str:
    return f"{policy.kept_for.total_seconds() / 3600:g} h"
