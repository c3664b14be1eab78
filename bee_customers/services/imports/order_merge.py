"""From checked rows to the ledger: a few statements for a whole batch. The aggregates follow at the end."""

import datetime
from collections.abc import Mapping, Sequence

from psycopg2.errors import CardinalityViolation, ForeignKeyViolation
from sqlalchemy.sql.base import Executable

from bee_customers.db.transaction import Transaction
from bee_customers.errors import RowExists
from bee_customers.services import pending_stats
from bee_customers.services.imports import order_sql as sql
from bee_customers.services.imports.checks import CheckedRow
from bee_customers.services.imports.customer_merge import FAIL, UPDATE
from bee_customers.services.imports.merging import WhenStaged
from bee_customers.services.imports.outcome import Outcome
from bee_customers.services.imports.row import RowFault
from bee_customers.services.imports.staging import array

_NO_OTHER_KEY = "\t\\N\t\\N\t\\N\t"


class OrderMerge:
    """`on_conflict` is what happens to orders that are there already.

    `when_staged` is called as soon as the rows are in their table, and it is known whose they are.
    """

    def __init__(self, on_conflict: str, when_staged: WhenStaged | None = None) -> None:
        self._on_conflict = on_conflict
        self._when_staged = when_staged

    def merge(self, transaction: Transaction, rows: Sequence[CheckedRow], now: datetime.datetime) -> Outcome:
        """In the caller's transaction; raises RowExists."""
        pending_stats.before_noting(transaction)
        sql.STAGED.make_empty(transaction)
        sql.STAGED.fill(transaction, [f"{n}\t{row.text}" for n, row in enumerate(rows)])
        if self._when_staged is None and self._on_conflict != FAIL and all(map(_names_its_customer, rows)):
            try:
                transaction.run(sql.BEFORE)
                return self._written(transaction, sql.WRITE_NAMED, len(rows), Outcome())
            except (ForeignKeyViolation, CardinalityViolation):  # a customer is not there, or an order comes twice
                transaction.run(sql.BACK)
        return self._merge(transaction, rows)

    def _merge(self, transaction: Transaction, rows: Sequence[CheckedRow]) -> Outcome:
        outcome = Outcome()
        sql.FOUND.make_empty(transaction)
        transaction.run(sql.FIND)
        if self._when_staged:
            self._when_staged(transaction)
        refused = {n: RowFault(field, reason) for n, field, reason in transaction.run(sql.REFUSED).rows}
        outcome.refused += refused.items()
        _drop(transaction, [n for n, _ in outcome.refused])
        outcome.later = [n for (n,) in transaction.run(sql.LATER).rows]
        _drop(transaction, outcome.later)
        if self._on_conflict == FAIL:
            first = transaction.run(sql.FIRST_KNOWN).rows[0][0]
            if first is not None:
                raise RowExists(rows[first].line, "the order")
        return self._written(
            transaction, sql.WRITE, len(rows) - len(outcome.refused) - len(outcome.later), outcome
        )

    def _written(
        self, transaction: Transaction, statements: Mapping[bool, Executable], count: int, outcome: Outcome
    ) -> Outcome:
        is_updating = self._on_conflict == UPDATE
        created, updated = transaction.run(statements[is_updating]).rows[0]
        outcome.counts.update(created=created, updated=updated)
        outcome.counts["unchanged" if is_updating else "skipped"] += count - created - updated
        return outcome


def _names_its_customer(row: CheckedRow) -> bool:
    """By id and nothing else; see the columns of the staging table."""
    return row.text[36:46] == _NO_OTHER_KEY


def _drop(transaction: Transaction, places: list[int]) -> None:
    if places:
        transaction.run(sql.DROP, {"dropped": array(places)})
