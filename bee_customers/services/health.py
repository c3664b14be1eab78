"""Whether the parts the service stands on are there."""

import dataclasses
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import DomainError

OK, DEGRADED, DOWN, DRAINING = "ok", "degraded", "down", "draining"
# For all parts together: whoever asks gives up soon after.
_DEADLINE_SECONDS = 2.0


@dataclasses.dataclass(frozen=True)
class Health:
    """`down` when the service cannot do its work, `degraded` when a part of it cannot."""

    status: str
    parts: Mapping[str, str]


class Checks:
    """Asks the parts at once, each in a thread of its own, and waits for none of them longer than two seconds."""

    def __init__(self, database: Database) -> None:
        self._parts = {"database_writer": Part(_writer, database), "database_reader": Part(_reader, database)}

    def check(self) -> Health:
        """Never raises."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        for part in self._parts.values():
            part.ask()
        parts = {name: part.state(deadline - time.monotonic()) for name, part in self._parts.items()}
        if DOWN not in parts.values():
            return Health(OK, parts)
        is_useless = all(state == DOWN for state in parts.values())
        return Health(DOWN if is_useless else DEGRADED, parts)


class Part:
    """What one thread asks again and again: one that has no answer yet is not asked a second time."""

    def __init__(self, ask: Callable[[Database], str], database: Database) -> None:
        self._ask = ask
        self._database = database
        self._thread = ThreadPoolExecutor(1, "health")
        self._lock = threading.Lock()
        self._asked: Future[str] | None = None

    def ask(self) -> None:
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._thread.submit(self._ask, self._database)

    def state(self, seconds: float) -> str:
        """Down where there is no answer in time."""
        assert self._asked is not None, "nothing was asked"
        try:
            return self._asked.result(max(0.0, seconds))
        except TimeoutError:
            # perhaps a server that will answer nobody
            self._database.suspect()
            return DOWN


def _writer(database: Database) -> str:
    try:
        return DOWN if transact(database, _is_read_only) else OK
    except DomainError:
        return DOWN


def _is_read_only(unit: UnitOfWork) -> bool:
    return bool(unit.transaction.run(text("SHOW transaction_read_only")).rows[0][0] == "on")


def _reader(database: Database) -> str:
    try:
        # a table of ours: a database that was never migrated cannot serve anything
        database.read(text("SELECT 1 FROM customer LIMIT 1"))
        return OK
    except DomainError:
        return DOWN
