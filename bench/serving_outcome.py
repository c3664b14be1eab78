"""What several processes gain, and what a request feels of idle and slow clients."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Any

from bench.load import Round
from bench.times import p99


@dataclasses.dataclass(frozen=True)
class Scaling:
    """Rounds of one process and of two, by turns; the ratio of their medians has a least value."""

    name: str
    one: Sequence[Round]
    two: Sequence[Round]
    bound: float

    @property
    def ratio(self) -> float:
        return _median(self.two, "rate") / _median(self.one, "rate")

    @property
    def holds(self) -> bool:
        return all(each.is_clean for each in (*self.one, *self.two)) and self.ratio >= self.bound

    def row(self) -> list[str]:
        sides = (self.one, self.two)
        cells = [self.name, *(f"{_median(side, 'rate'):,.0f}" for side in sides)]
        cells += [f"{_median(side, 'p99_ms'):.1f} ms" for side in sides]
        cells += [f"{_median(side, 'cpu_us'):.0f} µs" for side in sides]
        return [*cells, f"{self.ratio:.2f}", f"≥ {self.bound:g}", "yes" if self.holds else "no"]

    def raw(self) -> dict[str, Any]:
        return dataclasses.asdict(self) | {"ratio": self.ratio, "holds": self.holds}


@dataclasses.dataclass(frozen=True)
class Beside:
    """Times of requests alone and beside clients that do little, in ms; the ratio of the p99 has a bound."""

    name: str
    alone: Sequence[float]
    beside: Sequence[float]
    bound: float

    @property
    def ratio(self) -> float:
        return p99(list(self.beside)) / p99(list(self.alone))

    @property
    def holds(self) -> bool:
        return self.ratio <= self.bound

    def row(self) -> list[str]:
        spreads = [_spread(times) for times in (self.alone, self.beside)]
        return [self.name, *spreads, f"{self.ratio:.2f}", f"≤ {self.bound:g}", "yes" if self.holds else "no"]

    def raw(self) -> dict[str, Any]:
        return dataclasses.asdict(self) | {"ratio": self.ratio, "holds": self.holds}


def _median(rounds: Sequence[Round], what: str) -> float:
    return statistics.median(getattr(each, what) for each in rounds)


def _spread(times: Sequence[float]) -> str:
    return " / ".join(f"{value:.1f}" for value in (statistics.median(times), p99(list(times)), max(times)))
