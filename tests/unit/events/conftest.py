"""The session of a relay on a real PostgreSQL, and a fallback queue in a real Redis."""

import secrets

import pytest

from bee_customers.db.worker_session import WorkerSession
from bee_customers.events.backlog import Backlog
from bee_customers.events.fallback import RedisFallback
from bee_customers.events.outbox import CHANNEL
from bee_customers.events.stopping import StopSignal


@pytest.fixture
def session(committing_database):
    with WorkerSession(committing_database, CHANNEL) as opened:
        yield opened


@pytest.fixture
def backlog(session):
    return Backlog(session, attempts_most=3)


@pytest.fixture
def fallback(redis_server):
    made = RedisFallback(redis_server.url, stream=f"bee:test:{secrets.token_hex(4)}", length_most=20)
    yield made
    made.close()


@pytest.fixture
def stop():
    signal = StopSignal()
    yield signal
    signal.close()
