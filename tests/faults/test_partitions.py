"""The way between the service and a server is parted: nothing arrives and nobody is told. Then it is whole."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import pytest
from webtest import TestApp

from bee_customers import wsgi
from bee_customers.db import breaker, engine
from bee_customers.db.engine import Database
from bee_customers.events.fallback import RedisFallback
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import new_body, new_customer
from tests.faults import stream
from tests.faults.changes import create_and_rename, new_ids
from tests.faults.proxy import Proxy
from tests.faults.relaying import publisher, relaying
from tests.functional import rows
from tests.functional.problem_details import check_problem
from tests.servers import PostgresServer, RabbitServer, RedisServer, wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def to_postgres(postgres: PostgresServer) -> Iterator[Proxy]:
    with Proxy(postgres.port) as running:
        yield running


@pytest.fixture
def to_rabbit(rabbit: RabbitServer) -> Iterator[Proxy]:
    with Proxy(rabbit.port) as running:
        yield running


@pytest.fixture
def to_redis(redis_server: RedisServer) -> Iterator[Proxy]:
    with Proxy(redis_server.port) as running:
        yield running


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def far(
    to_postgres: Proxy,
    postgres: PostgresServer,
    committing_database: Database,
    settings: Settings,
    shared_storage: LocalStorage,
) -> Client:
    """The service, on the far side of the proxy."""
    database = Database(postgres.url.replace(str(postgres.port), str(to_postgres.port)))
    return Client(TestApp(wsgi.application(settings, database, shared_storage)))


def test_a_database_behind_a_parted_way_gets_the_write_once_it_is_whole(
    far: Client, to_postgres: Proxy, committing_database: Database, threads: ThreadPoolExecutor
) -> None:
    new_customer(far.as_("internal_service"))
    to_postgres.part()
    # on a thread of its own, whose connection is not open yet: it waits as well
    answer = threads.submit(far.as_("internal_service", subject="writer").post, new_body(), Idempotency_Key="k")
    for _ in range(5):
        assert far.get("/health/live").status_int == 200
        assert not wait([answer], timeout=0.1).done
    to_postgres.rejoin()
    assert answer.result(10).status_int == 201
    assert rows.count(committing_database, "customer") == 2
    assert far.get("/health").json["status"] == "ok"


def test_a_primary_behind_a_parted_way_is_refused_at_once_while_reads_go_on(
    to_postgres: Proxy,
    postgres: PostgresServer,
    committing_database: Database,
    settings: Settings,
    shared_storage: LocalStorage,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # as quick as libpq can be to give up a new connection, and the probe with it
    monkeypatch.setitem(engine._CONNECT_ARGS, "connect_timeout", 1)
    monkeypatch.setattr(breaker, "PROBE_SECONDS", 1)
    monkeypatch.setattr(breaker, "_LONG_SECONDS", 0.5)
    database = Database(postgres.url.replace(str(postgres.port), str(to_postgres.port)), postgres.url)
    service = Client(TestApp(wsgi.application(settings, database, shared_storage)))
    staff = service.as_("internal_service", "admin")
    customer = new_customer(staff)
    to_postgres.part()
    # by a thread without a connection: the kernel takes one, and nobody answers on it
    check_problem(threads.submit(staff.post, new_body()).result(10), 503, "unavailable")
    wait_until(lambda: database._to_primary.is_open, 5, "it to be found out")
    started = time.monotonic()
    for _ in range(20):
        check_problem(staff.post(new_body()), 503, "unavailable")
    assert time.monotonic() - started < 5
    assert staff.get(f"/{customer['id']}").status_int == 200
    assert staff.get("/health").json["parts"] == {"database_writer": "down", "database_reader": "ok"}
    to_postgres.rejoin()
    wait_until(lambda: staff.post(new_body()).status_int == 201, 10, "writes to be well")
    database.close()


def test_a_way_that_ends_in_broken_connections_leaves_one_row_for_one_key(
    far: Client, to_postgres: Proxy, committing_database: Database, threads: ThreadPoolExecutor
) -> None:
    body, key = new_body(), uuid.uuid4().hex
    send = partial(far.as_("internal_service", subject="writer").post, body, Idempotency_Key=key)
    new_customer(far.as_("internal_service"))
    to_postgres.part()
    answers = [threads.submit(send) for _ in range(3)]
    wait_until(lambda: all(answer.running() for answer in answers), 5, "the requests to be under way")
    to_postgres.cut()
    to_postgres.rejoin()
    statuses = {answer.result(20).status_int for answer in answers}
    assert statuses <= {201, 409, 503}
    assert send().status_int == 201
    assert rows.count(committing_database, "customer") == 2


def test_a_broker_behind_a_parted_way_holds_up_no_write_and_gets_all(
    rabbit, exchange, to_rabbit, bound, committing_database, staff, oracle
):
    far = publisher(rabbit.url.replace(str(rabbit.port), str(to_rabbit.port)), exchange)
    with relaying(committing_database, far) as running:
        create_and_rename(staff)
        wait_until(lambda: oracle.waiting == 0, 10, "the first to be published")
        to_rabbit.part()
        create_and_rename(staff)
        wait_until(
            lambda: running.faults("timeout") >= 2, 10, "the relay to give up waiting, and a new connection"
        )
        create_and_rename(staff)
        assert oracle.waiting > 0
        to_rabbit.rejoin()
        wait_until(lambda: oracle.waiting == 0, 10, "all to be published")
    oracle.check()


def test_a_redis_behind_a_parted_way_costs_time_and_no_event(
    rabbit, exchange, to_rabbit, to_redis, redis_server, bound, changes, committing_database, staff, oracle
):
    fallback = RedisFallback(redis_server.url.replace(str(redis_server.port), str(to_redis.port)))
    far = publisher(rabbit.url.replace(str(rabbit.port), str(to_rabbit.port)), exchange)
    to_rabbit.close()
    options = {"fallback": fallback, "fallback_after_seconds": 0.1}
    with relaying(committing_database, far, **options):
        changes.commit(new_ids(5))
        wait_until(lambda: stream.length(redis_server.url) == 5, 10, "Redis to hold what waits")
        to_redis.part()
        create_and_rename(staff)
        to_rabbit.open()
        wait_until(lambda: oracle.waiting == 0, 10, "all to be published, past the Redis that does not answer")
    to_redis.rejoin()
    with relaying(committing_database, far, **options):  # the next relay that begins
        wait_until(lambda: stream.length(redis_server.url) == 0, 10, "the stream to be cleared")
    fallback.close()
    oracle.check()
