"""Reading much by COPY: PostgreSQL writes the lines, and they pass through untouched."""

from typing import Any, Protocol

import psycopg2

from bee_customers.db import faults
from bee_customers.db.engine import Database
from bee_customers.db.statements import Parameters

# What is read for minutes would be ended by the limit that is meant for requests.
_BEGIN = "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = 0; SET LOCAL datestyle = 'ISO'"


class Sink(Protocol):
    def write(self, line: bytes) -> Any:
        """Takes one line; what it raises ends the copying and reaches the caller."""


def copy_out(database: Database, query: str, parameters: Parameters, options: str, sink: Sink) -> int:
    """Write the rows of a query into a sink, as they are at one moment; returns how many.

    `query` is text with parameters as psycopg2 takes them, `options` are those of COPY; times come as ISO 8601.
    Neither side ever holds more than some rows. Raises the named errors of `errors.py`.
    """
    connection = _opened(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN)
            named = cursor.mogrify(query, parameters).decode()
            cursor.copy_expert(f"COPY ({named}) TO STDOUT ({options})", sink)
            return int(cursor.rowcount)
    except psycopg2.Error as error:
        raise faults.named(error, is_lost=faults.is_lost(error, connection)) or error from error
    finally:
        # in the middle of a copy it is of no more use
        connection.invalidate()


def _opened(database: Database) -> Any:
    try:
        return database.writer.raw_connection()
    except psycopg2.Error as error:
        raise faults.named(error, is_lost=False) or error from error
