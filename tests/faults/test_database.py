"""A database that dies under the relay, ends its session or makes it the victim of a deadlock."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.errors import DatabaseUnavailable
from bee_customers.events.outbox import CHANNEL
from bee_customers.services import migrations
from tests.faults.changes import Changes, new_ids
from tests.faults.oracle import Oracle
from tests.faults.relaying import PausingPublisher, publisher, relaying
from tests.servers import ROOT, PostgresServer, wait_until

pytestmark = pytest.mark.servers
_END_LEADERS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_locks"
    " JOIN pg_database ON pg_database.oid = database"
    " WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted AND datname = current_database()"
)


@pytest.fixture
def durable():
    with PostgresServer(durable=True) as server:
        database = Database(server.url)
        migrations.upgrade(database.writer, ROOT / "alembic")
        yield server, database
        database.close()


def test_a_database_that_dies_and_comes_back_loses_no_event_that_was_committed(durable, bound, rabbit, exchange):
    server, database = durable
    changes, oracle = Changes(database), Oracle(database, bound)
    changes.commit_many(customers=300, versions=3)
    stop = threading.Event()
    with relaying(database, publisher(rabbit.url, exchange)), ThreadPoolExecutor(1) as threads:
        written = threads.submit(write_until, stop, Database(server.url))
        try:
            wait_until(lambda: oracle.published > 300, 20, "the relay to be in the midst of it")
            for _ in range(2):
                server.kill()
                server.restart()
                database.close()
                seen = oracle.published
                wait_until(lambda seen=seen: oracle.published > seen, 20, "the relay to go on")
        finally:
            stop.set()
        confirmed = written.result(20)
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    oracle.check()
    committed = {
        (row[0], row[1]) for row in database.read(text("SELECT customer_id, customer_version FROM event"))
    }
    assert confirmed <= committed


def write_until(stop, database):
    """Commit changes, whatever happens to the database; returns those whose commit was confirmed."""
    changes = Changes(database)
    confirmed = set()
    while not stop.is_set():
        # a new customer each time: whether a commit that failed stands nobody knows
        customer = new_ids(1)[0]
        try:
            changes.commit([customer])
        except DatabaseUnavailable:
            stop.wait(0.02)
        else:
            confirmed.add((customer, 1))
    database.close()
    return confirmed


def test_a_relay_whose_session_is_ended_begins_a_new_one(
    committing_database, rabbit, exchange, bound, changes, oracle
):
    pausing = PausingPublisher(rabbit.url, exchange, after=700)
    changes.commit_many(customers=500, versions=3)
    with relaying(committing_database, pausing):
        with pausing.in_mid_window(), committing_database.session() as session:
            assert session.scalar(_END_LEADERS) == 1
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    oracle.check()


def test_a_relay_that_is_the_victim_of_a_deadlock_tries_again(
    committing_database, another_database, rabbit, exchange, bound, changes, oracle
):
    first, second = new_ids(2)
    changes.commit([first, second])
    pausing = PausingPublisher(rabbit.url, exchange, after=2)
    lock = text("SELECT FROM event WHERE customer_id = :customer FOR UPDATE")
    with relaying(committing_database, pausing):
        with another_database.session() as session:
            session.execute(text("SET LOCAL deadlock_timeout = '1min'"))  # so that it is never the victim
            with pausing.in_mid_window():
                session.execute(lock, {"customer": second})
            wait_until(
                lambda: is_locked(committing_database, first), 5, "the relay to hold one and want the other"
            )
            # waits for the relay, whose statement PostgreSQL then ends
            session.execute(lock, {"customer": first})
        wait_until(lambda: oracle.waiting == 0, 20, "both to be published")
    oracle.check()
    assert len(bound.arrivals) == 2, "what was confirmed is marked, and not published again"


def is_locked(database, customer):
    statement = text("SELECT FROM event WHERE customer_id = :customer FOR UPDATE SKIP LOCKED")
    with database.session() as session:
        return not session.execute(statement, {"customer": customer}).all()


def test_a_change_that_is_rolled_back_is_no_event_and_wakes_nobody(
    postgres, committing_database, bound, changes, relay, oracle
):
    with closing(psycopg2.connect(postgres.url)) as listener, relay():
        listener.autocommit = True
        with listener.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
            transaction = committing_database.transaction()
            changes.stage(transaction, new_ids(1)[0])
            transaction.rollback()
            cursor.execute(f"NOTIFY {CHANNEL}, 'afterwards'")
        listener.poll()
        assert [told.payload for told in listener.notifies] == ["afterwards"]
        changes.commit(new_ids(1))
        wait_until(lambda: oracle.published == 1, 10, "the one that is committed to be published")
    oracle.check()
    assert len(bound.arrivals) == 1
