"""Reading much, all of it as it was at one moment, and no more of it in memory than a page."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import psycopg2
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.sql.base import Executable

from bee_customers.db import faults
from bee_customers.db.statements import Parameters, compiled

_PAGE = 2000


class Snapshot:
    """One read-only transaction; raises the named errors of `errors.py`."""

    def __init__(self, connection: PoolProxiedConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)

    def rows(self, statement: Executable, parameters: Parameters | None = None) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, fetched as they are asked for. Several results may be open at once."""
        known = compiled(statement)
        try:
            with self._cursor() as cursor:
                cursor.execute(known.sql, known.with_constants(parameters))
                # not by iterating: a wait for the next page would have no end
                while page := cursor.fetchmany(_PAGE):
                    yield from page
        except psycopg2.Error as error:
            is_lost = faults.is_lost(error, self._connection)
            raise faults.named(error, is_lost=is_lost) or error from error

    def _cursor(self) -> Any:
        cursor: Any = self._connection.cursor(f"snapshot_{next(self._numbers)}")
        return contextlib.closing(cursor)


@contextlib.contextmanager
def of_connection(connection: PoolProxiedConnection) -> Iterator[Snapshot]:
    """On a connection that nobody else uses, and that is closed afterwards."""
    driver: Any = connection.driver_connection
    try:
        driver.set_session(isolation_level="REPEATABLE READ", readonly=True)
        yield Snapshot(connection)
    finally:
        connection.invalidate()
