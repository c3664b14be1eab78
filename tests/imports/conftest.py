"""A desk at which files are imported."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bee_customers.db.engine import Database
from tests.database import RolledBackDatabase
from tests.imports.desk import Desk
from tests.servers import PostgresServer


@pytest.fixture
def desk(database: RolledBackDatabase, tmp_path: Path) -> Desk:
    """On the database of the test's API clients, in which nothing outlives the test."""
    return Desk(database, tmp_path, database.shared)


@pytest.fixture(scope="session")
def real_database(postgres: PostgresServer) -> Iterator[Database]:
    database = Database(postgres.url)
    yield database
    database.close()


# for each test: others end all sessions of the server
@pytest.fixture
def real_connection(real_database: Database) -> Iterator[Connection]:
    with real_database.writer.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


@pytest.fixture
def real_desk(real_database: Database, real_connection: Connection, tmp_path: Path) -> Iterator[Desk]:
    """On real connections: for dry runs, for others at the same moment, and for what a commit does."""
    desk = Desk(real_database, tmp_path, real_connection)
    yield desk
    desk.clear()
