"""Advisory locks held by a session: one worker of a kind at a time, and whoever is killed lets go."""

import contextlib
import hashlib
import time
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bee_customers.db.engine import Database
from bee_customers.errors import DatabaseUnavailable

_PAUSE_SECONDS = 0.1
_TAKE = text("SELECT pg_try_advisory_lock(:number)")
_LET_GO = text("SELECT pg_advisory_unlock_all()")
_TAKE_EACH = text(
    "SELECT number FROM unnest(CAST(:numbers AS bigint[])) AS told (number) WHERE pg_try_advisory_lock(number)"
)


@contextlib.contextmanager
def only_one(database: Database, name: str, patience: float = 0.0) -> Iterator[bool]:
    """Whether nobody else works under this name; the name is held until the end of the block.

    `patience` in seconds: a worker that was killed holds its name until the server notices, which it does at the
    end of the statement it is at.
    """
    deadline = time.monotonic() + patience
    with database.writer.connect() as connection:
        is_mine = take(connection, name)
        while not is_mine and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
            is_mine = take(connection, name)
        try:
            yield is_mine
        finally:
            _let_go(connection)


@contextlib.contextmanager
def each(database: Database, names: Collection[str]) -> Iterator[frozenset[str]]:
    """Those of the names that nobody else works under; they are held until the end of the block."""
    by_number = {number_of(name): name for name in names}
    with database.writer.connect() as connection:
        taken = connection.scalars(_TAKE_EACH, {"numbers": list(by_number)}).all()
        connection.commit()
        try:
            yield frozenset(by_number[number] for number in taken)
        finally:
            _let_go(connection)


def take(connection: Connection, name: str) -> bool:
    """Try to hold a name for as long as the connection lives."""
    is_mine = bool(connection.scalar(_TAKE, {"number": number_of(name)}))
    connection.commit()
    return is_mine


def number_of(name: str) -> int:
    """PostgreSQL knows these locks by numbers of 64 bits."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _let_go(connection: Connection) -> None:
    """At once: of a session that is only closed, the server lets go when it notices."""
    with contextlib.suppress(SQLAlchemyError, DatabaseUnavailable):
        connection.execute(_LET_GO)
    close(connection)


def close(connection: Connection) -> None:
    """End the session, and with it what it holds; a broken one has ended already."""
    with contextlib.suppress(SQLAlchemyError, DatabaseUnavailable):
        connection.invalidate()
        connection.close()
