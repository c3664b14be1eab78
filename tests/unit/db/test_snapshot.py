"""A snapshot stays at its moment, reads in pages, and writes nothing."""

import time
import tracemalloc

import psycopg2.errors
import pytest
from sqlalchemy import bindparam, column, func, literal_column, select, table, text

from bee_customers.db.engine import Database
from bee_customers.errors import DatabaseConnectionLost, DatabaseUnavailable

CELL = table("cell", column("id"), column("honey"))
HONEY = select(CELL.c.honey).where(CELL.c.id == bindparam("wanted"))
MANY = select(func.generate_series(1, 200_000).label("number"), func.repeat(literal_column("'x'"), 100))


def test_later_changes_are_not_seen(own_database, server_side):
    with own_database.snapshot() as snapshot:
        assert list(snapshot.rows(HONEY, {"wanted": 1})) == [(0,)]
        server_side("UPDATE cell SET honey = 7")
        assert list(snapshot.rows(HONEY, {"wanted": 1})) == [(0,)]
    with own_database.snapshot() as snapshot:
        assert list(snapshot.rows(HONEY, {"wanted": 1})) == [(7,)]


def test_two_results_may_be_read_at_once(own_database):
    with own_database.snapshot() as snapshot:
        assert list(zip(snapshot.rows(select(CELL.c.id)), snapshot.rows(select(CELL.c.honey)), strict=True))


def test_nothing_can_be_written(own_database):
    with own_database.snapshot() as snapshot, pytest.raises(DatabaseUnavailable, match="read-only"):
        list(snapshot.rows(select(func.nextval("event_sequence_seq"))))


def test_a_large_result_takes_little_memory(own_database):
    tracemalloc.start()
    with own_database.snapshot() as snapshot:
        assert sum(1 for _ in snapshot.rows(MANY)) == 200_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3_000_000


def test_a_result_that_is_not_read_to_its_end_does_no_harm(own_database):
    with own_database.snapshot() as snapshot:
        rows = snapshot.rows(MANY)
        assert next(rows)[0] == 1
        rows.close()
        assert list(snapshot.rows(HONEY, {"wanted": 2})) == [(0,)]


def test_no_connection_is_left_behind(own_database, server_side):
    with own_database.snapshot() as snapshot:
        ((pid,),) = snapshot.rows(text("SELECT pg_backend_pid()"))
        is_there = f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}"
        assert server_side(is_there) == [(1,)]
    deadline = time.monotonic() + 10
    while server_side(is_there) == [(1,)]:
        assert time.monotonic() < deadline


def test_a_wrong_statement_passes_as_the_driver_says_it(own_database):
    with own_database.snapshot() as snapshot, pytest.raises(psycopg2.errors.DivisionByZero):
        list(snapshot.rows(text("SELECT 1 / 0")))


def test_a_connection_that_breaks_is_named(own_database, terminate_all):
    with own_database.snapshot() as snapshot:
        rows = snapshot.rows(MANY)
        next(rows)
        terminate_all()
        with pytest.raises(DatabaseConnectionLost):
            list(rows)


def test_a_database_that_is_away_is_named(postgres):
    away = Database(postgres.url + "_nowhere")
    with pytest.raises(DatabaseUnavailable), away.snapshot():
        pass
