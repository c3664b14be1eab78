"""Whether the parts the service stands on are there."""

import dataclasses
from collections.abc import Mapping

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import DomainError

OK, DEGRADED, DOWN = "ok", "degraded", "down"


@dataclasses.dataclass(frozen=True)
class Health:
    """`down` when the service cannot do its work, `degraded` when a part of it cannot."""

    status: str
    parts: Mapping[str, str]


def check(database: Database) -> Health:
    """Ask each part; never raises."""
    parts = {"database_writer": _writer(database), "database_reader": _reader(database)}
    if DOWN not in parts.values():
        return Health(OK, parts)
    is_useless = all(state == DOWN for state in parts.values())
    return Health(DOWN if is_useless else DEGRADED, parts)


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
