"""A driver's connection for each thread, kept for the thread's life.

Taking one from a pool and giving it back costs as much as a small statement; threads of a server live long and use
one at a time.
"""

import threading

import psycopg2
from sqlalchemy import Engine, PoolProxiedConnection

from bee_customers.db import faults
from bee_customers.db.breaker import Breaker
from bee_customers.errors import DatabaseSilent


class ThreadConnections:
    """Threads share this and never a connection."""

    def __init__(self, engine: Engine, breaker: Breaker) -> None:
        self._engine = engine
        self._breaker = breaker
        self._local = threading.local()

    def to_begin(self) -> PoolProxiedConnection:
        """This thread's connection for what is about to begin; DatabaseRefused at once where nothing would."""
        if self._breaker.is_open:
            self._breaker.refuse()
        return self.get()

    def get(self) -> PoolProxiedConnection:
        """This thread's connection, opened at its first use; for what has begun on it."""
        connection: PoolProxiedConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = open_connection(self._engine)
        return connection

    def release(self) -> None:
        """Give back this thread's connection; those of other threads end with them."""
        self._local.__dict__.clear()

    def named(self, error: psycopg2.Error, connection: PoolProxiedConnection) -> Exception:
        """Our own name for an error of the driver; a connection that is of no more use is dropped."""
        is_lost = faults.is_lost(error, connection)
        was_cut = getattr(connection.driver_connection, "was_cut", False)
        if is_lost or faults.is_outdated(error):
            self.release()
            connection.invalidate(error)
        if is_lost and was_cut:
            return DatabaseSilent("the database did not answer in time")
        return faults.named(error, is_lost=is_lost) or error


def open_connection(engine: Engine) -> PoolProxiedConnection:
    """Raises the named errors of `errors.py`."""
    try:
        return engine.raw_connection()
    except psycopg2.Error as error:
        raise faults.named(error, is_lost=False) or error from error
