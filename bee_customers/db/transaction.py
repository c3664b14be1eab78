"""Writing: one transaction on the thread's own connection."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import IO, Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from sqlalchemy import PoolProxiedConnection
from sqlalchemy import text as sql
from sqlalchemy.sql.base import Executable

from bee_customers.db import waits
from bee_customers.db.connections import ThreadConnections
from bee_customers.db.statements import Parameters, Rows, compiled
from bee_customers.errors import DatabaseConnectionLost, DatabaseSilent, DatabaseUnavailable

_NOTHING = sql("SELECT 1")
# of what is copied: for each piece the driver waits until no other thread runs Python
_PIECE = 1 << 20


class Result:
    """The rows of a statement, and how many it touched."""

    def __init__(self, rows: Rows, count: int) -> None:
        self.rows = rows
        self.count = count


class Transaction:
    """Begins with its first statement; ends with `commit` or `rollback`, after which the next one begins.

    A thread has one at a time. BEGIN travels with the first statement: the connection is in autocommit, where
    the driver would otherwise send it on a way of its own. Raises the named errors of `errors.py`; the
    driver's others pass as they are.
    """

    begin = "BEGIN"

    def __init__(self, connections: ThreadConnections) -> None:
        self._connections = connections
        self._has_begun = False

    def run(
        self,
        statement: Executable,
        parameters: Parameters | Sequence[Parameters] = (),
        columns: tuple[str, ...] | None = None,
    ) -> Result:
        """Execute a Core statement; `columns` are those that an INSERT without values is to set.

        A sequence of parameters runs the statement for each, and gives no rows.
        """
        known = compiled(statement, columns)
        if isinstance(parameters, Mapping):
            return self._send(known.sql, known.with_constants(parameters))
        if not parameters:
            return self._send(known.sql, known.with_constants({}))
        for row in parameters:
            result = self._send(known.sql, row)
        return result

    def copy(self, text: str, lines: IO[bytes]) -> None:
        """COPY ... FROM STDIN."""
        self.run(_NOTHING)  # COPY travels alone: nothing else begins a transaction
        connection = self._connections.get()
        try:
            with connection.cursor() as cursor, waits.bounded(connection.driver_connection):  # type: ignore[attr-defined]
                cursor.copy_expert(text, lines, _PIECE)
        except psycopg2.Error as error:
            raise self._named(error, connection) from error

    def commit(self) -> None:
        if self._has_begun:
            self._check_sound()
            self._end("COMMIT")

    def rollback(self) -> None:
        """Undo what is not committed; on a broken connection there is nothing left to undo."""
        if self._has_begun:
            with contextlib.suppress(DatabaseUnavailable):
                self._end("ROLLBACK")

    def _send(self, text: str, parameters: Parameters | None) -> Result:
        if self._has_begun:
            connection = self._connections.get()
        else:
            connection, text = self._connections.to_begin(), f"{self.begin}; {text}"
            self._has_begun = True
        try:
            with connection.cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute(text, parameters)
                return Result(cursor.fetchall() if cursor.description else [], cursor.rowcount)
        except psycopg2.Error as error:
            raise self._named(error, connection) from error

    def _named(self, error: psycopg2.Error, connection: PoolProxiedConnection) -> Exception:
        ours = self._connections.named(error, connection)
        if isinstance(ours, DatabaseConnectionLost | DatabaseSilent):
            self._has_begun = False
        return ours

    def _end(self, text: str) -> None:
        connection = self._connections.get()
        self._has_begun = False
        try:
            with connection.cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute(text)
        except psycopg2.Error as error:
            raise self._connections.named(error, connection) from error

    def _check_sound(self) -> None:
        """PostgreSQL answers COMMIT of a failed transaction with a rollback and no error."""
        driver: Any = self._connections.get().driver_connection
        if driver.info.transaction_status == TRANSACTION_STATUS_INERROR:
            raise AssertionError("a statement failed and was passed over: nothing can be committed")
