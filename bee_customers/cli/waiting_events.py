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
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def retry(
    config: str | None, event_ids: tuple[uuid.UUID, ...], customer: uuid.UUID | None, is_all: bool, as_json: bool
) -> None:
    """Let events that the broker refused, and those set aside, be tried again now.

    Exit 3 where one that is named is not there or was not refused; the others are tried again all the same.

    Example: bee-customers -c production.ini events retry --all
    """
    from bee_customers.services import publishing

    if sum((bool(event_ids), customer is not None, is_all)) != 1:
        raise click.UsageError("name events, or a --customer, or --all")
    with one_line_errors():
        _, database = connected(config)
        if event_ids:
            released = publishing.release_named(database, event_ids)
            _tell_retried(len(released), [one for one in dict.fromkeys(event_ids) if one not in released], as_json)
        else:
            count = publishing.release(database, customer)
            _tell_retried(count, [customer] if customer and not count else [], as_json)


@click.command()
@click.option("--since", metavar="TIME", help="Events from this time on, such as 2026-03-01T08:00Z.")
@click.option("--customer", type=click.UUID, help="Events of one customer.")
@click.option("--dry-run", is_flag=True, help="Only count them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; needs --yes or --dry-run.")
@click.pass_obj
def replay(
    config: str | None, since: str | None, customer: uuid.UUID | None, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Publish events once more, with the ids they had, and each customer's in their order.

    Example: bee-customers -c production.ini events replay --since 2026-03-01T08:00Z --dry-run
    """
    from bee_customers.services.publishing import Replay

    if since is None and customer is None:
        raise click.UsageError("say --since when, or of which --customer")
    if as_json and not (yes or dry_run):
        raise click.UsageError("--json leaves no room for a question: add --yes or --dry-run")
    chosen = Replay(_time(since), customer)
    with one_line_errors():
        _, database = connected(config)
        count = chosen.count(database)
        if count and not (yes or dry_run):
            click.confirm(f"Publish {count:,} events once more?", abort=True)
        if not dry_run:
            count = sum(chosen.run(database))
    if as_json:
        click.echo(json.dumps({"events": count, "is_dry_run": dry_run}))
    else:
        click.echo(f"{count:,} events {'would' if dry_run else 'will'} be published once more")


def _tell_retried(count: int, in_vain: list[uuid.UUID], as_json: bool) -> None:
    """Exits with 3 where one of those that were named has nothing to try again."""
    if as_json:
        click.echo(json.dumps({"tried_again": count, "not_refused": list(map(str, in_vain))}))
    else:
        click.echo(f"{count:,} events will be tried again")
        for one in in_vain:
            click.echo(f"{one}: not there, or nothing of it was refused", err=True)
    if in_vain:
        raise SystemExit(_FINDINGS)


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
