"""bee-customers events status, retry and replay: what waits, and what is to go out again."""

import datetime
import json
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from bee_customers.cli.environment import connected, one_line_errors

if TYPE_CHECKING:
    from bee_customers.settings import Settings

_SHOWN_MOST = 20
_FINDINGS = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def status(config: str | None, as_json: bool) -> None:
    """Tell how many events wait, since when and what for; exit 3 when any needs an operator.

    Example: bee-customers -c production.ini events status --json
    """
    from bee_customers.services import publishing

    with one_line_errors():
        settings, database = connected(config)
        waiting = publishing.waiting(database)
        told = {**asdict(waiting), **_fallback(settings)}
        set_aside = publishing.quarantined(database, _SHOWN_MOST)
    if as_json:
        click.echo(json.dumps({**told, "set_aside": set_aside}, default=str))
    else:
        _print_status(told, set_aside)
    if waiting.quarantined:
        raise SystemExit(_FINDINGS)


@click.command()
@click.argument("event_ids", nargs=-1, type=click.UUID)
@click.option("--customer", type=click.UUID, help="All refused events of one customer.")
@click.option("--all", "is_all", is_flag=True, help="All refused events.")
@click.pass_obj
def retry(config: str | None, event_ids: tuple[uuid.UUID, ...], customer: uuid.UUID | None, is_all: bool) -> None:
    """Let events that the broker refused, and those set aside, be tried again now.

    Example: bee-customers -c production.ini events retry --all
    """
    from bee_customers.services import publishing

    if sum((bool(event_ids), customer is not None, is_all)) != 1:
        raise click.UsageError("name events, or a --customer, or --all")
    with one_line_errors():
        _, database = connected(config)
        count = publishing.release(database, events=event_ids, customer_id=customer)
    click.echo(f"{count:,} events will be tried again")


@click.command()
@click.option("--since", metavar="TIME", help="Events from this time on, such as 2026-03-01T08:00Z.")
@click.option("--customer", type=click.UUID, help="Events of one customer.")
@click.option("--dry-run", is_flag=True, help="Only count them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def replay(config: str | None, since: str | None, customer: uuid.UUID | None, dry_run: bool, yes: bool) -> None:
    """Publish events once more, with the ids they had.

    Example: bee-customers -c production.ini events replay --since 2026-03-01T08:00Z --dry-run
    """
    from bee_customers.services.publishing import Replay

    if since is None and customer is None:
        raise click.UsageError("say --since when, or of which --customer")
    chosen = Replay(_time(since), customer)
    with one_line_errors():
        _, database = connected(config)
        count = chosen.count(database)
        if dry_run:
            click.echo(f"{count:,} events would be published once more")
            return
        if count and not yes:
            click.confirm(f"Publish {count:,} events once more?", abort=True)
        done = sum(chosen.run(database))
    click.echo(f"{done:,} events will be published once more")


def _fallback(settings: "Settings") -> dict[str, Any]:
    """How many events the fallback queue holds, or why that is not to be told."""
    from bee_customers.errors import FallbackUnavailable
    from bee_customers.events import connect

    fallback = connect.fallback(settings)
    if fallback is None:
        return {"fallback_depth": None, "fallback_state": "no REDIS_URL"}
    try:
        return {"fallback_depth": fallback.depth(), "fallback_state": "ok"}
    except FallbackUnavailable:
        return {"fallback_depth": None, "fallback_state": "Redis is away"}


def _print_status(told: dict[str, Any], set_aside: list[dict[str, Any]]) -> None:
    depth = told["fallback_depth"]
    lines = {
        "waiting": f"{told['backlog']:,}",
        "oldest": f"{told['oldest_seconds']:,.0f} s",
        "tried again later": f"{told['refused']:,}",
        "set aside": f"{told['quarantined']:,}",
        "in the fallback queue": told["fallback_state"] if depth is None else f"{depth:,}",
    }
    for name, value in lines.items():
        click.echo(f"{name:<22} {value:>14}")
    for event in set_aside:
        click.echo(f"  {event['id']}  {event['type']}  {event['attempts']} attempts: {event['last_error']}")
    if told["quarantined"]:
        click.echo("`bee-customers events retry --all` lets them be tried again")


def _time(text: str | None) -> datetime.datetime | None:
    if text is None:
        return None
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--since: {text!r} is no time such as 2026-03-01T08:00Z") from None
    if time.tzinfo is None:
        raise click.UsageError("--since: say the zone too, as in 2026-03-01T08:00Z or 2026-03-01T10:00+02:00")
    return time
