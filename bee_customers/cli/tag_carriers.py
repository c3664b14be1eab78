"""bee-customers tags attach and detach: one tag on or off many customers."""

import dataclasses
import json
import sys
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from bee_customers.cli.batches import Batches
from bee_customers.cli.environment import connected, one_line_errors
from bee_customers.cli.filters import filter_options, tag_name, taken_out
from bee_customers.cli.interrupts import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bee_customers.db.engine import Database
    from bee_customers.services.bulk_tags import Swap, Swapped
    from bee_customers.services.customer_choice import ByIds, Choice

_FINDINGS = 3
_SHOWN_MOST = 20
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("name"),
    filter_options,
    click.option("--ids", type=click.File("rb"), help="Customers with these ids, one a line; - for stdin."),
    click.option("--all", "is_all", is_flag=True, help="All customers of all businesses."),
    click.option("--dry-run", "--preview", is_flag=True, help="Only tell how many customers would change."),
    click.option("--yes", is_flag=True, help="Do not ask."),
    click.option("--no-events", is_flag=True, help="Write no update events for those that change."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON; needs --yes or --dry-run."),
)


def _of_many(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@_of_many
@click.option("--create", "may_create", is_flag=True, help="Add the tag to the catalogue where it is not there.")
@click.pass_obj
def attach(config: str | None, /, name: str, may_create: bool, **given: Any) -> None:
    """Let customers carry a tag: those that the filters leave, or those of a file. Exit 3 where some cannot.

    Example: bee-customers tags attach VIP --min-lifetime-value 1000 --min-orders 3 --dry-run
    """
    from bee_customers.errors import TagNotFound
    from bee_customers.services import tag_moves
    from bee_customers.services.bulk_tags import Swap

    name = tag_name(name, "NAME")

    def swap(database: "Database", is_meant: bool) -> "Swap":
        try:
            return Swap(on=tag_moves.find(database, name).id)
        except TagNotFound as error:
            if not may_create:
                raise click.ClickException(f"{error}; --create adds it to the catalogue") from None
            # until it is meant, one that nobody carries stands for it
            return Swap(on=tag_moves.create(database, name, None).id if is_meant else uuid.uuid4())

    _Work(f"attach {name!r}", ("would get it", "got it", "carry it already"), swap, given).run(config)


@click.command()
@_of_many
@click.pass_obj
def detach(config: str | None, /, name: str, **given: Any) -> None:
    """Take a tag off customers: those that the filters leave, or those of a file.

    Example: bee-customers tags detach 'spring 2024' --created-to 2024-01-01 --yes
    """
    from bee_customers.services import tag_moves
    from bee_customers.services.bulk_tags import Swap

    name = tag_name(name, "NAME")

    def swap(database: "Database", _: bool) -> "Swap":
        return Swap(off=tag_moves.find(database, name).id)

    _Work(f"detach {name!r}", ("would lose it", "lost it", "do not carry it"), swap, given).run(config)


def _named(file: BinaryIO) -> "ByIds":
    """Those of a file; what is wrong with it is told with its name."""
    from bee_customers.errors import BadLines
    from bee_customers.services.customer_choice import read_ids
    from bee_customers.services.imports.source import STDIN, name_of

    name = name_of(STDIN if file is sys.stdin.buffer else file.name)
    try:
        choice = read_ids(file)
    except BadLines as error:
        raise click.ClickException(f"{name}, {error}") from None
    except OSError as error:
        raise click.ClickException(f"{name} cannot be read: {error.strerror}") from None
    if not choice.ids:
        raise click.ClickException(f"{name} names nobody: nothing was done")
    return choice


class _Work:
    """Looks, asks, does it and tells."""

    def __init__(
        self,
        label: str,
        words: tuple[str, str, str],
        swap: "Callable[[Database, bool], Swap]",
        given: dict[str, Any],
    ) -> None:
        self._label = label
        self._would, self._did, self._otherwise = words
        self._swap = swap
        self._dry_run, self._yes, self._as_json = (given.pop(name) for name in ("dry_run", "yes", "as_json"))
        self._with_events = not given.pop("no_events")
        if self._as_json and not (self._yes or self._dry_run):
            raise click.UsageError("--json leaves no room for a question: add --yes or --dry-run")
        with one_line_errors():
            self._choice = self._chosen(given)

    def run(self, config: str | None) -> None:
        with one_line_errors():
            _, database = connected(config)
            if self._dry_run or not self._yes:
                told = self._look(database)
            if not self._dry_run:
                if not self._yes:
                    click.confirm(f"{self._sentence(told, self._would)}. Go on?", abort=True)
                told = self._carry_out(database)
        if told.full or told.missing:
            raise SystemExit(_FINDINGS)

    def _chosen(self, given: dict[str, Any]) -> "Choice":
        from bee_customers.services.customer_changes import utc_now
        from bee_customers.services.customer_choice import ByFilter
        from bee_customers.services.customer_lists import Filters

        ids, is_all = given.pop("ids"), given.pop("is_all")
        filters = taken_out(given)
        if (ids is not None) + is_all + (filters != Filters()) != 1:
            raise click.UsageError("say whom: by filters, or by --ids FILE, or --all")
        if ids is None:
            choice = ByFilter(filters)
            if not is_all and not choice.leaves_anybody_out(utc_now()):
                raise click.UsageError("the filters leave nobody out: say --all where all customers are meant")
            return choice
        if ids is sys.stdin.buffer and not (self._yes or self._dry_run):
            raise click.UsageError("--ids - leaves no way to answer a question: add --yes or --dry-run")
        return _named(ids)

    def _look(self, database: "Database") -> "Swapped":
        """What would become of them."""
        from bee_customers.services import bulk_tags

        swap = self._swap(database, False)
        parts = (bulk_tags.preview(database, ids, swap) for ids in self._choice.batches(database))
        return self._sum_up(database, "looking", parts, self._would if self._dry_run else "")

    def _carry_out(self, database: "Database") -> "Swapped":
        from bee_customers.services import bulk_tags
        from bee_customers.services.bulk_changes import Acting

        swap = self._swap(database, True)
        acting = Acting(actor=f"cli:tags {self._label.partition(' ')[0]}", with_events=self._with_events)
        batches = self._choice.batches(database)
        return self._sum_up(
            database, self._label, bulk_tags.in_batches(database, batches, swap, acting), self._did
        )

    def _sum_up(self, database: "Database", label: str, parts: "Iterable[Swapped]", verb: str) -> "Swapped":
        """What all parts come to; told at the end with this verb, and where it was stopped."""
        from bee_customers.services.bulk_tags import NONE

        total = self._choice.count(database)
        batches = Batches(label, parts, total, lambda part: part.asked, is_quiet=self._as_json)
        told = sum(batches, NONE)
        if verb:
            self._tell(told, verb)
        if batches.is_stopped:
            raise Stopped(f"{batches.done:,} of {total:,} customers were looked at; the same again does the rest")
        return told

    def _tell(self, told: "Swapped", verb: str) -> None:
        if self._as_json:
            click.echo(json.dumps({**dataclasses.asdict(told), "is_dry_run": self._dry_run}))
            return
        click.echo(self._sentence(told, verb))
        for ids, what in ((told.full, "no room for another tag"), (told.missing, "no such customer")):
            for customer_id in ids[:_SHOWN_MOST]:
                click.echo(f"{customer_id}: {what}", err=True)
            if len(ids) > _SHOWN_MOST:
                click.echo(f"and {len(ids) - _SHOWN_MOST:,} more: {what}", err=True)

    def _sentence(self, told: "Swapped", verb: str) -> str:
        others = told.asked - told.changed - len(told.full) - len(told.missing)
        parts = [f"{told.changed:,} {verb}"]
        parts += [f"{others:,} {self._otherwise}"] if others else []
        parts += [f"{len(told.full):,} have no room for another tag"] if told.full else []
        parts += [f"{len(told.missing):,} are not there"] if told.missing else []
        return f"of {told.asked:,} customers " + ", ".join(parts)
