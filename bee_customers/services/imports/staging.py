"""From rows in memory to a temporary table: by COPY, the quickest way there is."""

import io
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.sql.base import Executable

from bee_customers.db.transaction import Transaction

# The planner knows nothing of a temporary table that was just filled; left alone it may well read all customers to
# find ten thousand. What is looked up here always has its index.
BY_INDEX = text(
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
)


class StagingTable:
    """A temporary table of the session, emptied before each use.

    `columns` are the names and types of what it is filled with, `found` those of what only statements put there.
    """

    def __init__(
        self, name: str, columns: dict[str, str], key: str = "", found: dict[str, str] | None = None
    ) -> None:
        declared = ", ".join(f"{column} {kind}" for column, kind in {**columns, **(found or {})}.items())
        declared += f", PRIMARY KEY ({key})" if key else ""
        self._make: Executable = text(
            f"SET LOCAL client_min_messages = warning; CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({declared})"
        )
        self._empty: Executable = text(f"TRUNCATE {name}")
        self._copy = f"COPY {name} ({', '.join(columns)}) FROM STDIN"

    def make_empty(self, transaction: Transaction) -> None:
        transaction.run(self._make)
        transaction.run(self._empty)

    def fill(self, transaction: Transaction, lines: Iterable[str]) -> None:
        """Lines in the text format of COPY."""
        transaction.copy(self._copy, io.BytesIO("\n".join(lines).encode()))


def array(items: Iterable[object]) -> str:
    """PostgreSQL's writing of an array of ids or numbers."""
    return "{" + ",".join(map(str, items)) + "}"
