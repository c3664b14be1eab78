"""A directory to run commands in, an empty database, and a way to call commands in this process."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection

from bee_customers.cli import main
from bee_customers.db.engine import Database
from bee_customers.services import migrations
from bee_customers.settings import Settings
from tests import servers
from tests.cli.event_table import Table
from tests.cli.importing import Command
from tests.imports.desk import Desk
from tests.unit.fresh_database import fresh_database

Call = Callable[..., Result]


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current directory, with the migrations and without an ini file."""
    # not tmp_path: a PostgreSQL that runs as another user could not get there
    made = Path(tempfile.mkdtemp(prefix="bee-cli-"))
    made.chmod(0o755)
    (made / "alembic").symlink_to(servers.ROOT / "alembic")
    monkeypatch.chdir(made)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def ini(directory: Path) -> Path:
    """The development.ini of the product."""
    return Path(shutil.copy(servers.ROOT / "development.ini", directory))


@pytest.fixture
def empty_database(postgres: servers.PostgresServer) -> Iterator[str]:
    with fresh_database(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def template(postgres: servers.PostgresServer) -> Iterator[str]:
    """The name of a migrated database that nobody is connected to: copying it is quicker than migrating."""
    with fresh_database(postgres) as url:
        database = Database(url)
        migrations.upgrade(database.writer, servers.ROOT / "alembic")
        database.close()
        yield url.rpartition("/")[2]


@pytest.fixture
def migrated(postgres: servers.PostgresServer, template: str) -> Iterator[str]:
    with fresh_database(postgres, template) as url:
        yield url


@pytest.fixture
def table(migrated: str) -> Iterator[Table]:
    """The events of that database."""
    with closing(psycopg2.connect(migrated)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield Table(cursor)


@pytest.fixture
def call(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls `bee-customers` with arguments; `stdin` is what it reads, other keywords are its environment."""
    for name in Settings.__dataclass_fields__:
        monkeypatch.delenv(name.upper(), raising=False)

    def run(*arguments: str, stdin: str | None = None, **environ: str) -> Result:
        result = CliRunner().invoke(main, arguments, input=stdin, env=environ)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture(scope="module")
def connection(postgres: servers.PostgresServer) -> Iterator[Connection]:
    database = Database(postgres.url)
    with database.writer.connect() as made:
        yield made.execution_options(isolation_level="AUTOCOMMIT")


@pytest.fixture
def desk(postgres: servers.PostgresServer, connection: Connection, directory) -> Iterator[Desk]:
    desk = Desk(Database(postgres.url), directory, connection)
    yield desk
    desk.clear()


@pytest.fixture
def command(desk: Desk, call, postgres: servers.PostgresServer) -> Command:
    """`call` is asked for because it clears the environment."""
    return Command(postgres.url)
