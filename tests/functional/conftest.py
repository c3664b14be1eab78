"""For tests of several requests at once, on real connections."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bee_customers.db.engine import Database
from tests.functional.between import Elsewhere
from tests.servers import PostgresServer


@pytest.fixture
def elsewhere(committing_database: Database) -> Iterator[Elsewhere]:
    with ThreadPoolExecutor(1) as thread:
        yield Elsewhere(thread, committing_database)


@pytest.fixture
def no_deadlock(postgres: PostgresServer) -> Iterator[None]:
    """The log of PostgreSQL is asked: what a deadlock ends is repeated, so that no reply tells of it."""
    before = postgres.log.count("deadlock detected")
    yield
    assert postgres.log.count("deadlock detected") == before
