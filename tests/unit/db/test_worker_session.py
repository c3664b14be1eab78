"""One session of a worker: a name that nobody else has, and a channel."""

import os
import select
import threading
import time

import pytest
from sqlalchemy import text

from bee_customers.db import locks
from bee_customers.db.engine import Database
from bee_customers.db.locks import each, number_of, only_one
from bee_customers.db.worker_session import WorkerSession
from bee_customers.errors import DatabaseConnectionLost, DatabaseUnavailable
from tests.servers import free_port, wait_until

NAME, CHANNEL = "tests of locks", "bee_customers_test"
NOTIFY = text(f"NOTIFY {CHANNEL}")


@pytest.fixture
def worker(committing_database):
    with WorkerSession(committing_database, CHANNEL) as opened:
        yield opened


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def seconds_of(wait):
    began = time.monotonic()
    wait()
    return time.monotonic() - began


def notify(database, *, commit=True):
    with database.session() as session:
        session.execute(NOTIFY)
        (session.commit if commit else session.rollback)()


def test_a_name_is_for_one_at_a_time(committing_database):
    with only_one(committing_database, NAME) as first, only_one(committing_database, NAME) as second:
        assert (first, second) == (True, False)
    with only_one(committing_database, NAME) as third:
        assert third


def test_other_names_are_free(committing_database):
    with only_one(committing_database, NAME), only_one(committing_database, "another") as is_mine:
        assert is_mine


def test_of_several_names_those_are_given_that_nobody_has(committing_database):
    with each(committing_database, ["ana", "ben"]) as first, each(committing_database, ["ben", "cleo"]) as second:
        assert (first, second) == ({"ana", "ben"}, {"cleo"})


@pytest.mark.parametrize(
    "hold", [lambda database: only_one(database, NAME), lambda database: each(database, [NAME])]
)
def test_names_are_free_as_soon_as_the_block_ends(committing_database, monkeypatch, hold):
    """Not only when the server notices that the session is gone."""
    was_free = []
    with WorkerSession(committing_database, CHANNEL) as other:
        monkeypatch.setattr(locks, "close", lambda _: was_free.append(other.take(NAME)))
        with hold(committing_database):
            assert not other.take(NAME)
        monkeypatch.undo()
    assert was_free == [True]


def test_a_name_is_free_after_an_error(committing_database):
    with pytest.raises(KeyError), only_one(committing_database, NAME):
        raise KeyError
    with only_one(committing_database, NAME) as is_mine:
        assert is_mine


def test_the_number_of_a_name_is_always_the_same():
    assert number_of("retention") == number_of("retention") != number_of("events relay")
    assert -(2**63) <= number_of("retention") < 2**63


def test_a_worker_holds_its_name_until_it_closes(committing_database, worker):
    assert worker.take(NAME)
    with WorkerSession(committing_database, CHANNEL) as other:
        assert not other.take(NAME)
        worker.close()
        # the server lets go when it notices
        wait_until(lambda: other.take(NAME), 5, "the name to be free")


def test_a_worker_whose_connection_dies_lets_go(committing_database, worker, terminate_all):
    assert worker.take(NAME)
    terminate_all()
    committing_database.close()
    with WorkerSession(committing_database, CHANNEL) as other:
        assert other.take(NAME)


def test_each_statement_is_committed_at_once(own_database, worker):
    assert worker.run(text("UPDATE cell SET honey = 7 WHERE id = :id"), {"id": 1}) == []
    with WorkerSession(own_database, CHANNEL) as other:
        assert other.run(text("SELECT honey FROM cell ORDER BY id")) == [(7,), (0,)]


def test_waiting_ends_with_its_time(worker):
    assert 0.2 <= seconds_of(lambda: worker.wait(0.2)) < 1


def test_a_commit_wakes_it_and_not_the_statement_before(committing_database, worker):
    with committing_database.session() as session:
        session.execute(NOTIFY)
        assert seconds_of(lambda: worker.wait(0.2)) >= 0.2
        soon = threading.Timer(0.1, session.commit)
        soon.start()
        assert seconds_of(lambda: worker.wait(10)) < 5
        soon.join()


def test_a_rollback_does_not_wake_it(committing_database, worker):
    notify(committing_database, commit=False)
    assert seconds_of(lambda: worker.wait(0.2)) >= 0.2


def test_what_was_told_while_it_worked_ends_its_next_wait_once(committing_database, worker):
    for _ in range(3):
        notify(committing_database)
    worker.run(text("SELECT 1"))
    assert seconds_of(lambda: worker.wait(10)) < 5
    assert seconds_of(lambda: worker.wait(0.2)) >= 0.2


def test_another_channel_does_not_wake_it(committing_database, worker):
    with WorkerSession(committing_database, "another"):
        with committing_database.session() as session:
            session.execute(text("NOTIFY another"))
            session.commit()
        assert seconds_of(lambda: worker.wait(0.2)) >= 0.2


def test_a_file_that_can_be_read_wakes_it_too(worker, pipe):
    reading, writing = pipe
    threading.Timer(0.1, os.write, (writing, b"x")).start()
    assert seconds_of(lambda: worker.wait(10, reading)) < 5
    assert select.select([reading], [], [], 0)[0], "it was read from"


def test_a_connection_that_breaks_wakes_it_with_an_error(worker, terminate_all):
    threading.Timer(0.1, terminate_all).start()
    began = time.monotonic()
    with pytest.raises(DatabaseConnectionLost):
        wait_twice(worker)
    assert time.monotonic() - began < 5


def wait_twice(worker):
    """The server's last words may come before the end of the connection."""
    for _ in range(2):
        worker.wait(10)


def test_statements_on_a_broken_connection_are_named(worker, terminate_all):
    terminate_all()
    with pytest.raises(DatabaseConnectionLost):
        worker.run(text("SELECT 1"))
    worker.close()


def test_a_database_that_is_not_there_is_named():
    with pytest.raises(DatabaseUnavailable):
        WorkerSession(Database(f"postgresql://bee@127.0.0.1:{free_port()}/none"), CHANNEL)
