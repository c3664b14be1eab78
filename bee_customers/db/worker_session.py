"""One session of a long-running worker: it holds a name that nobody else has, and hears a channel."""

import contextlib
import select
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import psycopg2
from sqlalchemy import Connection, text
from sqlalchemy.exc import PendingRollbackError, SQLAlchemyError
from sqlalchemy.sql.base import Executable

from bee_customers.db import locks
from bee_customers.db.engine import Database
from bee_customers.db.statements import Parameters, Rows
from bee_customers.errors import DatabaseConnectionLost, DatabaseUnavailable, TransactionConflict

_ATTEMPTS = 4
# For whoever was in the way to get on.
_PAUSE_SECONDS = 0.05

_SHARE = text("SELECT pg_advisory_lock_shared(:number)")
_UNSHARE = text("SELECT pg_advisory_unlock_shared(:number)")

# A queue is read from its front, by its index. Of a table whose nature changes within a minute (nothing waits,
# then a million rows do) the planner's statistics say something else for a while.
_BY_INDEX_ONLY = ("enable_seqscan", "enable_bitmapscan", "enable_sort", "jit")


class WorkerSession:
    """Each statement is its own transaction. Lost together with its lock: then it is of no more use.

    Raises what the engine raises: DatabaseUnavailable and its kinds.
    """

    def __init__(self, database: Database, channel: str) -> None:
        self._connection: Connection = database.writer.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.execute(text("; ".join(f"SET {name} = off" for name in _BY_INDEX_ONLY)))
        self._connection.execute(text(f'LISTEN "{channel}"'))

    def take(self, name: str) -> bool:
        """Try to be the only one with this name."""
        return locks.take(self._connection, name)

    def run(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        """Execute a statement and give its rows, if it has any; again, when a deadlock undid it."""
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(TransactionConflict):
                return self._run(statement, parameters or {})
            time.sleep(_PAUSE_SECONDS)
        raise DatabaseUnavailable("other transactions are in the way, time and again")

    def _run(self, statement: Executable, parameters: Parameters) -> Rows:
        try:
            result = self._connection.execute(statement, parameters)
        except PendingRollbackError:  # what SQLAlchemy has to say from the second statement on
            raise DatabaseConnectionLost("the connection to the database broke") from None
        return [tuple(row) for row in result] if result.returns_rows else []

    @contextlib.contextmanager
    def sharing(self, name: str) -> Iterator[None]:
        """Keep out who wants this name for itself while the block runs; others that share it are welcome."""
        self.run(_SHARE, {"number": locks.number_of(name)})
        try:
            yield
        finally:
            # a session that broke has let go already, and what broke it is what is to be told
            with contextlib.suppress(SQLAlchemyError, DatabaseUnavailable):
                self.run(_UNSHARE, {"number": locks.number_of(name)})

    def wait(self, seconds: float, *also: Any) -> None:
        """Sleep until something is told on the channel, at most this long; `also` are files that end it too."""
        driver: Any = self._connection.connection.driver_connection
        try:
            if not driver.notifies:
                select.select([driver, *also], [], [], seconds)
                driver.poll()
        except psycopg2.Error as error:
            raise DatabaseConnectionLost("the connection to the database broke") from error
        driver.notifies.clear()

    def close(self) -> None:
        """End the session, and with it the lock."""
        locks.close(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
