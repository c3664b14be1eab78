"""Reading without transactions: one autocommit connection a thread, kept for the thread's life."""

import threading
from typing import Any

import psycopg2
from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.sql.base import Executable

from bee_customers.db import faults
from bee_customers.db.statements import Parameters, Prepared, compiled
from bee_customers.errors import DatabaseConnectionLost

Rows = list[tuple[Any, ...]]

# The statement is not there on this connection, or its tables have changed: prepared anew it will work.
_STALE = frozenset({"26000", "0A000"})


class Reader:
    """Threads share it; each has a connection of its own, so none is ever waited for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._local = threading.local()

    def read(self, statement: Executable | Prepared, parameters: Parameters | None = None) -> Rows:
        """All rows of one statement. A connection that broke while idle is replaced, once."""
        known = statement if isinstance(statement, Prepared) else compiled(statement)
        values = known.with_constants(parameters)
        text = known if isinstance(known, Prepared) else known.sql
        return self.read_text(text, values)

    def read_text(self, text: str | Prepared, parameters: Parameters | None) -> Rows:
        try:
            return self._attempt(text, parameters)
        except DatabaseConnectionLost:
            return self._attempt(text, parameters)

    def close(self) -> None:
        """Give back this thread's connection; those of other threads end with them."""
        self._local.__dict__.clear()

    def connection(self) -> PoolProxiedConnection:
        """This thread's connection, opened at its first use."""
        connection: PoolProxiedConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
        return connection

    def _open(self) -> PoolProxiedConnection:
        try:
            return self._engine.raw_connection()
        except psycopg2.Error as error:
            raise faults.named(error, is_lost=False) or error from error

    def _attempt(self, text: str | Prepared, parameters: Parameters | None) -> Rows:
        connection = self.connection()
        try:
            with connection.cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute(_ready(text, connection, cursor), parameters)
                rows: Rows = cursor.fetchall()
            return rows
        except psycopg2.Error as error:
            raise self._named(error, connection) from error

    def _named(self, error: psycopg2.Error, connection: PoolProxiedConnection) -> Exception:
        is_lost = error.pgcode in _STALE or faults.is_lost(error, connection)
        if is_lost:
            self._local.__dict__.clear()
            connection.invalidate(error)
        return faults.named(error, is_lost=is_lost) or error


def _ready(text: str | Prepared, connection: PoolProxiedConnection, cursor: Any) -> str:
    """The text to send; what is prepared on a connection is remembered with it."""
    if isinstance(text, str):
        return text
    prepared: set[str] = connection.info.setdefault("prepared", set())
    if text.name not in prepared:
        cursor.execute(text.prepare)
        prepared.add(text.name)
    return text.execute
