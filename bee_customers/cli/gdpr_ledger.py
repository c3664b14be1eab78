"""bee-customers gdpr receipt, verify, ledger and replay: what proves an erasure, and what survives a restore"""

import contextlib
import json
import os
import secrets
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

import click

from bee_customers.cli.environment import one_line_errors
from bee_customers.cli.erasing import FINDINGS, parts_of, signatures_of

if TYPE_CHECKING:
    from bee_customers.services.privacy.replay import BroughtBack, Replay


def _file(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    """None for stdout."""
    return None if path == Path("-") else path


_OUTPUT = click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_file,
    help="Write it there instead of to stdout.",
)


@click.command()
@click.argument("request_id", metavar="ID", type=click.UUID)
@_OUTPUT
@click.pass_obj
def receipt(config: str | None, request_id: uuid.UUID, output: Path | None) -> None:
    """Give the signed receipt of an erasure: what was destroyed and when, and not a word about whom.

    Example: bee-customers -c production.ini gdpr receipt UUID --output receipt.json
    """
    from bee_customers.services.privacy.erasure_ledger import receipt_of

    with one_line_errors():
        text = receipt_of(parts_of(config).database, request_id)
    with _written(output) as file:
        file.write(text)


@click.command()
@click.argument("file", metavar="RECEIPT", type=click.File("rb"))
@click.pass_obj
def verify(config: str | None, file: BinaryIO) -> None:
    """Tell whether a receipt is one of ours, byte for byte; exit 1 when it is not.

    Example: bee-customers -c production.ini gdpr verify receipt.json
    """
    from bee_customers.services.privacy import receipts

    with one_line_errors():
        told = receipts.check(file.read(receipts.BYTES_MOST), signatures_of(config))
    count = sum(told["erased"].values())
    click.echo(
        f"the receipt holds: erasure {told['request_id']}, {told['completed_at']}, {count:,} rows and files"
    )


@click.command()
@_OUTPUT
@click.option("--force", is_flag=True, help="Also over a file that tells of erasures which the database lacks.")
@click.pass_obj
def ledger(config: str | None, output: Path | None, force: bool) -> None:
    """Write the ledger of erasures as lines of JSON: keep it where no backup of the database can overwrite it.

    It holds hashes alone. A file is replaced whole, or left as it was; one that tells of erasures which the
    database does not know, as after a restore, is left.

    Example: bee-customers -c production.ini gdpr ledger --output /srv/elsewhere/erasures.jsonl
    """
    from bee_customers.services import jobs
    from bee_customers.services.privacy import ledger_file

    with one_line_errors():
        parts = parts_of(config)
        with jobs.recorded(parts.database, "gdpr ledger" if output else None), _written(output) as file:
            count = 0
            for line in ledger_file.lines(parts.database, parts.hashes, _replaced(None if force else output)):
                file.write(line + "\n")
                count += 1
    if output:
        click.echo(f"{click.format_filename(output)}: {count:,} erasures")


@click.command()
@click.argument("file", metavar="LEDGER", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only tell who would be erased again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def replay(config: str | None, file: BinaryIO, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Erase again whatever a restored backup brought back, before the service is started on it.

    Exit 3 when something is left to you: an erasure that failed, or a user who came back by its own will since.

    Example: bee-customers -c production.ini gdpr replay /srv/elsewhere/erasures.jsonl --dry-run
    """
    from bee_customers.cli.interrupts import Stopped
    from bee_customers.services.privacy import ledger_file
    from bee_customers.services.privacy.replay import Replay, find

    with one_line_errors():
        parts = parts_of(config)
        entries = [*ledger_file.read(file, parts.hashes)]
        found = find(parts.database, entries, parts.hashes)
        if dry_run:
            _tell(len(entries), found, None, as_json)
            raise SystemExit(FINDINGS if found.returned else 0)
        if found.subjects and not yes:
            click.confirm(f"Erase {len(found.subjects):,} subjects again?", abort=True)
        again = Replay(parts.database, parts.erasures, parts.hashes)
        again.remember(entries)
        outcomes = _erase(again, found, is_quiet=as_json)
    _tell(len(entries), found, outcomes, as_json)
    if outcomes.total() < len(found.subjects):
        raise Stopped("whoever is erased is erased; run it again for the rest")
    if found.returned or outcomes.total() > outcomes["done"]:
        raise SystemExit(FINDINGS)


def _erase(again: "Replay", found: "BroughtBack", *, is_quiet: bool) -> Counter[str]:
    """What became of each, as far as it came before it was asked to stop."""
    from bee_customers.cli.interrupts import stop_signal
    from bee_customers.cli.progress import progress

    outcomes: Counter[str] = Counter()
    with stop_signal() as stop, progress("erasing", len(found.subjects), is_quiet=is_quiet) as advance:
        for batch in again.erase(found.subjects):
            outcomes.update(outcome.status for outcome in batch)
            advance(len(batch))
            if stop.is_set():
                break
    return outcomes


def _tell(entries: int, found: "BroughtBack", outcomes: "Counter[str] | None", as_json: bool) -> None:
    returned = {str(user): list(map(str, customers)) for user, customers in found.returned.items()}
    if as_json:
        told = {
            "entries": entries,
            "brought_back": len(found.subjects),
            "returned": returned,
            "outcomes": outcomes,
        }
        click.echo(json.dumps(told))
        return
    click.echo(f"{entries:,} erasures in the ledger; {len(found.subjects):,} subjects were brought back")
    if outcomes is not None:
        click.echo(f"{outcomes['done']:,} erased again")
        for status in sorted(outcomes.keys() - {"done"}):
            click.echo(f"{outcomes[status]:,} {status}: see `bee-customers gdpr requests`")
    for user, customers in returned.items():
        click.echo(f"user {user} came back since, and keeps what is older too; younger: {', '.join(customers)}")


def _replaced(path: Path | None) -> Iterator[bytes]:
    """The lines of the file that is to be replaced, if it is there."""
    if path and path.is_file():
        with path.open("rb") as file:
            yield from file


@contextlib.contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    """stdout, or a file that is there whole when the block has ended well."""
    if path is None:
        yield sys.stdout
        return
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with aside.open("x", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
    finally:
        aside.unlink(missing_ok=True)
