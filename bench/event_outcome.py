"""What was measured of events, and whether the bounds hold."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Run:
    """So many events, published in so long, and what the publishing process used for it."""

    events: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.events / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_seconds * 1e6 / self.events


@dataclasses.dataclass(frozen=True)
class Flow:
    """Runs of the relay and of the floor, by turns; the ratio of their median rates has a least value."""

    name: str
    relay: Sequence[Run]
    floor: Sequence[Run]
    bound: float

    @property
    def ratio(self) -> float:
        return _rate(self.relay) / _rate(self.floor)

    @property
    def holds(self) -> bool:
        return self.ratio >= self.bound

    def row(self) -> list[str]:
        cells = [self.name, f"{self.relay[0].events:,}"]
        cells += [f"{_rate(runs):,.0f}" for runs in (self.relay, self.floor)]
        cells += [f"{_cpu_us(runs):.0f} µs" for runs in (self.relay, self.floor)]
        return [*cells, f"{self.ratio:.2f}", f"≥ {self.bound:g}", "yes" if self.holds else "no"]

    def raw(self) -> dict[str, Any]:
        sides = {"relay": self.relay, "floor": self.floor}
        return {"ratio": self.ratio, "bound": self.bound, "holds": self.holds} | {
            name: [dataclasses.asdict(run) | {"rate": run.rate, "cpu_us": run.cpu_us} for run in runs]
            for name, runs in sides.items()
        }


@dataclasses.dataclass(frozen=True)
class Level:
    """The most memory a process held in each half of its work, in MiB, and how many events it published meanwhile.

    It has a largest value, and the second half may hold little more than the first.
    """

    name: str
    events: int
    first: float
    second: float
    bound: float
    growth_bound: float

    @property
    def most(self) -> float:
        return max(self.first, self.second)

    @property
    def growth(self) -> float:
        return self.second / self.first

    @property
    def holds(self) -> bool:
        return self.most <= self.bound and self.growth <= self.growth_bound

    def row(self) -> list[str]:
        held = [f"{mebibytes:.1f} MiB" for mebibytes in (self.first, self.second)]
        bounds = f"≤ {self.bound:g} MiB, ≤ {self.growth_bound:g}"
        return [self.name, f"{self.events:,}", *held, f"{self.growth:.2f}", bounds, "yes" if self.holds else "no"]

    def raw(self) -> dict[str, Any]:
        return dataclasses.asdict(self) | {"growth": self.growth, "holds": self.holds}


def _rate(runs: Sequence[Run]) -> float:
    return statistics.median(run.rate for run in runs)


def _cpu_us(runs: Sequence[Run]) -> float:
    return statistics.median(run.cpu_us for run in runs)
