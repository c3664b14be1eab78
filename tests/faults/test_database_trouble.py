"""The API while its PostgreSQL is restarted, full, frozen, read-only or replaced: 503, and then well again."""

import contextlib
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from webtest import TestApp

from bee_customers import wsgi
from bee_customers.db import breaker, engine, waits
from bee_customers.db.engine import Database
from bee_customers.services import migrations
from tests.client import Client, make_token
from tests.factories import new_body, new_customer
from tests.faults.proxy import Proxy
from tests.faults.standby import Standby
from tests.functional.problem_details import check_problem
from tests.servers import ROOT, PostgresServer, wait_until

pytestmark = pytest.mark.servers
_CONNECTIONS = 12


@pytest.fixture(scope="module")
def server():
    with PostgresServer(durable=True, max_connections=_CONNECTIONS, superuser_reserved_connections=0) as started:
        database = Database(started.url)
        migrations.upgrade(database.writer, ROOT / "alembic")
        database.close()
        yield started


@pytest.fixture
def service(settings, shared_storage):
    """Makes the service on a database URL."""
    databases = []

    def make(url):
        databases.append(Database(url))
        app = TestApp(wsgi.application(settings, databases[-1], shared_storage))
        return Client(app, make_token("admin", "internal_service"))

    yield make
    for database in databases:
        database.close()


@pytest.fixture
def staff(server, service):
    return service(server.url)


@pytest.fixture
def customer(staff):
    return new_customer(staff)


@contextlib.contextmanager
def session(url):
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        yield cursor


def rename(staff, customer, name="Ion"):
    return staff.merge(f"/{customer['id']}", {"full_name": name})


def check_away(response):
    check_problem(response, 503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0


def test_a_restart_that_nobody_saw_is_no_error_at_all(server, staff, customer):
    assert rename(staff, customer).status_int == 200
    server.kill()
    server.restart()
    assert staff.get(f"/{customer['id']}").json["full_name"] == "Ion"
    server.kill()
    server.restart()
    assert rename(staff, customer, "Ana").json["full_name"] == "Ana"


def test_a_server_that_is_gone_is_503_until_it_is_back(server, staff, customer):
    server.kill()
    check_away(staff.get(f"/{customer['id']}"))
    check_away(rename(staff, customer))
    assert staff.get("/health").json["status"] == "down"
    server.restart()
    assert staff.get("/health").json["status"] == "ok"
    assert rename(staff, customer).status_int == 200


@pytest.fixture
def thread():
    """One more that requests are answered by."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def frozen(server):
    """Freezes the server for a block."""

    @contextlib.contextmanager
    def freeze():
        server.freeze()
        try:
            yield
        finally:
            server.thaw()

    return freeze


def refusals(staff):
    # asked alone: a whole scrape would be refused itself
    counted = staff.app.app.registry["metrics"].counted.restricted_registry(["bee_customers_degraded_total"])
    return sum(sample.value for metric in counted.collect() for sample in metric.samples)


def told(caplog, what):
    return [message for message in caplog.messages if what in message]


def test_a_server_that_is_frozen_is_found_out_once_and_then_refused_at_once(
    server, service, customer, thread, frozen, monkeypatch, caplog
):
    monkeypatch.setattr(waits, "SUSPICIOUS_SECONDS", 0.5)
    monkeypatch.setattr(breaker, "PROBE_SECONDS", 1)
    monkeypatch.setattr(breaker, "_LONG_SECONDS", 0.5)
    staff = service(server.url)
    assert rename(staff, customer).status_int == 200
    assert staff.get("/health").json["status"] == "ok"
    assert thread.submit(staff.get, f"/{customer['id']}").result().status_int == 200
    with frozen():
        start = time.monotonic()
        reading = thread.submit(staff.get, f"/{customer['id']}")
        check_away(rename(staff, customer, "Ana"))
        check_away(reading.result(5))
        assert staff.get("/health").json["status"] == "down"
        wait_until(lambda: len(told(caplog, "refused at once")) == 2, 5, "both ways to be known")
        assert time.monotonic() - start < waits.PATIENCE_SECONDS / 2
        warnings = len(caplog.messages)
        before, start = refusals(staff), time.monotonic()
        for _ in range(20):
            check_away(rename(staff, customer, "Ana"))
            check_away(staff.get(f"/{customer['id']}"))
        assert time.monotonic() - start < 10
        assert refusals(staff) == before + 40
        assert len(caplog.messages) == warnings
    wait_until(lambda: staff.get("/health").json["status"] == "ok", 10, "health to be well")
    assert staff.get(f"/{customer['id']}").json["full_name"] == "Ion"
    assert rename(staff, customer, "Ana").status_int == 200
    assert [len(told(caplog, what)) for what in ("refused at once", "no longer silent")] == [2, 2]


def test_a_lock_that_somebody_holds_is_503_and_reads_go_on(server, service, customer, monkeypatch):
    options = engine._CONNECT_ARGS["options"].replace("lock_timeout=5s", "lock_timeout=100ms")
    monkeypatch.setitem(engine._CONNECT_ARGS, "options", options)
    staff = service(server.url)
    with session(server.url) as cursor:
        cursor.execute("BEGIN; SELECT FROM customer FOR UPDATE")
        check_away(rename(staff, customer))
        assert staff.get(f"/{customer['id']}").status_int == 200
    assert rename(staff, customer).status_int == 200


def test_too_many_connections_are_503_until_there_is_room(server, service):
    staff = service(server.url)
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(psycopg2.OperationalError):
            while True:
                stack.enter_context(session(server.url))
        check_away(staff.get())
        check_away(staff.post(new_body()))
        assert staff.get("/health").status_int == 503
    wait_until(lambda: staff.get().status_int == 200, 5, "room for the service")
    assert staff.post(new_body()).status_int == 201


def test_a_primary_that_becomes_read_only_is_left_and_found_again(server, staff, customer):
    with session(server.url) as cursor:
        cursor.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        cursor.execute("SELECT pg_reload_conf()")
        wait_until(lambda: rename(staff, customer).status_int == 503, 5, "the setting to reach the session")
        check_away(rename(staff, customer))
        assert staff.get(f"/{customer['id']}").status_int == 200
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute("ALTER SYSTEM RESET default_transaction_read_only")
        cursor.execute("SELECT pg_reload_conf()")
    wait_until(lambda: rename(staff, customer).status_int == 200, 5, "writes to be well")


def test_a_commit_whose_reply_is_lost_is_one_row_with_a_key(server, service):
    with Proxy(server.port) as proxy:
        staff = service(server.url.replace(str(server.port), str(proxy.port)))
        body, key = new_body(user_id=str(uuid.uuid4())), str(uuid.uuid4())
        proxy.lose_the_reply_to = b"COMMIT"
        check_away(staff.post(body, Idempotency_Key=key))
        assert proxy.lose_the_reply_to is None
        again = staff.post(body, Idempotency_Key=key)
        assert again.status_int == 201
    with session(server.url) as cursor:
        cursor.execute("SELECT id FROM customer WHERE user_id = %s", (body["user_id"],))
        assert [str(row[0]) for row in cursor.fetchall()] == [again.json["id"]]


def test_a_promoted_standby_takes_over(server, service):
    with Standby(server) as standby:
        url = server.url.replace(f":{server.port}", f":{server.port},127.0.0.1:{standby.port}")
        staff = service(url)
        customer = new_customer(staff)
        standby.wait_until_it_has(f"SELECT FROM customer WHERE id = '{customer['id']}'")
        server.kill()
        try:
            assert staff.get(f"/{customer['id']}").status_int == 200
            check_away(rename(staff, customer))
            assert staff.get("/health").json["status"] == "degraded"
            standby.promote()
            assert rename(staff, customer).status_int == 200
            assert staff.get("/health").json["status"] == "ok"
        finally:
            server.restart()
