"""Writing: one transaction on the thread's own connection."""

from collections.abc import Mapping, Sequence

import psycopg2
from sqlalchemy.sql.base import Executable

from bee_customers.db.connections import ThreadConnections
from bee_customers.db.statements import Parameters, Rows, compiled


class Result:
    """The rows of a statement, and how many it touched."""

    def __init__(self, rows: Rows, count: int) -> None:
        self.rows = rows
        self.count = count


class Transaction:
    """Begins with its first statement; ends with `commit` or `rollback`, after which the next one begins.

    A thread has one at a time. Raises the named errors of `errors.py`; the driver's others pass as they are.
    """

    def __init__(self, connections: ThreadConnections) -> None:
        self._connections = connections

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
        connection = self._connections.get()
        try:
            with connection.cursor() as cursor:  # type: ignore[attr-defined]
                if isinstance(parameters, Mapping):
                    cursor.execute(known.sql, known.with_constants(parameters))
                elif parameters:
                    cursor.executemany(known.sql, parameters)
                else:
                    cursor.execute(known.sql, known.with_constants({}))
                return Result(cursor.fetchall() if cursor.description else [], cursor.rowcount)
        except psycopg2.Error as error:
            raise self._connections.named(error, connection) from error

    def commit(self) -> None:
        connection = self._connections.get()
        try:
            connection.commit()
        except psycopg2.Error as error:
            raise self._connections.named(error, connection) from error

    def rollback(self) -> None:
        """Undo what is not committed; on a broken connection there is nothing left to undo."""
        connection = self._connections.get()
        try:
            connection.rollback()
        except psycopg2.Error as error:
            self._connections.named(error, connection)
