"""What was measured of bulk work, and whether the bounds hold."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Work:
    """One piece of bulk work: how long it took, and the most memory its process held, in MiB."""

    seconds: float
    mebibytes: float


@dataclasses.dataclass(frozen=True)
class Bulk:
    """So many rows, by our command and by PostgreSQL's own, by turns; the ratio of median rates has a least value.

    Memory has a largest one.
    """

    name: str
    rows: int
    own: Sequence[Work]
    floor: Sequence[Work]
    bound: float | None
    memory_bound: float

    @property
    def ratio(self) -> float:
        return _seconds(self.floor) / _seconds(self.own)

    @property
    def mebibytes(self) -> float:
        return max(each.mebibytes for each in self.own)

    @property
    def holds(self) -> bool:
        return (self.bound is None or self.ratio >= self.bound) and self.mebibytes <= self.memory_bound

    def row(self) -> list[str]:
        cells = [self.name, f"{self.rows:,}", str(len(self.own))]
        cells += [f"{_seconds(side):,.1f} s" for side in (self.own, self.floor)]
        cells += [f"{self.rows / _seconds(self.own):,.0f}", f"{self.mebibytes:.0f} MiB", f"{self.ratio:.2f}"]
        bound = "" if self.bound is None else f"≥ {self.bound:g}, "
        return [*cells, f"{bound}≤ {self.memory_bound:g} MiB", "yes" if self.holds else "no"]

    def raw(self) -> dict[str, Any]:
        return dataclasses.asdict(self) | {"ratio": self.ratio, "holds": self.holds}


def _seconds(side: Sequence[Work]) -> float:
    return statistics.median(each.seconds for each in side)
