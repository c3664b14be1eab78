"""What PostgreSQL's errors mean for us: named once, where engines are made."""

from typing import Any

import psycopg2
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import ExceptionContext

from bee_customers.db.statements import DIALECT
from bee_customers.errors import DatabaseConnectionLost, DatabaseUnavailable, TransactionConflict

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONFLICTS = {"40001", "40P01"}
_READ_ONLY = "25006"
# A prepared statement is not there, or its tables have changed: on a new connection it will be.
_STALE = {"26000", "0A000"}
_UNAVAILABLE = {
    "25P03": "a transaction was idle for too long",
    "55P03": "a lock was not to be had in time",
    "57014": "a statement took too long",
    "42P01": "the database lacks a table: run bee-customers db upgrade",
    "42703": "the database lacks a column: run bee-customers db upgrade",
    _READ_ONLY: "the database is read-only",
}
_UNAVAILABLE_CLASSES = {
    "08": "the connection failed",
    "53": "the database is out of resources",
    "57": "the database is shutting down or starting",
    "58": "the database server has a system error",
}


def translate_errors(engine: Engine) -> None:
    """Raise our own named errors instead of the driver's; other errors pass as they are."""

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> None:
        error = named(context.original_exception, is_lost=context.is_disconnect)
        if getattr(context.original_exception, "pgcode", None) == _READ_ONLY:
            # A demoted primary answers pings, so its connections look well: only new ones find the new primary.
            context.is_disconnect = True
        if error is not None:
            raise error from context.original_exception


def named(error: BaseException, *, is_lost: bool) -> Exception | None:
    """Our own error for one of the driver's, None where it means nothing to a caller."""
    code = getattr(error, "pgcode", None)
    if is_lost:
        return DatabaseConnectionLost("the connection to the database broke")
    if code in _CONFLICTS:
        return TransactionConflict("another transaction was in the way")
    if code:
        reason = _UNAVAILABLE.get(code) or _UNAVAILABLE_CLASSES.get(code[:2])
        return DatabaseUnavailable(reason) if reason else None
    if isinstance(error, psycopg2.OperationalError):
        return DatabaseUnavailable("the database cannot be reached")
    if isinstance(error, psycopg2.ProgrammingError):
        return DatabaseUnavailable("the database URL has an option that PostgreSQL does not know")
    return None


def is_outdated(error: psycopg2.Error) -> bool:
    """Whether the connection is alive and yet of no more use: it leads to a server that became a standby."""
    return error.pgcode == _READ_ONLY


def is_lost(error: psycopg2.Error, connection: Any) -> bool:
    """Whether the connection broke under a statement, as SQLAlchemy's dialect tells it, or is of no more use."""
    return error.pgcode in _STALE or bool(DIALECT.is_disconnect(error, connection, None))
