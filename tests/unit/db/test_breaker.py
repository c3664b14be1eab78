"""Who is refused while a server is silent; and that a suspicion alone refuses nobody."""

import contextlib
import gc
import weakref

import psycopg2
import pytest
from sqlalchemy import text

from bee_customers.db import breaker, waits
from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import DatabaseRefused
from tests.servers import free_port, wait_until

ONE = text("SELECT 1")
NUMBER = text("SELECT txid_current()")
_NOT_YET = float("-inf")


@pytest.fixture
def refused():
    """The parts that somebody was refused for."""
    return []


@pytest.fixture
def database(postgres, refused, monkeypatch):
    monkeypatch.setattr(breaker, "PROBE_SECONDS", 1)
    monkeypatch.setattr(breaker, "_LONG_SECONDS", 0.5)
    made = Database(postgres.url)
    made.refuse_while_silent(lambda part: lambda: refused.append(part))
    yield made
    made.close()


def write(database):
    return transact(database, lambda unit: unit.transaction.run(ONE).rows)


def known(database):
    return database._to_primary, database._to_reads


def wait_for_probes(database):
    wait_until(lambda: _NOT_YET not in [each._rests_until for each in known(database)], 10, "the probes to end")


@contextlib.contextmanager
def slow_to_let_in(postgres):
    """A server that serves the sessions it has, and takes three seconds for a new one."""
    with contextlib.closing(psycopg2.connect(postgres.url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        try:
            cursor.execute("ALTER SYSTEM SET pre_auth_delay = 3")
            cursor.execute("SELECT pg_reload_conf()")
            yield
        finally:
            cursor.execute("ALTER SYSTEM RESET pre_auth_delay")
            cursor.execute("SELECT pg_reload_conf()")


def test_a_slow_statement_on_a_server_that_answers_is_waited_for_and_nobody_refused(
    database, refused, monkeypatch
):
    monkeypatch.setattr(waits, "SUSPICIOUS_SECONDS", 0.1)
    assert write(database) == [(1,)]
    assert database.read(text("SELECT 1 FROM pg_sleep(1.2)")) == [(1,)]
    wait_for_probes(database)
    assert write(database) == [(1,)]
    assert refused == []


def test_a_server_that_only_new_sessions_wait_for_goes_on_serving_the_others(database, postgres, refused):
    write(database)
    database.read(ONE)
    with slow_to_let_in(postgres):
        database.suspect()
        while _NOT_YET in [each._rests_until for each in known(database)]:
            assert [write(database), database.read(ONE)] == [[(1,)], [(1,)]]
    assert refused == []


def test_whoever_is_refused_is_told_so_and_counted_and_the_other_way_is_open(database, refused):
    database._to_primary.is_open = True
    with pytest.raises(DatabaseRefused, match="does not answer"):
        write(database)
    with pytest.raises(DatabaseRefused), database.session() as session:
        session.execute(ONE)
    assert database.read(ONE) == [(1,)]
    assert refused == ["database_writer", "database_writer"]
    database._to_reads.is_open = True
    with pytest.raises(DatabaseRefused):
        database.read(ONE)


def test_what_has_begun_is_not_left_half_done(database):
    unit = UnitOfWork(database)
    begun = unit.transaction.run(NUMBER).rows
    database._to_primary.is_open = True
    assert unit.transaction.run(NUMBER).rows == begun
    unit.close()
    database._to_primary.is_open = False
    assert transact(database, lambda unit: unit.transaction.run(NUMBER).rows) != begun


def test_a_server_that_refuses_is_not_silent(database):
    gone = Database(f"postgresql://postgres@127.0.0.1:{free_port()}/postgres")
    gone.refuse_while_silent(lambda part: lambda: None)
    with pytest.raises(Exception, match="cannot be reached"):
        gone.read(ONE)
    assert gone._to_reads._silent_from() is None


def test_whatever_ends_the_looking_nobody_is_refused_afterwards(database, monkeypatch):
    write(database)
    found = iter([0.0])
    monkeypatch.setattr(breaker, "_PAUSE_SECONDS", 0)
    monkeypatch.setattr(breaker.Breaker, "_silent_from", lambda self: next(found))
    with pytest.raises(StopIteration):
        database._to_primary._look()
    assert not database._to_primary.is_open


def test_commands_are_never_refused(postgres):
    database = Database(postgres.url)
    database.read(ONE)
    database.suspect()
    assert [each._thread for each in known(database)] == [None, None]
    database.close()


def test_with_the_last_who_holds_it_a_database_ends_and_so_do_its_connections(postgres):
    """Commands never close theirs: connections that led back to it would stay until garbage is looked for."""
    own = Database(postgres.url)
    own.read(text("SELECT 1"))
    transact(own, write_nothing)
    ended = weakref.ref(own)
    gc.disable()
    try:
        del own
        assert ended() is None
    finally:
        gc.enable()


def write_nothing(unit: UnitOfWork) -> None:
    unit.transaction.run(text("SELECT 1"))
