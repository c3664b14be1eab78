"""/health and /health/live"""

import secrets
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from webtest import TestApp

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import Client, make_token
from tests.factories import new_body
from tests.functional.problem_details import check_problem
from tests.servers import PostgresServer, free_port


def nowhere() -> str:
    return f"postgresql://postgres@127.0.0.1:{free_port()}/postgres"


@pytest.fixture
def lost(settings: Settings, shared_storage: LocalStorage) -> TestApp:
    """The service without its database."""
    return TestApp(wsgi.application(settings, Database(nowhere()), shared_storage))


def test_a_well_service_says_so_and_names_its_parts(anyone: Client) -> None:
    response = anyone.get("/health")
    assert response.status_int == 200
    assert response.json == {"status": "ok", "parts": {"database_writer": "ok", "database_reader": "ok"}}


def test_health_asks_for_no_token_and_takes_a_bad_one(anyone: Client) -> None:
    assert anyone.with_token("junk").get("/health").status_int == 200


def test_without_its_database_the_service_is_down(lost: TestApp) -> None:
    response = lost.get("/health", expect_errors=True)
    assert response.status_int == 503
    assert response.json == {"status": "down", "parts": {"database_writer": "down", "database_reader": "down"}}


def test_without_its_database_the_process_lives(lost: TestApp) -> None:
    assert lost.get("/health/live").json == {"status": "ok"}


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/customers/0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d"])
def test_without_its_database_requests_are_told_to_come_back(lost: TestApp, anyone: Client, path: str) -> None:
    response = Client(lost, anyone.as_("admin").token).get(path)
    problem = check_problem(response, 503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert "127.0.0.1" not in str(problem)


def test_with_one_half_of_the_database_the_service_is_degraded(
    settings: Settings, postgres: PostgresServer, shared_storage: LocalStorage
) -> None:
    database = Database(nowhere(), postgres.url)
    response = TestApp(wsgi.application(settings, database, shared_storage)).get("/health")
    database.close()
    assert response.json == {"status": "degraded", "parts": {"database_writer": "down", "database_reader": "ok"}}


@pytest.fixture
def read_only(postgres: PostgresServer) -> Iterator[Database]:
    """A database as a demoted primary shows it: everything can be read, nothing written."""
    role = f"reader_{secrets.token_hex(4)}"
    server = psycopg2.connect(postgres.url)
    server.autocommit = True
    with closing(server), server.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN SUPERUSER")
        cursor.execute(f"ALTER ROLE {role} SET default_transaction_read_only = on")
        database = Database(postgres.url.replace("postgres@", f"{role}@"))
        yield database
        database.close()
        cursor.execute(f"DROP ROLE {role}")


def test_a_read_only_writer_is_down_and_reads_go_on(
    settings: Settings, read_only: Database, shared_storage: LocalStorage
) -> None:
    app = TestApp(wsgi.application(settings, read_only, shared_storage))
    parts = {"database_writer": "down", "database_reader": "ok"}
    assert app.get("/health").json == {"status": "degraded", "parts": parts}
    admin = Client(app, make_token("admin"))
    assert admin.get("").status_int == 200
    check_problem(Client(app, make_token("internal_service")).post(new_body()), 503, "unavailable")
