"""bee-customers tags ..."""

import contextlib
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from bee_customers.cli import tag_carriers
from bee_customers.cli.batches import Batches
from bee_customers.cli.environment import connected, one_line_errors
from bee_customers.cli.filters import tag_name
from bee_customers.cli.interrupts import Stopped

if TYPE_CHECKING:
    from bee_customers.db.engine import Database
    from bee_customers.services.bulk_changes import Acting

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
_DRY_RUN = click.option("--dry-run", "--preview", is_flag=True, help="Only tell how many customers would change.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group()
def tags() -> None:
    """Look after the catalogue of tags, and who carries them."""


for command in (tag_carriers.attach, tag_carriers.detach):
    tags.add_command(command)


@tags.command("list")
@_JSON
@click.pass_obj
def list_(config: str | None, as_json: bool) -> None:
    """List the tags, with how many customers carry each.

    Example: bee-customers -c production.ini tags list
    """
    from bee_customers.services import tag_moves

    with one_line_errors():
        _, database = connected(config)
        catalogue = tag_moves.catalogue(database)
    if as_json:
        click.echo(json.dumps([_as_dict(tag) for tag in catalogue]))
        return
    width = max((len(tag.name) for tag in catalogue), default=0)
    names = {tag.key: tag.name for tag in catalogue}
    for tag in catalogue:
        now = names.get(tag.key.strip(), tag.name)
        hint = f"  half renamed: `tags rename {tag.name!r} {now!r}` does the rest" if tag.is_set_aside else ""
        click.echo(f"{tag.name:<{width}}  {tag.customers:>11,}  {tag.color or '':<7}{hint}".rstrip())


@tags.command()
@click.argument("name")
@click.option("--color", metavar="#RRGGBB", help="Such as #ffcc00.")
@click.pass_obj
def create(config: str | None, name: str, color: str | None) -> None:
    """Add a tag to the catalogue.

    Example: bee-customers -c production.ini tags create VIP --color '#ffcc00'
    """
    from bee_customers.services import tag_moves

    name = tag_name(name, "NAME")
    if color is not None and not re.fullmatch("#[0-9a-fA-F]{6}", color):
        raise click.UsageError(f"--color: {color!r} is no color such as #ffcc00")
    with one_line_errors():
        _, database = connected(config)
        tag_moves.create(database, name, color.lower() if color else None)
    click.echo(f"created {name!r}")


@tags.command()
@click.argument("old")
@click.argument("new")
@_DRY_RUN
@_YES
@click.pass_obj
def rename(config: str | None, old: str, new: str, dry_run: bool, yes: bool) -> None:
    """Give a tag another name, or another spelling of it; all who carry it are told of.

    Example: bee-customers -c production.ini tags rename vip VIP
    """
    from bee_customers.services import tag_moves

    new = tag_name(new, "NEW")
    with _alone(config, "tags rename") as (database, acting):
        plan = tag_moves.renaming(database, old, new)
        if not plan.is_another and not plan.aside:
            click.echo(f"it is called {new!r} already")
            return
        count = plan.customers
        question = f"Rename {plan.tag.name!r} to {new!r}, and with it what {count:,} customers show?"
        if _is_meant(f"{count:,} customers would show {new!r}", question, dry_run, yes):
            again = f"tags rename {old!r} {new!r}" if plan.keeps_its_key else f"tags merge {old!r} {new!r}"
            done = _carry_out(plan.run(database, acting), count, again)
            click.echo(f"renamed to {new!r}; {done:,} customers show it")


@tags.command()
@click.argument("source")
@click.argument("target")
@_DRY_RUN
@_YES
@click.pass_obj
def merge(config: str | None, source: str, target: str, dry_run: bool, yes: bool) -> None:
    """Let all who carry SOURCE carry TARGET instead, and remove SOURCE from the catalogue.

    Example: bee-customers -c production.ini tags merge 'V.I.P.' VIP --dry-run
    """
    from bee_customers.services import tag_moves

    with _alone(config, "tags merge") as (database, acting):
        one, other = tag_moves.find(database, source), tag_moves.find(database, target)
        if one.id == other.id:
            raise click.UsageError(f"{source!r} and {target!r} are one tag")
        both = tag_moves.carried_with(database, one, other)
        told = f"{one.customers:,} customers carry {one.name!r}, {both:,} of them {other.name!r} too"
        question = f"{told}. Let all of them carry {other.name!r} alone?"
        if _is_meant(told, question, dry_run, yes):
            work = tag_moves.merge(database, one, other, acting)
            done = _carry_out(work, one.customers, f"tags merge {source!r} {target!r}")
            click.echo(f"merged into {other.name!r}; {done:,} customers changed")


@tags.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Take it off the customers that carry it.")
@_DRY_RUN
@_YES
@click.pass_obj
def delete(config: str | None, name: str, force: bool, dry_run: bool, yes: bool) -> None:
    """Remove a tag from the catalogue; refused while customers carry it, unless forced.

    Example: bee-customers -c production.ini tags delete 'spring 2024' --force --dry-run
    """
    from bee_customers.services import tag_moves

    with _alone(config, "tags delete") as (database, acting):
        tag = tag_moves.find(database, name)
        told = f"{tag.customers:,} customers carry {tag.name!r}"
        if tag.customers and not force and not dry_run:
            raise click.ClickException(f"{told}: --force takes it off them")
        if _is_meant(told, f"{told}. Remove it for good?", dry_run, yes):
            work = tag_moves.delete(database, tag, acting)
            done = _carry_out(work, tag.customers, f"tags delete {name!r} --force")
            click.echo(f"removed {tag.name!r}; {done:,} customers changed")


@contextlib.contextmanager
def _alone(config: str | None, command: str) -> "Iterator[tuple[Database, Acting]]":
    """The database, while no other command changes the catalogue."""
    from bee_customers.db.locks import only_one
    from bee_customers.services import tag_moves
    from bee_customers.services.bulk_changes import Acting

    with one_line_errors():
        _, database = connected(config)
        with only_one(database, tag_moves.LOCK) as is_mine:
            if not is_mine:
                raise click.ClickException("another command is changing the catalogue of tags: nothing was done")
            yield database, Acting(actor=f"cli:{command}")


def _is_meant(told: str, question: str, dry_run: bool, yes: bool) -> bool:
    """Whether to go on: not in a dry run, which tells, and not against a no."""
    if dry_run:
        click.echo(told)
    elif not yes:
        click.confirm(question, abort=True)
    return not dry_run


def _carry_out(work: Iterator[int], total: int, again: str) -> int:
    """How many customers were changed; where it is stopped, it says which command does the rest."""
    batches = Batches("customers", work, total, lambda count: count)
    done = sum(batches)
    if batches.is_stopped:
        raise Stopped(f"{done:,} of {total:,} customers are done; `bee-customers {again}` does the rest")
    return done


def _as_dict(tag: Any) -> dict[str, Any]:
    return {
        "name": tag.name,
        "color": tag.color,
        "customers": tag.customers,
        "created_at": tag.created_at.isoformat(),
        "is_half_renamed": tag.is_set_aside,
    }
