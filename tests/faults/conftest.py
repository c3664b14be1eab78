"""Servers to break, once per run and whole again after each test, and what a test needs around its relay."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest

from bee_customers.db.engine import Database
from bee_customers.events.fallback import RedisFallback
from tests.client import Client
from tests.faults import stream
from tests.faults.changes import Changes
from tests.faults.inbox import Inbox
from tests.faults.nursery import Nursery
from tests.faults.oracle import Oracle
from tests.faults.relaying import Running, publisher, relaying
from tests.servers import PostgresServer, RabbitServer, RedisServer, Server, require

Relaying = Callable[..., AbstractContextManager[Running]]


@pytest.fixture(scope="session")
def rabbit_server() -> Iterator[RabbitServer]:
    require(RabbitServer)
    with RabbitServer() as server:
        yield server


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    require(RedisServer)
    with RedisServer(appendonly=True) as server:
        yield server


@pytest.fixture
def rabbit(rabbit_server: RabbitServer) -> Iterator[RabbitServer]:
    yield rabbit_server
    heal(rabbit_server)


@pytest.fixture
def redis_server(redis_process: RedisServer) -> Iterator[RedisServer]:
    yield redis_process
    heal(redis_process)
    for words in (["CONFIG", "SET", "maxmemory", 0, "maxmemory-policy", "noeviction"], ["FLUSHALL"]):
        stream.command(redis_process.url, *words)


@pytest.fixture
def fallback(redis_server: RedisServer) -> Iterator[RedisFallback]:
    made = RedisFallback(redis_server.url)
    yield made
    made.close()


def heal(server: Server) -> None:
    """What a failed test left broken must not fail the next one."""
    assert server.process is not None
    server.thaw()
    if server.process.poll() is not None:
        server.restart()


@pytest.fixture
def exchange() -> str:
    """A name of the test's own, so that tests can share a broker."""
    return f"events.{uuid.uuid4().hex[:8]}"


@pytest.fixture
def inbox(rabbit: RabbitServer, exchange: str) -> Inbox:
    return Inbox(rabbit.url, exchange)


@pytest.fixture
def bound(inbox: Inbox) -> Inbox:
    """An inbox that gets every event."""
    inbox.bind()
    return inbox


@pytest.fixture
def oracle(committing_database: Database, inbox: Inbox) -> Oracle:
    return Oracle(committing_database, inbox)


@pytest.fixture
def changes(committing_database: Database) -> Changes:
    return Changes(committing_database)


@pytest.fixture
def another_database(postgres: PostgresServer) -> Iterator[Database]:
    """The same one over connections of its own: for a transaction beside others."""
    database = Database(postgres.url)
    yield database
    database.close()


@pytest.fixture
def staff(committing_app: Client) -> Client:
    return committing_app.as_("internal_service", "admin")


@pytest.fixture
def relay(committing_database: Database, rabbit: RabbitServer, exchange: str) -> Relaying:
    """Runs a relay for a block; takes the options of Relay."""
    return partial(relaying, committing_database, publisher(rabbit.url, exchange))


@pytest.fixture(scope="session")
def nursery_process() -> Iterator[Nursery]:
    with Nursery() as started:
        yield started


@pytest.fixture
def nursery(nursery_process: Nursery) -> Iterator[Nursery]:
    yield nursery_process
    nursery_process.clear()
