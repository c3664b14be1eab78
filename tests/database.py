"""A database for tests whose every change is rolled back, though the service commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bee_customers.db.breaker import Breaker
from bee_customers.db.connections import ThreadConnections
from bee_customers.db.engine import Database
from bee_customers.db.reader import Reader
from bee_customers.db.snapshot import Snapshot
from bee_customers.db.transaction import Transaction


class _OneConnection(ThreadConnections):
    """The connection that the test writes with, for everybody."""

    def __init__(self, database: "RolledBackDatabase") -> None:
        super().__init__(database.writer, Breaker("database_writer", database.suspect))
        self._database = database

    def get(self) -> PoolProxiedConnection:
        return self._database.shared.connection


class _Savepoint(Transaction):
    """A transaction inside that of the test."""

    begin = "SAVEPOINT work"

    def _end(self, text: str) -> None:
        back = "ROLLBACK TO SAVEPOINT work; " if text == "ROLLBACK" else ""
        super()._end(f"{back}RELEASE SAVEPOINT work")


class RolledBackDatabase(Database):
    """Writer and reader share one connection inside a transaction that ends with the test.

    A commit of the service releases a savepoint, a rollback returns to it.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection: Connection | None = None
        self._reader = Reader(_OneConnection(self))

    @contextmanager
    def for_one_test(self) -> Iterator[None]:
        with self._writer.connect() as connection, connection.begin() as transaction:
            self._connection = connection
            yield
            self._connection = None
            transaction.rollback()

    def transaction(self) -> Transaction:
        return _Savepoint(_OneConnection(self))

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Of what the test has written, by the same connection: without a moment of its own."""
        yield Snapshot(self.shared.connection)

    def session(self) -> Session:
        return Session(self.shared, expire_on_commit=False, join_transaction_mode="create_savepoint")

    @property
    def writer(self) -> Engine:
        return self._writer

    @property
    def shared(self) -> Connection:
        assert self._connection is not None, "only inside a test that asks for the database"
        return self._connection
