"""A database for tests whose every change is rolled back, though the service commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bee_customers.db.engine import Database
from bee_customers.db.reader import Reader


class _SharedReader(Reader):
    """Reads on the connection that the test writes with."""

    def __init__(self, database: "RolledBackDatabase") -> None:
        super().__init__(database.writer)
        self._database = database

    def connection(self) -> PoolProxiedConnection:
        return self._database.shared.connection


class RolledBackDatabase(Database):
    """Writer and reader share one connection inside a transaction that ends with the test.

    A commit of the service releases a savepoint, a rollback returns to it.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection: Connection | None = None
        self._reader = _SharedReader(self)

    @contextmanager
    def for_one_test(self) -> Iterator[None]:
        with self._writer.connect() as connection, connection.begin() as transaction:
            self._connection = connection
            yield
            self._connection = None
            transaction.rollback()

    def session(self) -> Session:
        return Session(self.shared, expire_on_commit=False, join_transaction_mode="create_savepoint")

    @property
    def writer(self) -> Engine:
        return self._writer

    @property
    def shared(self) -> Connection:
        assert self._connection is not None, "only inside a test that asks for the database"
        return self._connection
