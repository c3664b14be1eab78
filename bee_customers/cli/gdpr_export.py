"""bee-customers gdpr export"""

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from bee_customers.cli.environment import load, one_line_errors
from bee_customers.signals import exit_when_asked

if TYPE_CHECKING:
    from bee_customers.services.privacy.exports import Export
    from bee_customers.services.privacy.subjects import Subject

_ACTOR = "bee-customers gdpr export"


@click.command()
@click.option("--user", type=click.UUID, help="The user, with its customers in every business.")
@click.option("--customer", type=click.UUID, help="A customer without a user.")
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The ZIP to write; a new file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def export(
    config: str | None, user: uuid.UUID | None, customer: uuid.UUID | None, output: Path, as_json: bool
) -> None:
    """Write all that is kept about a subject into a ZIP.

    For who asked by letter or in person. Only you can read the file: hand it over, and then remove it.

    Example: bee-customers -c production.ini gdpr export --user UUID --output copy.zip
    """
    from bee_customers.services.privacy.subjects import Subject

    if output == Path("-"):
        raise click.UsageError(
            "--output: all that is kept about a subject goes into a file that only you can read"
        )
    if (user is None) == (customer is None):
        raise click.UsageError("name a --user, or a --customer who has none")
    with one_line_errors(), _new_file(output) as file:
        written = _write(config, Subject(user_id=user, customer_id=customer), file)
    if as_json:
        told = {"request_id": str(written.request_id), "file": str(output)}
        click.echo(json.dumps({**told, "sha256": written.sha256, "size": written.size}))
    else:
        click.echo(f"{click.format_filename(output)}  {written.size:,} bytes\nSHA-256  {written.sha256}")


def _write(config: str | None, subject: "Subject", file: BinaryIO) -> "Export":
    from bee_customers.db.connect import connect
    from bee_customers.db.unit_of_work import UnitOfWork, transact
    from bee_customers.events import connect as events
    from bee_customers.events.outbox import Outbox
    from bee_customers.services.privacy import stores
    from bee_customers.services.privacy.exports import ExportService
    from bee_customers.services.privacy.subjects import SubjectHashes
    from bee_customers.storage.connect import connect as open_storage
    from bee_customers.tracing import new_trace_id

    base, settings = load(config)
    database, storage = connect(settings, base), open_storage(settings, base)
    registered = stores.registered(storage, events.fallback(settings))
    hashes = SubjectHashes(settings.subject_secret)

    def work(unit: UnitOfWork) -> "Export":
        file.seek(0)
        file.truncate()
        outbox = Outbox(unit.transaction, actor=_ACTOR, trace_id=new_trace_id())
        written = ExportService(unit, outbox, hashes, registered).write(subject, _ACTOR, file)
        file.flush()
        os.fsync(file.fileno())
        return written

    return transact(database, work)


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """For its owner alone; removed when the block ends early, by Ctrl-C or SIGTERM too."""
    exit_when_asked()
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
    except FileExistsError:
        raise click.ClickException(f"{path} is there already: name a new file") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
    try:
        with file:
            yield file
    except BaseException as ended:
        path.unlink()
        if isinstance(ended, SystemExit):
            raise click.ClickException("stopped; nothing was written") from None
        raise
