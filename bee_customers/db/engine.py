"""The two ways to the database: a writer with transactions, a reader without."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.base import Executable

from bee_customers.db import snapshot, waits
from bee_customers.db.breaker import Breaker
from bee_customers.db.connections import ThreadConnections, open_connection
from bee_customers.db.faults import translate_errors
from bee_customers.db.reader import Reader
from bee_customers.db.snapshot import Snapshot
from bee_customers.db.statements import Parameters, Prepared, Rows, compiled
from bee_customers.db.transaction import Transaction
from bee_customers.db.url import to_sqlalchemy

_SESSION_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "timezone": "UTC",
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "60s",
        # no statement of ours runs for as long as compiling it would take
        "jit": "off",
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
    "connection_factory": waits.Connection,
    "cursor_factory": waits.Cursor,
}
_TO_PRIMARY = {"target_session_attrs": "read-write"}


class Database:
    """Sessions for writing and autocommit reads. Made once per process; threads share it."""

    def __init__(self, url: str, read_url: str = "") -> None:
        # known to each connection: it must not lead back to this object, whose end is that of its connections
        ways: list[Breaker] = []
        self.suspect = functools.partial(_probe, ways)
        self._to_primary = Breaker("database_writer", self.suspect)
        self._to_reads = Breaker("database_reader", self.suspect)
        # both: where they are one server, whoever needs the other way is spared to find out
        ways += (self._to_primary, self._to_reads)
        self._writer = _engine(url, self._to_primary, _TO_PRIMARY)
        # One round trip instead of BEGIN, statement, ROLLBACK: measured at 2.3 times the reads.
        self._reading_engine = _engine(read_url or url, self._to_reads, {}, isolation_level="AUTOCOMMIT")
        self._writing_engine = _engine(url, self._to_primary, _TO_PRIMARY, isolation_level="AUTOCOMMIT")
        self._writers = ThreadConnections(self._writing_engine, self._to_primary)
        self._readers = ThreadConnections(self._reading_engine, self._to_reads)
        self._reader = Reader(self._readers)

    @property
    def writer(self) -> Engine:
        """The engine of transactions; for migrations and health."""
        return self._writer

    def transaction(self) -> Transaction:
        """This thread's transaction on the writer; whoever asks ends it."""
        return Transaction(self._writers)

    def session(self) -> Session:
        """A session on the writer, for what is not done at every request; whoever asks commits and closes it."""
        return Session(self._writer, expire_on_commit=False)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The primary as it is now, on a connection of its own: for what is too much for a page."""
        with snapshot.of_connection(open_connection(self._writer)) as opened:
            yield opened

    def read(self, statement: Executable | Prepared, parameters: Parameters | None = None) -> Rows:
        """Run one reading statement and return all its rows, as tuples.

        A connection that broke while idle is replaced and the statement run again, once.
        """
        return self._reader.read(statement, parameters)

    def explain(self, statement: Executable, parameters: Parameters) -> dict[str, Any]:
        """What PostgreSQL's planner expects of a statement, without running it."""
        known = compiled(statement)
        rows = self._reader.read_text(f"EXPLAIN (FORMAT JSON) {known.sql}", known.with_constants(parameters))
        return dict(rows[0][0][0]["Plan"])

    def watch_connections(self, count: Callable[[int], None]) -> None:
        """From now on have `count` called with 1 for each connection that opens, and with -1 when it closes."""
        for engine in (self._writer, self._writing_engine, self._reading_engine):
            event.listen(engine, "connect", lambda *_: count(1))
            for ending in ("close", "close_detached"):
                event.listen(engine, ending, lambda *_: count(-1))

    def refuse_while_silent(self, counting: Callable[[str], Callable[[], None]]) -> None:
        """From now on raise DatabaseRefused at once while a server is silent: for who answers requests.

        `counting` gives, for a part of health, what is called for each refusal.
        """
        for breaker in (self._to_primary, self._to_reads):
            breaker.turn_on(counting(breaker.part))

    def close(self) -> None:
        """Close this thread's connections; those of other threads end with them."""
        self._writers.release()
        self._readers.release()


def _probe(ways: list[Breaker]) -> None:
    """Something takes suspiciously long: see whether the servers answer. Does not wait for it."""
    for breaker in ways:
        breaker.probe()


def _engine(url: str, breaker: Breaker, connect_args: dict[str, Any], **options: Any) -> Engine:
    connect_args = _CONNECT_ARGS | connect_args
    engine = create_engine(
        to_sqlalchemy(url),
        # Threads keep their connections themselves: there is no pool to wait for.
        poolclass=NullPool,
        # the parameters of a failed statement are personal data
        hide_parameters=True,
        connect_args=connect_args,
        **options,
    )
    translate_errors(engine)
    breaker.guard(engine, connect_args)
    return engine
