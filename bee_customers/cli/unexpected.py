"""What no command foresees: one line that names the place, and with `--debug` all of it."""

import contextlib
import errno
import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from bee_customers.errors import DomainError

# What a command says to whoever called it.
MEANT = (click.ClickException, click.exceptions.Exit, click.Abort, DomainError, BrokenPipeError)
_OF_A_FULL_STDOUT = (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EBADF)
_OURS = Path(__file__).parents[1]


@contextlib.contextmanager
def in_one_line(*, is_debugging: bool) -> Iterator[None]:
    """An unexpected error becomes `Error: ...`, without its message, which may hold personal data."""
    try:
        yield
    except DomainError as error:
        from bee_customers.cli.environment import with_cause

        raise click.ClickException(with_cause(error)) from None
    except MEANT:
        raise
    except Exception as error:
        if is_debugging:
            click.echo(traceback.format_exc().rstrip(), err=True)
        if isinstance(error, OSError) and error.errno in _OF_A_FULL_STDOUT:
            raise  # which is told as what it is
        hint = "" if is_debugging else "; --debug before the command shows all of it"
        raise click.ClickException(f"unexpected {type(error).__name__} at {_place(error)}{hint}") from None


def _place(error: Exception) -> str:
    """The last line of ours that it came by."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _OURS in Path(frame.filename).parents] or frames
    return f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}"
