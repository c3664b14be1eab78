"""Rows that are kept for a time and then removed: counted in one statement, removed in batches."""

import datetime
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Integer, Table, bindparam, delete, func, select, tuple_

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import transact

BATCH = 5000


class OldRows:
    """Those of a table that a condition calls old; the condition has a parameter `before`."""

    def __init__(self, table: Any, is_old: ColumnElement[bool]) -> None:
        key = _table(table).primary_key.columns
        old = select(*key).where(is_old).limit(bindparam("batch", type_=Integer()))
        self._count = select(func.count()).select_from(_table(table)).where(is_old)
        self._delete = delete(_table(table)).where(tuple_(*key).in_(old))

    def count(self, database: Database, before: datetime.datetime) -> int:
        return int(database.read(self._count, {"before": before})[0][0])

    def remove(self, database: Database, before: datetime.datetime) -> Iterator[int]:
        """Batch by batch, each its own transaction; tells of each how many went."""
        parameters = {"before": before, "batch": BATCH}
        while removed := transact(database, lambda unit: unit.transaction.run(self._delete, parameters).count):
            yield removed


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table
