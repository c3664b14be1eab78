"""Core statements as the text psycopg2 takes, each compiled once.

Sending a statement through SQLAlchemy's full path costs several times what psycopg2 needs for it: for each call it
looks up the compiled form, processes parameters and wraps rows. These statements take and give plain values.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg2
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.sql.base import Executable

DIALECT: Any = PGDialect_psycopg2(dbapi=psycopg2)  # type: ignore[no-untyped-call]
_NUMBERED: Any = PGDialect_psycopg2(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

Parameters = Mapping[str, Any]
Rows = list[tuple[Any, ...]]


class Compiled:
    """The text of a statement, and the values that are written into the statement itself."""

    def __init__(self, statement: Executable, columns: Sequence[str] | None, dialect: Any = DIALECT) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)  # type: ignore[attr-defined]
        self.sql = str(compiled)
        self.names = tuple(dict.fromkeys(compiled.positiontup or ()))
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}

    def with_constants(self, parameters: Parameters | None) -> Parameters | None:
        return {**self._constants, **(parameters or {})} if self._constants else parameters


@functools.lru_cache(maxsize=2048)
def compiled(statement: Executable, columns: tuple[str, ...] | None = None) -> Compiled:
    """`columns` are those that an INSERT or UPDATE without values is to set."""
    return Compiled(statement, columns)


class Prepared:
    """A statement that PostgreSQL plans once for each connection: for reads of one row by its key.

    Not for searches, whose best plan depends on the values.
    """

    def __init__(self, name: str, statement: Executable) -> None:
        known = Compiled(statement, None, _NUMBERED)
        self.name = name
        self.prepare = f"PREPARE {name} AS {known.sql}"
        self.execute = f"EXECUTE {name} ({', '.join(f'%({name})s' for name in known.names)})"
        self.with_constants = known.with_constants
