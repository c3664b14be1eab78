"""Rows in batches: checked, with what was refused, and with where the batch ends."""

import dataclasses
from collections.abc import Iterator
from typing import Protocol

from bee_customers.services.imports.checks import CheckedRow, Refused
from bee_customers.services.imports.rejects import Reject
from bee_customers.services.imports.row import Row, RowFault, Rows
from bee_customers.services.imports.source import Source

# Rows of one customer take turns, one round each: with more of them a batch would not end in time.
REPEATS_MOST = 200
_NOT_UTF8 = RowFault("", "is not UTF-8")


class RowCheck(Protocol):
    def check(self, row: Row) -> CheckedRow:
        """Raises Refused."""


@dataclasses.dataclass
class Batch:
    """`rows` are those that every rule takes, in the order of the file; `count` is of all."""

    rows: list[CheckedRow] = dataclasses.field(default_factory=list)
    rejects: list[Reject] = dataclasses.field(default_factory=list)
    count: int = 0
    position: int = 0
    line: int = 0
    digest: str = ""


def batches(source: Source, rows: Rows, check: RowCheck, size: int) -> Iterator[Batch]:
    """All rows that are left, `size` to a batch or fewer; an empty last one where the end holds none."""
    maker = _Maker(check)
    for row in rows:
        maker.add(row)
        if maker.batch.count == size or maker.repeats == REPEATS_MOST:
            yield maker.ended(source)
    yield maker.ended(source)


class _Maker:
    def __init__(self, check: RowCheck) -> None:
        self._check = check.check
        self._begin()

    def _begin(self) -> None:
        self.batch = Batch()
        self.repeats = 0
        self._known = set[str]()

    def add(self, row: Row) -> None:
        self.batch.count += 1
        if row.fault:
            self._refuse(row, [row.fault])
            return
        try:
            checked = self._check(row)
        except Refused as refused:
            self._refuse(row, refused.faults)
        else:
            self.batch.rows.append(checked)
            self._count(checked.keys[0] if checked.keys else checked.email)

    def _count(self, key: str | None) -> None:
        if key in self._known:
            self.repeats += 1
        elif key:
            self._known.add(key)

    def _refuse(self, row: Row, faults: list[RowFault]) -> None:
        self.batch.rejects.append(Reject(row.line, row.raw, tuple(faults) if _is_text(row) else (_NOT_UTF8,)))

    def ended(self, source: Source) -> Batch:
        batch = self.batch
        batch.position, batch.line, batch.digest = source.position, source.line, source.digest
        self._begin()
        return batch


def _is_text(row: Row) -> bool:
    try:
        row.raw.decode()
    except UnicodeDecodeError:
        return False
    return True
