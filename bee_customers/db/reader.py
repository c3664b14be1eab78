"""Reading without transactions, in autocommit: one round trip a statement."""

from typing import Any

import psycopg2
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.sql.base import Executable

from bee_customers.db.connections import ThreadConnections
from bee_customers.db.statements import Parameters, Prepared, Rows, compiled
from bee_customers.errors import DatabaseConnectionLost


class Reader:
    def __init__(self, connections: ThreadConnections) -> None:
        self._connections = connections

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

    def _attempt(self, text: str | Prepared, parameters: Parameters | None) -> Rows:
        connection = self._connections.to_begin()
        try:
            with connection.cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute(_ready(text, connection, cursor), parameters)
                rows: Rows = cursor.fetchall()
            return rows
        except psycopg2.Error as error:
            raise self._connections.named(error, connection) from error


def _ready(text: str | Prepared, connection: PoolProxiedConnection, cursor: Any) -> str:
    """The text to send; what is prepared on a connection is remembered with it."""
    if isinstance(text, str):
        return text
    prepared: set[str] = connection.info.setdefault("prepared", set())
    if text.name not in prepared:
        cursor.execute(text.prepare)
        prepared.add(text.name)
    return text.execute
