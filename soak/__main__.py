"""Runs the soak: `python -m soak --help`, or scripts/soak, which prepares everything first."""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bench.times import p99
from soak import faults, verdict
from soak.client import Client
from soak.faults import Fault
from soak.house import House, opened
from soak.imports import import_some

_CLIENTS = 12
_MEASURE_SECONDS = 5.0
_SHARE = 0.8
_SAMPLE_SECONDS = 1.0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description="Mixed load on a real service whose servers are killed meanwhile. Prints Markdown.",
        epilog="Exit status 1: something did not hold.",
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="how long the load lasts (30)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bee-soak-") as directory, opened(Path(directory)) as house:
        return _report(options.minutes, *_soak(house, options.minutes * 60))


def _soak(house: House, seconds: float) -> tuple[float, list[Client], list[verdict.Line]]:
    stop = threading.Event()
    clients = [Client(house.web.port, stop) for _ in range(_CLIENTS)]
    for client in clients:
        client.start()
    capacity = _measure(clients)
    for client in clients:
        client.pause = _CLIENTS / (capacity * _SHARE)
    samples: list[dict[str, float]] = []
    threading.Thread(target=_sample, args=(house, samples, stop), daemon=True).start()
    happened = _break_things(house, seconds)
    imported = import_some(house)
    stop.set()
    for client in clients:
        client.join(60)
    end = time.monotonic()
    lines = [
        *verdict.of_replies(clients),
        *verdict.of_faults(happened, clients, end),
        *verdict.of_memory(samples),
        ("an import at the end", imported[0], imported[1]),
        *verdict.of_counts(house, clients),
        *verdict.of_events(house),
    ]
    return capacity, clients, lines


def _measure(clients: Sequence[Client]) -> float:
    """Requests per second, as fast as they go."""
    time.sleep(1.0)
    before = sum(client.log.requests for client in clients)
    time.sleep(_MEASURE_SECONDS)
    return (sum(client.log.requests for client in clients) - before) / _MEASURE_SECONDS


def _break_things(house: House, seconds: float) -> list[Fault]:
    """Each fault at its part of the time, with an import before it."""
    start, happened = time.monotonic(), []
    part = seconds / (len(faults.ALL) + 1)
    for number, name in enumerate(faults.ALL, 1):
        import_some(house)
        time.sleep(max(0.0, start + number * part - time.monotonic()))
        happened.append(faults.happen(name, house))
    time.sleep(max(0.0, start + seconds - time.monotonic()))
    return happened


def _sample(house: House, samples: list[dict[str, float]], stop: threading.Event) -> None:
    while not stop.wait(_SAMPLE_SECONDS):
        samples.append(house.memory())


def _report(minutes: float, capacity: float, clients: Sequence[Client], lines: Sequence[verdict.Line]) -> int:
    times = [taken for client in clients for taken in client.log.times_ms]
    print(f"{minutes:g} minutes at {capacity * _SHARE:,.0f} requests a second, 80% of what was measured first.")
    print(f"{len(times):,} requests; median {statistics.median(times):.1f} ms, p99 {p99(times):.0f} ms.\n")
    print("| what | found | holds |\n| --- | --- | --- |")
    for what, found, holds in lines:
        print(f"| {what} | {found} | {'yes' if holds else '**no**'} |")
    return int(not all(holds for *_, holds in lines))


if __name__ == "__main__":
    sys.exit(main())
