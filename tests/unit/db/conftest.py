"""A table to write to, and a second way into the server."""

from contextlib import closing

import psycopg2
import pytest
from sqlalchemy import text


@pytest.fixture
def own_database(committing_database):
    """The database with a table `cell` of two rows, dropped again after the test."""
    with committing_database.session() as session:
        session.execute(text("DROP TABLE IF EXISTS cell"))
        session.execute(text("CREATE TABLE cell (id int PRIMARY KEY, honey int NOT NULL)"))
        session.execute(text("INSERT INTO cell VALUES (1, 0), (2, 0)"))
        session.commit()
    yield committing_database
    committing_database.close()  # its connections may be in any state now
    with committing_database.session() as session:
        session.execute(text("DROP TABLE cell CASCADE"))
        session.commit()


@pytest.fixture
def server_side(postgres):
    """Runs one statement outside of everything under test and returns its rows."""

    def run(statement):
        with closing(psycopg2.connect(postgres.url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def terminate_all(server_side):
    """Ends every connection of the service at the server, as a restart of the server does."""

    def run():
        server_side(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'bee-customers'"
        )

    return run
