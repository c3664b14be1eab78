"""The console built once a run, and walked through once."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests import servers
from tests.console.browser import Walk, walk_through
from tests.servers import ROOT

BUILT = ROOT / "bee_customers" / "api" / "console_files"


@pytest.fixture(scope="session")
def built() -> Path:
    """The directory of the built files; instant when console/ has not changed."""
    subprocess.run(
        [ROOT / "scripts" / "build-console"],
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=300,
        capture_output=True,
    )
    return BUILT


@pytest.fixture(scope="session")
def own_database(postgres: servers.PostgresServer) -> Iterator[str]:
    """A database of its own on the shared server, for rows that stay."""
    name = "console"
    with closing(psycopg2.connect(postgres.url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
        yield postgres.url.rpartition("/")[0] + f"/{name}"
        connection.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def walks(built: Path, own_database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Walk]:
    servers.require_program("chromium")
    found = walk_through(tmp_path_factory.mktemp("console"), own_database)
    _measured.update({name: walk.notes for name, walk in found.items() if walk.notes})
    return found


_measured: dict[str, dict[str, Any]] = {}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured and is no bound of a test, for it depends on the machine: milliseconds, MiB, seconds."""
    for name, notes in _measured.items():
        terminalreporter.write_line(f"console, {name}: {notes}")
