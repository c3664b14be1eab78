"""Two relays at once, and the relay as the program that operators run."""

import contextlib
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from tests.cli.processes import running
from tests.client import SECRET
from tests.faults.changes import Changes, create_and_rename, new_ids
from tests.servers import wait_until

pytestmark = pytest.mark.servers
_LEADERS = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
    " WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted AND datname = current_database()"
)
KILLS = 5


def count(database, statement) -> int:
    return int(database.read(statement)[0][0])


@contextlib.contextmanager
def writing(url):
    """Somebody commits changes of customers during the block, as fast as they come."""
    stop = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(write_until, stop, url)
        try:
            yield
        finally:
            stop.set()
            future.result(20)


def write_until(stop, url):
    database = Database(url)
    changes, customers = Changes(database), new_ids(20)
    while not stop.is_set():
        changes.commit([*random.sample(customers, 5), customers[0]])
        stop.wait(0.002)
    database.close()


def test_when_the_leader_is_killed_the_relay_that_stood_by_takes_over(
    nursery, postgres, rabbit, exchange, committing_database, bound, oracle, relay
):
    order = {"database": postgres.url, "broker": rabbit.url, "exchange": exchange}
    with writing(postgres.url):
        leader = nursery.start(**order)
        for _ in range(3):
            wait_until(lambda: count(committing_database, _LEADERS) == 1, 5, "one to lead")
            standby = nursery.start(**order)
            seen = oracle.published
            wait_until(lambda seen=seen: oracle.published > seen + 20, 10, "the leader to publish")
            nursery.kill(leader)
            assert nursery.wait(leader) == -9
            seen = oracle.published
            wait_until(lambda seen=seen: oracle.published > seen + 20, 5, "the other one to take over")
            leader = standby
    wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    nursery.kill(leader, signal.SIGTERM)
    assert nursery.wait(leader) == 0
    oracle.check()


def test_only_one_of_several_relays_publishes(nursery, postgres, rabbit, exchange, bound, changes, oracle):
    order = {"database": postgres.url, "broker": rabbit.url, "exchange": exchange}
    relays = [nursery.start(**order) for _ in range(3)]
    changes.commit_many(customers=300, versions=3)
    wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    for pid in relays:
        nursery.kill(pid, signal.SIGTERM)
    assert [nursery.wait(pid) for pid in relays] == [0, 0, 0]
    oracle.check()
    assert len(bound.arrivals) == 900, "nothing came twice"


@pytest.fixture
def environment(postgres, rabbit, redis_server, exchange):
    return {
        "ENVIRONMENT": "development",
        "DATABASE_URL": postgres.url,
        "RABBITMQ_URL": rabbit.url,
        "RABBITMQ_EXCHANGE": exchange,
        "REDIS_URL": redis_server.url,
        "AUTH_JWT_KEY": SECRET,
        "AUTH_JWT_ALGORITHMS": "HS256",
        "SECRET_KEY": SECRET,
    }


def test_the_program_killed_at_random_moments_under_writers_loses_nothing_and_ends_politely_when_asked(
    environment, tmp_path, postgres, bound, staff, oracle
):
    with writing(postgres.url):
        for _ in range(KILLS):
            goal = oracle.published + random.randrange(1, 400)
            with running(tmp_path, "bee-customers", "events", "relay", **environment) as program:
                wait_until(lambda goal=goal: oracle.published >= goal, 20, "it to publish some")
                assert program.end(signal.SIGKILL) == -signal.SIGKILL, program.output
            oracle.check_kept()
        create_and_rename(staff)
        with running(tmp_path, "bee-customers", "events", "relay", **environment) as program:
            goal = oracle.published + 100
            wait_until(lambda: oracle.published >= goal, 20, "it to publish some")
            program.process.send_signal(signal.SIGTERM)
            assert program.process.wait(5) == 0, program.output
        oracle.check_finished()


def test_the_program_ends_politely_though_the_broker_is_frozen(
    environment, tmp_path, rabbit, bound, changes, oracle
):
    with running(tmp_path, "bee-customers", "events", "relay", **environment) as program:
        changes.commit(new_ids(5))
        wait_until(lambda: oracle.waiting == 0, 20, "the first events to be published")
        rabbit.freeze()
        changes.commit(new_ids(5))
        assert program.end(signal.SIGTERM) == 0, program.output
    rabbit.thaw()
    oracle.check_kept()
