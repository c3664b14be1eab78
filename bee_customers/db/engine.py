"""The two ways to the database: a writer with transactions, a reader without."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, Executable, Row, Select, create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bee_customers.db.faults import translate_errors
from bee_customers.db.url import to_sqlalchemy
from bee_customers.errors import DatabaseConnectionLost

_SESSION_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "timezone": "UTC",
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "60s",
    }.items()
)
# How long libpq waits for a server, and how soon it notices one that is gone.
_CONNECT_ARGS = {
    "connect_timeout": 5,
    "application_name": "bee-customers",
    "options": _SESSION_OPTIONS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


class Database:
    """Sessions for writing and autocommit reads. Made once per process; threads share it."""

    def __init__(self, url: str, read_url: str = "", *, threads: int = 4) -> None:
        self._writer = _engine(url, threads, {"target_session_attrs": "read-write"})
        # One round trip instead of BEGIN, statement, ROLLBACK: measured at 2.3 times the reads.
        self._reader = _engine(
            read_url or url, threads, {}, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
        )

    @property
    def writer(self) -> Engine:
        """The engine of transactions; for migrations and health."""
        return self._writer

    def session(self) -> Session:
        """A new session on the writer; whoever asks commits and closes it."""
        return Session(self._writer, expire_on_commit=False)

    def read(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Run one reading statement and return all its rows.

        A connection that broke while idle is replaced and the statement run again, once.
        """
        try:
            with self.reader() as connection:
                return connection.execute(statement, parameters).all()
        except DatabaseConnectionLost:
            with self.reader() as connection:
                return connection.execute(statement, parameters).all()

    def explain(self, statement: Select[Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What PostgreSQL's planner expects of a statement, without running it."""
        compiled = statement.compile(self._reader)
        with self.reader() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", dict(parameters)).scalar_one()
        return dict(plan[0]["Plan"])

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """An autocommit connection, for what `read` cannot do."""
        with self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()


def _engine(url: str, threads: int, connect_args: dict[str, Any], **options: Any) -> Engine:
    engine = create_engine(
        to_sqlalchemy(url),
        # A thread holds at most one connection of each engine, so nobody waits for a pool.
        pool_size=threads,
        max_overflow=2,
        pool_timeout=5,
        pool_recycle=1800,
        connect_args=_CONNECT_ARGS | connect_args,
        **options,
    )
    translate_errors(engine)
    return engine
