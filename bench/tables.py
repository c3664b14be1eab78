"""Tables of what was measured, and the setting it depends on, as a README can take them."""

import os
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.bulk_outcome import Bulk
from bench.event_outcome import Flow, Level
from bench.load import CONNECTIONS
from bench.outcome import Crowd, Duration, Result, Rise, Throughput
from bench.serving_outcome import Beside, Scaling
from bench.web import THREADS

_BOUND = ("bound", "holds")
_PERCENTILES = "ms: p50 / p99 / slowest"
_HEADINGS: dict[type[Result], tuple[str, ...]] = {
    Throughput: (
        "workload",
        "service, req/s",
        "floor, req/s",
        "service p99",
        "floor p99",
        "service CPU",
        "floor CPU",
        "ratio",
        *_BOUND,
    ),
    Duration: ("request / compared with", "request", "other", "request p99", "other p99", "ratio", *_BOUND),
    Rise: ("memory during", "before", "most", "rise", *_BOUND),
    Crowd: (
        "requests",
        f"alone, {_PERCENTILES}",
        f"crowded, {_PERCENTILES}",
        "an upload",
        "uploads",
        "refused",
        "slowest / upload",
        *_BOUND,
    ),
    Scaling: (
        "processes",
        "one, req/s",
        "two, req/s",
        "one p99",
        "two p99",
        "CPU of one",
        "CPU of two",
        "ratio",
        *_BOUND,
    ),
    Beside: ("requests", f"alone, {_PERCENTILES}", f"beside them, {_PERCENTILES}", "p99 / p99", *_BOUND),
    Flow: (
        "events",
        "a turn",
        "relay, events/s",
        "floor, events/s",
        "relay CPU",
        "floor CPU",
        "ratio",
        *_BOUND,
    ),
    Bulk: (
        "bulk work",
        "rows",
        "turns",
        "service",
        "PostgreSQL",
        "rows/s",
        "memory",
        "ratio",
        *_BOUND,
    ),
    Level: ("memory of the relay", "published", "first half, most", "second half, most", "growth", *_BOUND),
}


def tables_of(results: Sequence[Result]) -> Iterator[str]:
    """One for each kind of result that there is."""
    for kind, heading in _HEADINGS.items():
        rows = [result.row() for result in results if isinstance(result, kind)]
        if rows:
            yield _table(list(heading), rows)


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


def _table(names: list[str], rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    return "\n".join(_line(row, widths) for row in (names, rule, *rows))


def _line(row: list[str], widths: list[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return f"| {' | '.join(cells)} |"
