"""A database for tests whose every change is rolled back, though the service commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bee_customers.db.engine import Database


class RolledBackDatabase(Database):
    """Writer and reader share one connection inside a transaction that ends with the test.

    A commit of the service releases a savepoint, a rollback returns to it.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection: Connection | None = None

    @contextmanager
    def for_one_test(self) -> Iterator[None]:
        with self._writer.connect() as connection, connection.begin() as transaction:
            self._connection = connection
            yield
            self._connection = None
            transaction.rollback()

    def session(self) -> Session:
        return Session(self._open, expire_on_commit=False, join_transaction_mode="create_savepoint")

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        yield self._open

    @property
    def writer(self) -> Engine:
        return self._writer

    @property
    def _open(self) -> Connection:
        assert self._connection is not None, "only inside a test that asks for the database"
        return self._connection
