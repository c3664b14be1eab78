"""What waits, as Prometheus asks for it."""

import datetime
import uuid

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from bee_customers.db.engine import Database
from bee_customers.events.fallback import RedisFallback
from bee_customers.services import publishing
from bee_customers.services.event_metrics import EventMetrics
from tests.outgoing import event_row, message
from tests.servers import free_port
from tests.stored_events import store

ANA = uuid.UUID(int=1)
FROM_DATABASE = {
    "backlog": "bee_customers_events_backlog",
    "oldest_seconds": "bee_customers_events_oldest_seconds",
    "refused": "bee_customers_events_waiting_refused",
    "quarantined": "bee_customers_events_waiting_quarantined",
}
DEPTH = "bee_customers_events_fallback_depth"


@pytest.fixture
def fallback(redis_server):
    made = RedisFallback(redis_server.url, stream=f"bee:test:{uuid.uuid4()}")
    made.append([event_row()] * 2, [message()] * 2)
    yield made
    made.close()


@pytest.fixture
def dead_redis():
    return RedisFallback(f"redis://127.0.0.1:{free_port()}/0")


@pytest.fixture
def dead_database():
    return Database(f"postgresql://bee@127.0.0.1:{free_port()}/none")


def scraped(database, fallback):
    """Values by name."""
    metrics = EventMetrics(database, fallback).collect()
    return {sample.name: sample.value for metric in metrics for sample in metric.samples}


def test_they_are_what_status_tells(committing_database, fallback):
    store(committing_database, occurred_at=datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1))
    store(committing_database, attempts=2, last_error="no queue")
    store(committing_database, attempts=10, quarantined_at="now()")
    found = scraped(committing_database, fallback)
    told = publishing.waiting(committing_database)
    assert (told.backlog, told.refused, told.quarantined) == (3, 1, 1)
    assert found.pop(FROM_DATABASE["oldest_seconds"]) == pytest.approx(told.oldest_seconds, abs=5)
    assert found == {
        FROM_DATABASE["backlog"]: 3,
        FROM_DATABASE["refused"]: 1,
        FROM_DATABASE["quarantined"]: 1,
        DEPTH: 2,
    }


def test_without_redis_there_is_no_depth(committing_database):
    assert set(scraped(committing_database, None)) == set(FROM_DATABASE.values())


def test_what_is_away_is_left_out_and_the_rest_is_there(committing_database, fallback, dead_redis, dead_database):
    assert set(scraped(committing_database, dead_redis)) == set(FROM_DATABASE.values())
    assert scraped(dead_database, fallback) == {DEPTH: 2}
    assert scraped(dead_database, dead_redis) == {}


def test_they_are_registered_without_asking_anybody(dead_database, dead_redis):
    registry = CollectorRegistry()
    registry.register(EventMetrics(dead_database, dead_redis))
    assert generate_latest(registry) == b""


def test_they_can_be_read_by_prometheus(committing_database, fallback):
    registry = CollectorRegistry()
    registry.register(EventMetrics(committing_database, fallback))
    lines = generate_latest(registry).decode().splitlines()
    assert f"# TYPE {DEPTH} gauge" in lines
    assert f"{DEPTH} 2.0" in lines
