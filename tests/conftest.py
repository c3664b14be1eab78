"""Servers once per run, a clean database per test, a caller per role."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from webtest import TestApp

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.models import Base
from bee_customers.services import migrations
from bee_customers.settings import Settings, load
from bee_customers.storage.local import LocalStorage
from tests import servers
from tests.broker import Broker
from tests.certificates import Authority
from tests.client import SECRET, Client
from tests.database import RolledBackDatabase
from tests.factories import new_customer

SCRIPTS = servers.ROOT / "alembic"


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.PostgresServer]:
    """A private PostgreSQL with an empty, migrated database at `.url`."""
    servers.require(servers.PostgresServer)
    with servers.PostgresServer() as server:
        database = Database(server.url)
        migrations.upgrade(database.writer, SCRIPTS)
        database.close()
        yield server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def rabbit(certificates: Authority) -> Iterator[servers.RabbitServer]:
    """A private RabbitMQ; at `.tls_url` it shows a certificate for localhost."""
    servers.require(servers.RabbitServer)
    certificate, key = certificates.issue("localhost")
    port = servers.free_port()
    settings = {
        "listeners.ssl.1": f"127.0.0.1:{port}",
        "ssl_options.cacertfile": certificates.file,
        "ssl_options.certfile": certificate,
        "ssl_options.keyfile": key,
    }
    with servers.RabbitServer(**settings) as server:
        server.tls_url = f"amqps://guest:guest@localhost:{port}//"
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.RedisServer]:
    """A private Redis at `.url`."""
    servers.require(servers.RedisServer)
    with servers.RedisServer() as server:
        yield server


@pytest.fixture
def broker(rabbit: servers.RabbitServer) -> Iterator[Broker]:
    """An exchange of one test on the shared RabbitMQ."""
    with Broker(rabbit) as made:
        yield made


@pytest.fixture(scope="session")
def settings(postgres: servers.PostgresServer) -> Settings:
    environment = {
        "DATABASE_URL": postgres.url,
        "AUTH_JWT_KEY": SECRET,
        "AUTH_JWT_ALGORITHMS": "HS256",
        "SECRET_KEY": "a secret for cursors in the tests, 32 or more",
        # one caller makes many requests; tests of the limits set them anew
        "API_RATE": "off",
        "CUSTOMER_PATCH_RATE": "off",
        "AUTH_FAILURE_RATE": "off",
    }
    return load({}, environment)


@pytest.fixture(scope="session")
def rolled_back(postgres: servers.PostgresServer) -> Iterator[RolledBackDatabase]:
    database = RolledBackDatabase(postgres.url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def shared_storage(tmp_path_factory: pytest.TempPathFactory) -> LocalStorage:
    """Files of all tests of a run, in a directory of its own."""
    return LocalStorage(tmp_path_factory.mktemp("storage"))


@pytest.fixture(scope="session")
def shared_app(settings: Settings, rolled_back: RolledBackDatabase, shared_storage: LocalStorage) -> TestApp:
    return TestApp(wsgi.application(settings, rolled_back, shared_storage))


@pytest.fixture
def database(rolled_back: RolledBackDatabase) -> Iterator[RolledBackDatabase]:
    """A database in which nothing outlives the test."""
    with rolled_back.for_one_test():
        yield rolled_back


@pytest.fixture
def anyone(shared_app: TestApp, database: RolledBackDatabase) -> Client:
    """A caller without a token."""
    return Client(shared_app)


@pytest.fixture
def admin(anyone: Client) -> Client:
    return anyone.as_("admin")


@pytest.fixture
def internal(anyone: Client) -> Client:
    return anyone.as_("internal_service")


@pytest.fixture
def customer(internal: Client) -> dict[str, Any]:
    """The document of a customer that is there."""
    return new_customer(internal)


@pytest.fixture
def storage(tmp_path: Path, shared_app: TestApp, monkeypatch: pytest.MonkeyPatch) -> LocalStorage:
    """The storage of one test, so that its files can be counted."""
    own = LocalStorage(tmp_path)
    monkeypatch.setitem(shared_app.app.registry, "storage", own)
    return own


@pytest.fixture
def customer_id(storage: LocalStorage, customer: dict[str, Any]) -> str:
    return str(customer["id"])


@pytest.fixture
def committing_database(postgres: servers.PostgresServer) -> Iterator[Database]:
    """For tests with several connections: commits are real, and the tables are emptied afterwards."""
    database = Database(postgres.url)
    yield database
    with database.session() as session:
        session.execute(text("TRUNCATE " + ", ".join(Base.metadata.tables)))
        session.commit()
    database.close()


@pytest.fixture
def committing_app(settings: Settings, committing_database: Database, shared_storage: LocalStorage) -> Client:
    return Client(TestApp(wsgi.application(settings, committing_database, shared_storage)))
