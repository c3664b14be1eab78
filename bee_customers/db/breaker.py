"""Says no at once while a server is silent: frozen, or behind a network that drops what is sent.

A wait that takes long, or a connection that could not be made, is only a suspicion: a statement may be slow on a
server that answers others. So a thread looks for itself, and what it finds counts (docs/adr/0043).
"""

import contextlib
import functools
import logging
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, NoReturn

import psycopg2
from sqlalchemy import Engine, event

from bee_customers.db import waits
from bee_customers.errors import DatabaseRefused

log = logging.getLogger(__name__)

# For connecting to each host, and for the answer to a statement.
PROBE_SECONDS = 2
# A failure that comes sooner costs nobody time: the server, or its kernel, refuses by itself.
_LONG_SECONDS = 1.0
_PAUSE_SECONDS = 1.0
# After a probe that was answered, until a suspicion is worth another one.
_REST_SECONDS = 5.0


class Breaker:
    """For all connections of a process that lead one way, to the primary or to where reads go; safe for threads.

    Off until `turn_on`. `suspect` is called from where something took long; it never waits.
    """

    def __init__(self, part: str, suspect: Callable[[], None]) -> None:
        self.part = part
        self.is_open = False
        self._suspect = suspect
        self._count: Callable[[], None] | None = None
        self._connect: Callable[..., Any]
        self._connections: weakref.WeakSet[waits.Connection] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._rests_until = float("-inf")

    def guard(self, engine: Engine, connect_args: dict[str, Any]) -> None:
        """Have its new connections refused while the server is silent, and those that it opens known here.

        Probes are made as it connects; of several engines all lead the same way.
        """
        arguments, options = engine.dialect.create_connect_args(engine.url)
        self._connect = functools.partial(engine.dialect.connect, *arguments, **{**options, **connect_args})
        event.listen(engine, "do_connect", self._connected)

    def turn_on(self, count: Callable[[], None]) -> None:
        """`count` is called for each refusal."""
        self._count = count

    def refuse(self) -> NoReturn:
        if self._count is not None:
            self._count()
        raise DatabaseRefused("the database does not answer")

    def probe(self) -> None:
        """Find out whether the server is silent, in a thread, unless that is being done or was done just now."""
        with self._lock:
            is_under_way = self._thread is not None and self._thread.is_alive()
            if is_under_way or not self._count or time.monotonic() < self._rests_until:
                return
            self._thread = threading.Thread(target=self._look, name=f"probe of {self.part}", daemon=True)
            self._thread.start()

    def _connected(self, dialect: Any, record: Any, arguments: Any, options: Any) -> Any:
        """Connects in place of SQLAlchemy."""
        if self.is_open:
            self.refuse()
        start = time.monotonic()
        try:
            connection = dialect.connect(*arguments, **options)
        except psycopg2.OperationalError:
            if time.monotonic() - start >= _LONG_SECONDS:
                self._suspect()
            raise
        connection.suspect = self._suspect
        with self._lock:
            self._connections.add(connection)
        return connection

    def _look(self) -> None:
        """Until there is an answer. However it ends, nobody is refused afterwards."""
        since = time.monotonic()
        try:
            while (silent_from := self._silent_from()) is not None:
                self._open()
                self._cut_waits(silent_from)
                time.sleep(_PAUSE_SECONDS)
        finally:
            self._close(since)

    def _silent_from(self) -> float | None:
        """When a probe began that nothing came of; None where the server answers, be it by refusing."""
        start = time.monotonic()
        try:
            self._ask()
        except psycopg2.Error:
            seconds = time.monotonic() - start
            is_silent = seconds >= _LONG_SECONDS and not self._has_heard(seconds)
            return start if is_silent else None
        return None

    def _ask(self) -> None:
        with contextlib.closing(self._connect(connect_timeout=PROBE_SECONDS)) as connection:
            connection.patience = PROBE_SECONDS
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

    def _has_heard(self, seconds: float) -> bool:
        """Whether any session got something meanwhile: then it is new ones alone that have to wait."""
        return any(waits.has_heard_within(connection, seconds) for connection in self._known())

    def _cut_waits(self, silent_from: float) -> None:
        """Of those that began before: each would take as long as the first one."""
        for connection in self._known():
            if connection.overdue_at - connection.patience < silent_from:
                waits.cut(connection)

    def _known(self) -> list[waits.Connection]:
        with self._lock:
            return list(self._connections)

    def _open(self) -> None:
        if not self.is_open:
            self.is_open = True
            log.warning("%s does not answer: whoever needs it is refused at once, until it does", self.part)

    def _close(self, since: float) -> None:
        self._rests_until = time.monotonic() + _REST_SECONDS
        if self.is_open:
            self.is_open = False
            log.warning("%s is no longer silent, after %.1f s", self.part, time.monotonic() - since)
