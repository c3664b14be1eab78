"""Where a command writes much: stdout, or a file that is there whole or not at all."""

import contextlib
import fcntl
import gzip
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from bee_customers.cli import give_up_stdout

_BUFFER = 1 << 20


@contextlib.contextmanager
def to_stdout() -> Iterator[BinaryIO]:
    """Bytes for stdout; one line tells where it is closed before the end, or full."""
    with _stdout() as file:
        try:
            yield file
            file.flush()
        except OSError as error:
            give_up_stdout()
            is_closed = isinstance(error, BrokenPipeError)
            why = "was closed before the end" if is_closed else f"cannot be written: {error.strerror}"
            raise click.ClickException(f"stdout {why}") from None


@contextlib.contextmanager
def _stdout() -> Iterator[BinaryIO]:
    """With a buffer of its own: Python's is small, and not there at all where PYTHONUNBUFFERED is set."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):  # somebody listens within this process
        yield sys.stdout.buffer
        return
    with open(number, "wb", _BUFFER, closefd=False) as file:
        yield file


@contextlib.contextmanager
def to_file(path: Path, *, may_replace: bool = False) -> Iterator[BinaryIO]:
    """A file to write to, compressed where its name ends in .gz. Only its owner can read it.

    It is written beside its place, as FILE.part, and put there at the end of the block; of a block that fails
    nothing stays. One line tells what cannot be written, and why.
    """
    _check(path, may_replace)
    part = path.with_name(f"{path.name}.part")
    try:
        with _locked(part) as raw, _removed_unless_done(part):
            with _packed(raw) if path.suffix == ".gz" else contextlib.nullcontext(raw) as file:
                yield file
            raw.flush()
            os.fsync(raw.fileno())
            part.replace(path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None


def _check(path: Path, may_replace: bool) -> None:
    if not os.path.lexists(path):
        return
    if not path.is_file():
        raise click.ClickException(f"{path} is there and is {'a directory' if path.is_dir() else 'no file'}")
    if not may_replace:
        raise click.ClickException(f"{path} is there already: --overwrite replaces it")


@contextlib.contextmanager
def _locked(part: Path) -> Iterator[BinaryIO]:
    """The file, made or emptied, while no other command writes it."""
    # not through a link, and nobody else's from the first moment
    number = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(number, "wb", _BUFFER) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(f"another command is writing {part}") from None
        if not _is_at(file, part):
            raise click.ClickException(f"another command has just written {part}")
        os.fchmod(number, 0o600)
        os.ftruncate(number, 0)
        yield file


def _is_at(file: BinaryIO, part: Path) -> bool:
    """Whether who had the lock before has not put it in its place meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), part.stat())
    return False


@contextlib.contextmanager
def _removed_unless_done(part: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _packed(raw: BinaryIO) -> Iterator[BinaryIO]:
    """Without a time in it: the same content always packs to the same bytes."""
    with gzip.GzipFile("", "wb", 6, raw, mtime=0) as packer, io.BufferedWriter(packer, _BUFFER) as file:
        yield file
