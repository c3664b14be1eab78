"""What was measured, whether the bounds hold, and tables of it that a README can take."""

import dataclasses
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.load import CONNECTIONS, Round
from bench.times import p99
from bench.web import THREADS

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


def throughput_table(results: Sequence[Throughput]) -> str:
    names = ["workload", "service, req/s", "floor, req/s", "service p99", "floor p99", "service CPU", "floor CPU"]
    return _table([*names, "ratio", "bound", "holds"], [result.row() for result in results])


def duration_table(results: Sequence[Duration]) -> str:
    names = ["request / compared with", "request", "other", "request p99", "other p99"]
    return _table([*names, "ratio", "bound", "holds"], [result.row() for result in results])


def setting(customers: int, postgres: str) -> str:
    """One line on what all numbers depend on."""
    return (
        f"{customers:,} customers; {_cpu_model()}, {os.cpu_count()} cores; Python {platform.python_version()}; "
        f"PostgreSQL {postgres}, durable; one web process with {THREADS} threads on one core, PostgreSQL and "
        f"wrk ({CONNECTIONS} connections) on another; CPU is that of the web process, per request"
    )


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _rate(rounds: Sequence[Round]) -> float:
    return statistics.median(each.rate for each in rounds)


def _p99(rounds: Sequence[Round]) -> float:
    return statistics.median(each.p99_ms for each in rounds)


def _cpu_us(rounds: Sequence[Round]) -> float:
    return statistics.median(each.cpu_us for each in rounds)


def _bound(sign: str, value: float) -> str:
    return f"{sign} {value:g}"


def _summary(result: Throughput | Duration) -> dict[str, Any]:
    return {"ratio": result.ratio, "bound": result.bound, "holds": result.holds}


def _table(names: list[str], rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    return "\n".join(_line(row, widths) for row in (names, rule, *rows))


def _line(row: list[str], widths: list[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return f"| {' | '.join(cells)} |"
