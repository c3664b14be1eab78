"""What a real PostgreSQL refuses, by the names the service gives it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from bee_customers.db.engine import Database
from bee_customers.errors import DatabaseConnectionLost, DatabaseUnavailable, TransactionConflict
from tests.servers import free_port, wait_until

LOCK = text("SELECT honey FROM cell WHERE id = 1 FOR UPDATE")
TAKE = text("UPDATE cell SET honey = honey + 1 WHERE id = 1")


def raising(sqlstate):
    return text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("statement_timeout", "15s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("timezone", "UTC"),
    ],
)
def test_no_session_waits_for_ever(own_database, name, value):
    show = text(f"SHOW {name}")
    with own_database.session() as session:
        assert session.scalar(show) == value
    assert own_database.read(show)[0][0] == value


def test_a_statement_timeout_is_the_database_being_too_slow(own_database):
    with own_database.session() as session:
        session.execute(text("SET LOCAL statement_timeout = '10ms'"))
        with pytest.raises(DatabaseUnavailable, match="too long"):
            session.execute(text("SELECT pg_sleep(20)"))


def test_a_lock_timeout_is_the_database_being_too_slow(own_database):
    with own_database.session() as holder, own_database.session() as waiter:
        holder.execute(LOCK)
        waiter.execute(text("SET LOCAL lock_timeout = '10ms'"))
        with pytest.raises(DatabaseUnavailable, match="lock"):
            waiter.execute(LOCK)


def test_a_transaction_left_idle_is_ended_by_the_server(own_database, server_side):
    with own_database.session() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '1ms'"))
        alive = f"SELECT FROM pg_stat_activity WHERE pid = {pid}"
        wait_until(lambda: not server_side(alive), 10, "the idle transaction to be ended")
        with pytest.raises(DatabaseUnavailable):
            session.execute(LOCK)


def test_a_read_only_transaction_is_the_database_being_away(own_database):
    with own_database.session() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(DatabaseUnavailable, match="read-only"):
            session.execute(TAKE)


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_conflict_is_named_one(own_database, sqlstate):
    with own_database.session() as session, pytest.raises(TransactionConflict):
        session.execute(raising(sqlstate))


@pytest.mark.parametrize(
    "sqlstate", ["08006", "25P03", "53100", "53200", "53300", "55P03", "57014", "57P03", "58030", "25006"]
)
def test_a_server_in_trouble_is_unavailable(own_database, sqlstate):
    with own_database.session() as session, pytest.raises(DatabaseUnavailable):
        session.execute(raising(sqlstate))


def test_a_broken_constraint_passes_as_it_is(own_database):
    with own_database.session() as session, pytest.raises(IntegrityError):
        session.execute(text("INSERT INTO cell VALUES (1, 1)"))


def test_a_mistake_in_sql_passes_as_it_is(own_database):
    with own_database.session() as session, pytest.raises(ProgrammingError):
        session.execute(text("SELEC nothing"))


def test_a_server_that_is_not_there_is_unavailable():
    database = Database(f"postgresql://postgres@127.0.0.1:{free_port()}/postgres")
    with pytest.raises(DatabaseUnavailable):
        database.read(text("SELECT 1"))
    with database.session() as session, pytest.raises(DatabaseUnavailable):
        session.execute(text("SELECT 1"))


def test_too_many_connections_are_the_database_being_away(postgres, server_side):
    server_side("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
    try:
        database = Database(postgres.url.replace("postgres@", "crowded@"))
        with pytest.raises(DatabaseUnavailable):
            database.read(text("SELECT 1"))
    finally:
        server_side("DROP ROLE crowded")


def test_a_backend_ended_while_idle_is_invisible_to_reads(own_database, terminate_all):
    before = own_database.read(text("SELECT pg_backend_pid()"))
    terminate_all()
    after = own_database.read(text("SELECT pg_backend_pid()"))
    assert before != after


def test_a_backend_ended_in_a_transaction_is_a_connection_lost(own_database, terminate_all):
    with own_database.session() as session:
        session.execute(LOCK)
        terminate_all()
        with pytest.raises(DatabaseConnectionLost):
            session.execute(TAKE)


def test_a_message_holds_no_value_of_a_statement(own_database):
    with own_database.session() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(DatabaseUnavailable) as refused:
            session.execute(text("INSERT INTO cell VALUES (:id, 424242)"), {"id": 313131})
    assert "424242" not in str(refused.value)
    assert "313131" not in str(refused.value)


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_transaction_names_conflicts(own_database, sqlstate):
    transaction = own_database.transaction()
    with pytest.raises(TransactionConflict):
        transaction.run(raising(sqlstate))
    transaction.rollback()


def test_a_transaction_leaves_a_server_that_became_read_only(own_database):
    transaction = own_database.transaction()
    backend = text("SELECT pg_backend_pid()")
    demoted = transaction.run(backend).rows
    transaction.run(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
    transaction.commit()
    with pytest.raises(DatabaseUnavailable, match="read-only"):
        transaction.run(TAKE)
    assert transaction.run(backend).rows != demoted
    transaction.run(TAKE)
    transaction.rollback()


def test_a_transaction_on_a_broken_connection_is_lost_and_the_next_one_works(own_database, terminate_all):
    transaction = own_database.transaction()
    transaction.run(text("SELECT 1"))
    terminate_all()
    with pytest.raises(DatabaseConnectionLost):
        transaction.run(text("SELECT 1"))
    transaction.rollback()
    assert transaction.run(text("SELECT 1")).rows == [(1,)]
    transaction.rollback()
