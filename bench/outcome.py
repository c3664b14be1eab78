"""What was measured, and whether the bounds hold."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Any

from bench.bulk_outcome import Bulk
from bench.event_outcome import Flow, Level
from bench.load import Round
from bench.serving_outcome import Beside, Scaling
from bench.times import p99

# A comparison of less than this many turns says nothing of a 99th percentile.
_ENOUGH = 20


@dataclasses.dataclass(frozen=True)
class Throughput:
    """Rounds of the service and of the floor, by turns; the ratio of their medians has a least value."""

    name: str
    service: Sequence[Round]
    floor: Sequence[Round]
    bound: float

    @property
    def ratio(self) -> float:
        return _rate(self.service) / _rate(self.floor)

    @property
    def is_clean(self) -> bool:
        return all(each.is_clean for each in (*self.service, *self.floor))

    @property
    def holds(self) -> bool:
        return self.is_clean and self.ratio >= self.bound

    def row(self) -> list[str]:
        if not self.is_clean:
            return [self.name, self._faults(), "", "", "", "", "", "", _bound("≥", self.bound), "no"]
        return [
            self.name,
            f"{_rate(self.service):,.0f}",
            f"{_rate(self.floor):,.0f}",
            f"{_p99(self.service):.1f} ms",
            f"{_p99(self.floor):.1f} ms",
            f"{_cpu_us(self.service):.0f} µs",
            f"{_cpu_us(self.floor):.0f} µs",
            f"{self.ratio:.2f}",
            _bound("≥", self.bound),
            "yes" if self.holds else "no",
        ]

    def _faults(self) -> str:
        rounds = (*self.service, *self.floor)
        bad, broken = (sum(getattr(each, name) for each in rounds) for name in ("bad_status", "broken"))
        return f"FAILED: {bad} of another status, {broken} without a reply"

    def raw(self) -> dict[str, Any]:
        rounds = {"service": self.service, "floor": self.floor}
        return _summary(self) | {
            name: [dataclasses.asdict(each) | {"rate": each.rate, "cpu_us": each.cpu_us} for each in side]
            for name, side in rounds.items()
        }


@dataclasses.dataclass(frozen=True)
class Duration:
    """Times of the service and of what it is compared with, in ms; the ratio has a largest value."""

    name: str
    service: Sequence[float]
    reference: Sequence[float]
    bound: float | None

    @property
    def ratio(self) -> float:
        return statistics.median(self.service) / statistics.median(self.reference)

    @property
    def holds(self) -> bool:
        return self.bound is None or self.ratio <= self.bound

    def row(self) -> list[str]:
        cells = [self.name]
        cells += [f"{statistics.median(times):.2f} ms" for times in (self.service, self.reference)]
        cells += [
            f"{p99(list(times)):.2f} ms" if len(times) >= _ENOUGH else "-"
            for times in (self.service, self.reference)
        ]
        if self.bound is None:
            return [*cells, f"{self.ratio:.2f}", "", ""]
        return [*cells, f"{self.ratio:.2f}", _bound("≤", self.bound), "yes" if self.holds else "no"]

    def raw(self) -> dict[str, Any]:
        return _summary(self) | {"service_ms": list(self.service), "reference_ms": list(self.reference)}


@dataclasses.dataclass(frozen=True)
class Rise:
    """The most memory that was held, in MiB, above what was held before; has a largest value."""

    name: str
    idle: float
    peak: float
    samples: int
    bound: float

    @property
    def rise(self) -> float:
        return self.peak - self.idle

    @property
    def holds(self) -> bool:
        return self.rise <= self.bound

    def row(self) -> list[str]:
        held = [f"{mebibytes:.0f} MiB" for mebibytes in (self.idle, self.peak, self.rise)]
        return [self.name, *held, _bound("≤", self.bound) + " MiB", "yes" if self.holds else "no"]

    def raw(self) -> dict[str, Any]:
        return dataclasses.asdict(self) | {"rise": self.rise, "holds": self.holds}


@dataclasses.dataclass(frozen=True)
class Crowd:
    """Times of GETs alone and beside uploads, in ms; the slowest has a largest share of a usual upload."""

    name: str
    alone: Sequence[float]
    crowded: Sequence[float]
    uploads: Sequence[float]
    refused: int
    bound: float

    @property
    def ratio(self) -> float:
        return max(self.crowded) / statistics.median(self.uploads)

    @property
    def holds(self) -> bool:
        return self.ratio <= self.bound

    def row(self) -> list[str]:
        cells = [self.name, *map(_spread, (self.alone, self.crowded))]
        cells += [f"{statistics.median(self.uploads):.0f} ms", f"{len(self.uploads)}", f"{self.refused}"]
        return [*cells, f"{self.ratio:.2f}", _bound("≤", self.bound), "yes" if self.holds else "no"]

    def raw(self) -> dict[str, Any]:
        return dataclasses.asdict(self) | _summary(self)


def _spread(times: Sequence[float]) -> str:
    return " / ".join(f"{value:.1f}" for value in (statistics.median(times), p99(list(times)), max(times)))


def _rate(rounds: Sequence[Round]) -> float:
    return statistics.median(each.rate for each in rounds)


def _p99(rounds: Sequence[Round]) -> float:
    return statistics.median(each.p99_ms for each in rounds)


def _cpu_us(rounds: Sequence[Round]) -> float:
    return statistics.median(each.cpu_us for each in rounds)


def _bound(sign: str, value: float) -> str:
    return f"{sign} {value:g}"


def _summary(result: Throughput | Duration | Crowd) -> dict[str, Any]:
    return {"ratio": result.ratio, "bound": result.bound, "holds": result.holds}


Result = Throughput | Duration | Rise | Crowd | Flow | Level | Bulk | Scaling | Beside
