"""bee-customers stats ..."""

import dataclasses
import datetime
import json
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from bee_customers.cli.batches import Batches
from bee_customers.cli.environment import connected, one_line_errors
from bee_customers.cli.interrupts import Stopped

if TYPE_CHECKING:
    from bee_customers.db.engine import Database
    from bee_customers.services.drift import Chosen, Found, Totals

_FINDINGS = 3
_BUSINESS = click.option("--business", type=click.UUID, help="Only customers of this business.")
_CUSTOMER = click.option("--customer", type=click.UUID, help="Only this customer.")
_BATCH = click.option(
    "--batch",
    type=click.IntRange(1, 100_000),
    default=10_000,
    show_default=True,
    help="Customers at once; fewer where their orders are so many that a statement takes too long.",
)
_SESSIONS = click.option(
    "--sessions",
    type=click.IntRange(1, 16),
    default=2,
    show_default=True,
    help="How many connections work at once; each keeps a processor of the database busy.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")


@click.group()
def stats() -> None:
    """Check customers' statistics against their orders, and set them right."""


@stats.command()
@_BUSINESS
@_CUSTOMER
@_BATCH
@_SESSIONS
@click.option("--no-events", is_flag=True, help="Write no update events for those that are set right.")
@_JSON
@click.pass_obj
def recompute(
    config: str | None,
    business: uuid.UUID | None,
    customer: uuid.UUID | None,
    batch: int,
    sessions: int,
    no_events: bool,
    as_json: bool,
) -> None:
    """Count statistics anew from the orders and set right those that drifted; safe while orders arrive.

    Meant for cron: a second one at the same time steps aside.

    Example: bee-customers -c production.ini stats recompute --business 0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d
    """
    from bee_customers.db.locks import only_one
    from bee_customers.services import drift, jobs
    from bee_customers.services.bulk_changes import Acting

    chosen = _chosen(business, customer)
    acting = Acting(actor="cli:stats recompute", with_events=not no_events)
    with one_line_errors():
        _, database = connected(config)
        with only_one(database, drift.LOCK) as is_mine:
            if not is_mine:
                click.echo("another stats recompute is at work: nothing was done", err=True)
                return
            work = drift.recompute(database, chosen, acting, batch=batch, sessions=sessions)
            with jobs.recorded(database, _job("stats recompute", chosen)):
                _carry_out(database, chosen, work, as_json, trace_id=acting.trace_id)


@stats.command()
@_BUSINESS
@_CUSTOMER
@_BATCH
@_SESSIONS
@_JSON
@click.pass_obj
def verify(
    config: str | None,
    business: uuid.UUID | None,
    customer: uuid.UUID | None,
    batch: int,
    sessions: int,
    as_json: bool,
) -> None:
    """Compare statistics with the orders and change nothing. Exit 3 where any drifted.

    Example: bee-customers -c production.ini stats verify --json
    """
    from bee_customers.services import drift, jobs

    chosen = _chosen(business, customer)
    with one_line_errors():
        _, database = connected(config)
        work = drift.verify(database, chosen, batch=batch, sessions=sessions)
        with jobs.recorded(database, _job("stats verify", chosen)) as job:
            totals = _carry_out(database, chosen, work, as_json)
            job.exit_code = _FINDINGS if totals.drifted else 0
    if totals.drifted:
        raise SystemExit(_FINDINGS)


@stats.command()
@click.argument("customer_id", type=click.UUID)
@_JSON
@click.pass_obj
def show(config: str | None, customer_id: uuid.UUID, as_json: bool) -> None:
    """Show a customer's statistics, and whether they are what the orders say. Exit 3 where they are not.

    Example: bee-customers stats show 0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d
    """
    from bee_customers.services import drift, ledger
    from bee_customers.services.access import Scope

    with one_line_errors():
        _, database = connected(config)
        found = drift.examine(database, customer_id)
        now = datetime.datetime.now(datetime.UTC)
        has_none = bool(found.without_history)
        told = {} if has_none else ledger.get_stats(database, Scope(businesses=None), customer_id, now)
    drifted = [name for name, count in found.fields.items() if count]
    if as_json:
        click.echo(json.dumps({**told, "drifted": drifted}, default=str))
    else:
        for name, value in told.items():
            click.echo(f"{name:<22} {'-' if value is None else value!s:>14}")
    if found.drifted:
        what = ", ".join(drifted) or "there are none yet"
        click.echo(f"not what the orders say: {what}; stats recompute --customer sets it right", err=True)
        raise SystemExit(_FINDINGS)


def _job(name: str, chosen: "Chosen") -> str | None:
    """What is done for some customers alone is no run of the job."""
    return None if chosen.business_id or chosen.customer_id else name


def _chosen(business: uuid.UUID | None, customer: uuid.UUID | None) -> "Chosen":
    from bee_customers.services.drift import Chosen

    if business and customer:
        raise click.UsageError("name a --business or a --customer, not both")
    return Chosen(business, customer)


def _carry_out(
    database: "Database", chosen: "Chosen", work: "Iterator[Found]", as_json: bool, **also: str
) -> "Totals":
    """Do the work, show what it came to, and say so where it was stopped."""
    from bee_customers.services import drift

    total, totals = drift.count(database, chosen), drift.Totals()
    batches = Batches("comparing", work, total, lambda found: found.checked, is_quiet=as_json)
    for found in batches:
        totals.add(found)
    if as_json:
        click.echo(json.dumps({**dataclasses.asdict(totals), **also}))
    else:
        _print(totals)
    if batches.is_stopped:
        raise Stopped(f"{batches.done:,} of {total:,} customers were compared; the same again begins anew")
    return totals


def _print(totals: "Totals") -> None:
    lines = {"customers compared": totals.checked, "drifted": totals.drifted}
    lines |= {f"  {name}": count for name, count in totals.fields.items() if count}
    lines |= {"  without any statistics": totals.without_history} if totals.without_history else {}
    lines |= {"set right": totals.set_right} if totals.set_right else {}
    for name, count in lines.items():
        click.echo(f"{name:<24} {count:>12,}")
