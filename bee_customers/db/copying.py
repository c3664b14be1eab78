"""Reading much by COPY: PostgreSQL writes the lines, and they pass through untouched."""

import contextlib
import io
from typing import Any, Protocol

import psycopg2

from bee_customers.db import faults, waits
from bee_customers.db.engine import Database
from bee_customers.db.statements import Parameters
from bee_customers.errors import DatabaseSilent

# A server that works sends something sooner: of a million customers it looks for a few in some seconds.
SILENCE_SECONDS = 60.0
# As much as the server sends at once: to look up at each line would take as long as the line.
_BUFFER = 1 << 13

# What is read for minutes would be ended by the limit that is meant for requests.
_BEGIN = "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = 0; SET LOCAL datestyle = 'ISO'"


class Sink(Protocol):
    def write(self, lines: bytes) -> Any:
        """Takes some lines, in its own time; what it raises ends the copying and reaches the caller."""


def copy_out(database: Database, query: str, parameters: Parameters, options: str, sink: Sink) -> int:
    """Write the rows of a query into a sink, as they are at one moment; returns how many.

    `query` is text with parameters as psycopg2 takes them, `options` are those of COPY; times come as ISO 8601.
    Neither side ever holds more than some rows. Raises the named errors of `errors.py`: DatabaseSilent where
    nothing came for SILENCE_SECONDS.
    """
    connection = _opened(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN)
            named = cursor.mogrify(query, parameters).decode()
            _copy(cursor, f"COPY ({named}) TO STDOUT ({options})", sink)
            return int(cursor.rowcount)
    except psycopg2.Error as error:
        if connection.driver_connection.was_cut:
            raise DatabaseSilent("the database sent nothing for too long") from None
        raise faults.named(error, is_lost=faults.is_lost(error, connection)) or error from error
    finally:
        # in the middle of a copy it is of no more use
        connection.invalidate()


def _copy(cursor: Any, text: str, sink: Sink) -> None:
    # closed first, the buffer does not pass on what it holds when something failed
    with contextlib.closing(_Watched(sink, cursor.connection)) as watched:
        lines = io.BufferedWriter(watched, _BUFFER)
        with waits.bounded(cursor.connection, SILENCE_SECONDS):
            cursor.copy_expert(text, lines)
            lines.flush()


class _Watched(io.RawIOBase):
    """Passes lines on; the server is waited for anew after each time that some came."""

    def __init__(self, sink: Sink, connection: Any) -> None:
        self._sink = sink
        self._connection = connection

    def writable(self) -> bool:
        return True

    def write(self, lines: Any, /) -> int:
        with waits.begun_anew(self._connection, SILENCE_SECONDS):
            self._sink.write(bytes(lines))
        return len(lines)


def _opened(database: Database) -> Any:
    try:
        return database.writer.raw_connection()
    except psycopg2.Error as error:
        raise faults.named(error, is_lost=False) or error from error
