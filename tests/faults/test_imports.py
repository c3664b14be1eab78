"""A database that goes away in the midst of an import, for a while or for good."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bee_customers.db.engine import Database
from bee_customers.errors import ImportStopped
from bee_customers.services import migrations
from tests.imports import files, importing, state
from tests.servers import ROOT, PostgresServer

pytestmark = pytest.mark.servers
ROWS = 200


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer(durable=True) as server:
        migrations.upgrade(Database(server.url).writer, ROOT / "alembic")
        yield server


@pytest.fixture
def database(server: PostgresServer) -> Iterator[Database]:
    server.restart()
    database = Database(server.url)
    state.empty(database)
    yield database
    database.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return files.write_csv(tmp_path / "customers.csv", files.CUSTOMER_HEADER, files.customers(ROWS))


class Breaking(importing.Heard):
    """Does something to the server once a few batches are done."""

    def __init__(self, action: object) -> None:
        super().__init__()
        self._action = action
        self.batches = 0

    def rows_done(self, *heard: object) -> None:
        self.batches += 1
        if self.batches == 3:
            self._action()


def test_an_import_waits_for_a_database_that_comes_back(
    server: PostgresServer, database: Database, path: Path
) -> None:
    expected = importing.run(database, path).counts
    left = state.of(database)
    state.empty(database)
    report = importing.run(database, path, heard=Breaking(server.restart))
    assert report.counts == expected
    assert state.of(database) == left


def test_an_import_says_how_to_go_on_when_the_database_stays_away(
    server: PostgresServer, database: Database, path: Path
) -> None:
    expected = importing.run(database, path).counts
    left = state.of(database)
    state.empty(database)
    with pytest.raises(ImportStopped, match="all up to line 61 is imported, and --resume goes on behind it"):
        importing.run(database, path, heard=Breaking(server.kill), patience=1)
    server.restart()
    report = importing.run(database, path, is_resuming=True)
    assert (report.counts, report.began_behind) == (expected, 61)
    assert state.of(database) == left


def test_a_dry_run_does_not_go_on_with_what_it_forgot(
    server: PostgresServer, database: Database, path: Path
) -> None:
    with pytest.raises(ImportStopped, match="a dry run begins anew"):
        importing.run(database, path, heard=Breaking(server.restart), is_dry_run=True)
    assert state.of(database)["customers"] == []
