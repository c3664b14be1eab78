"""One transaction around one piece of work, repeated where that is safe and only there."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import DatabaseConnectionLost, DatabaseUnavailable, TransactionConflict

TAKE = text("UPDATE cell SET honey = honey + 1 WHERE id = :id")
HONEY = text("SELECT sum(honey) FROM cell")
FALL_OVER = text(
    "CREATE FUNCTION fall_over() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
)
FALL_OVER_IN_COMMIT = text(
    "CREATE CONSTRAINT TRIGGER fall_over AFTER UPDATE ON cell DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION fall_over()"
)


def honey(database):
    return database.read(HONEY)[0][0]


def take(unit, cell=1):
    unit.transaction.run(TAKE, {"id": cell})


def test_work_is_committed_and_its_result_returned(own_database):
    assert transact(own_database, lambda unit: take(unit) or "done") == "done"
    assert honey(own_database) == 1


def test_a_result_not_to_be_kept_rolls_back_and_is_returned(own_database):
    assert transact(own_database, lambda unit: take(unit) or 404, lambda result: result < 400) == 404
    assert honey(own_database) == 0


def test_an_exception_rolls_back_and_passes(own_database):
    def work(unit):
        take(unit)
        raise KeyError("honey")

    with pytest.raises(KeyError):
        transact(own_database, work)
    assert honey(own_database) == 0


def test_work_that_needs_no_transaction_opens_none(own_database):
    unit = UnitOfWork(own_database)
    unit.commit()
    assert not unit.is_committing


def test_connections_are_given_back_whatever_happens(own_database):
    def work(unit):
        unit.transaction.run(text("SET LOCAL statement_timeout = 1"))
        unit.transaction.run(text("SELECT pg_sleep(9)"))

    for _ in range(20):
        with pytest.raises(DatabaseUnavailable):
            transact(own_database, work)
    open_connections = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    assert own_database.read(open_connections)[0][0] < 10


@pytest.mark.parametrize("failures", [1, 3])
def test_a_conflict_runs_all_of_the_work_again(own_database, failures):
    left = [TransactionConflict("in the way")] * failures

    def work(unit):
        take(unit)
        if left:
            raise left.pop()

    transact(own_database, work)
    assert honey(own_database) == 1


def test_the_fourth_conflict_in_a_row_is_passed_on(own_database):
    runs = []

    def work(unit):
        runs.append(unit)
        unit.transaction.run(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"))

    with pytest.raises(TransactionConflict):
        transact(own_database, work)
    assert len(runs) == 4


def test_a_database_that_is_away_is_not_asked_again(own_database):
    runs = []

    def work(unit):
        runs.append(unit)
        unit.transaction.run(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$"))

    with pytest.raises(DatabaseUnavailable):
        transact(own_database, work)
    assert len(runs) == 1


def test_two_transactions_in_a_deadlock_both_end_well(own_database):
    both_hold_one = threading.Barrier(2)
    runs = []

    def crossing(first, second):
        def work(unit):
            runs.append(first)
            unit.transaction.run(text("SET LOCAL deadlock_timeout = '20ms'"))
            take(unit, first)
            if runs.count(first) == 1:
                both_hold_one.wait(10)
            take(unit, second)

        transact(own_database, work)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(crossing, 1, 2), pool.submit(crossing, 2, 1)]:
            done.result(20)
    assert honey(own_database) == 4
    assert len(runs) > 2


def test_serialisation_failures_are_repeated_until_all_is_counted(own_database):
    both_have_read = threading.Barrier(2)
    runs = []

    def work(unit):
        runs.append(threading.get_ident())
        unit.transaction.run(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
        seen = unit.transaction.run(text("SELECT honey FROM cell WHERE id = 1")).rows[0][0]
        if runs.count(threading.get_ident()) == 1:
            both_have_read.wait(10)
        unit.transaction.run(text("UPDATE cell SET honey = :honey WHERE id = 1"), {"honey": seen + 1})

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(transact, own_database, work) for _ in range(2)]:
            done.result(20)
    assert honey(own_database) == 2
    assert len(runs) == 3


def test_a_backend_ended_while_idle_is_invisible(own_database, terminate_all):
    with own_database.session() as one, own_database.session() as two:
        one.execute(HONEY)
        two.execute(HONEY)
    terminate_all()
    transact(own_database, take)
    assert honey(own_database) == 1


@pytest.fixture
def _lost_in_commit(own_database):
    """The server drops the connection while it commits a change of `cell`: a deferred trigger does it."""
    with own_database.session() as session:
        session.execute(FALL_OVER)
        session.execute(FALL_OVER_IN_COMMIT)
        session.commit()
    yield
    with own_database.session() as session:
        session.execute(text("DROP FUNCTION fall_over CASCADE"))
        session.commit()


@pytest.mark.usefixtures("_lost_in_commit")
def test_a_connection_lost_in_the_commit_is_not_repeated(own_database):
    runs = []

    def work(unit):
        runs.append(unit)
        take(unit)

    with pytest.raises(DatabaseConnectionLost):
        transact(own_database, work)
    assert len(runs) == 1


def test_a_connection_lost_before_the_commit_is_repeated(own_database, terminate_all):
    runs = []

    def work(unit):
        take(unit)
        runs.append(unit)
        if len(runs) == 1:
            terminate_all()
        take(unit, 2)

    transact(own_database, work)
    assert (len(runs), honey(own_database)) == (2, 2)
