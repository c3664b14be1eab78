"""A wait that is overdue is ended, and no other one."""

import time

import pytest
from sqlalchemy import text

from bee_customers.db import waits
from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import DatabaseSilent

SLEEP = text("SELECT pg_sleep(5)")


@pytest.fixture
def impatient(postgres, monkeypatch):
    monkeypatch.setattr(waits, "PATIENCE_SECONDS", 0.2)
    database = Database(postgres.url)
    yield database
    database.close()


def test_a_read_that_has_no_answer_is_ended_and_not_tried_again(impatient):
    start = time.monotonic()
    with pytest.raises(DatabaseSilent):
        impatient.read(SLEEP)
    assert time.monotonic() - start < 3
    assert impatient.read(text("SELECT 1")) == [(1,)]


def test_work_that_has_no_answer_runs_once(impatient):
    runs = []

    def work(unit):
        runs.append(unit)
        unit.transaction.run(SLEEP)

    with pytest.raises(DatabaseSilent):
        transact(impatient, work)
    assert len(runs) == 1
    assert transact(impatient, lambda unit: unit.transaction.run(text("SELECT 1")).rows) == [(1,)]


def test_a_session_without_a_limit_is_left_alone(impatient):
    with impatient.session() as session:
        waits.without_limit(session.connection().connection.driver_connection)
        assert session.scalar(text("SELECT 1 FROM pg_sleep(1)")) == 1


def test_a_connection_that_is_idle_is_left_alone(impatient):
    backend = text("SELECT pg_backend_pid()")
    before = impatient.read(backend)
    # long enough for the watch to look
    transact(impatient, lambda unit: None)
    for _ in range(3):
        with pytest.raises(DatabaseSilent):
            transact(impatient, lambda unit: unit.transaction.run(SLEEP))
    assert impatient.read(backend) == before
