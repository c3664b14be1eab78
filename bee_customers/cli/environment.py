"""What every command needs first: the settings, and errors as one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bee_customers import settings as settings_module
from bee_customers.errors import DatabaseUnavailable, DomainError
from bee_customers.security.development import with_own_keys
from bee_customers.settings import Settings

if TYPE_CHECKING:
    from bee_customers.db.engine import Database

DEFAULT_CONFIG = "development.ini"


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn what a service raises on purpose into `Error: ...` and exit code 1."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(with_cause(error)) from None


def with_cause(error: DomainError) -> str:
    """The message, and for a database that is away what the driver says of it: server, port and reason."""
    cause = str(error.__cause__ or "").strip()
    return f"{error}: {cause.splitlines()[0]}" if cause and isinstance(error, DatabaseUnavailable) else str(error)


def ini_of(config: str | None) -> tuple[Path, dict[str, str]]:
    """The directory that paths count from, and the settings of the file; exits with 2 without any."""
    path = Path(config or DEFAULT_CONFIG)
    if path.is_file():
        return path.resolve().parent, _read(path)
    if config:
        raise click.UsageError(f"the settings file {config} is not there")
    if "DATABASE_URL" not in os.environ:
        raise click.UsageError(f"no {DEFAULT_CONFIG} here: name a settings file with -c, or set DATABASE_URL")
    return Path.cwd(), {}


def load(config: str | None) -> tuple[Path, Settings]:
    """The base directory and the checked settings."""
    base, ini = ini_of(config)
    return base, with_own_keys(settings_module.load(ini, os.environ), base)


def connected(config: str | None) -> "tuple[Settings, Database]":
    """The checked settings and the database they name."""
    from bee_customers.db.connect import connect

    base, settings = load(config)
    return settings, connect(settings, base)


def _read(path: Path) -> dict[str, str]:
    import configparser

    import plaster

    try:
        return dict(plaster.get_settings(f"file+ini:{path}", "app:main"))
    except (configparser.Error, LookupError, ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise click.ClickException(f"the settings file {path} cannot be read: {reason}") from None
