"""The metrics of a process, or of several that serve together: what is counted, and what is asked at each scrape.

The composition root makes one `Metrics` and gives its `counted` registry to whatever counts. Where
PROMETHEUS_MULTIPROC_DIR is set before this module is imported, values live in files of that directory, and
whoever is scraped adds up those of all processes (docs/adr/0031-one-registry-in-the-composition-root.md).
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Metric,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client.registry import Collector

from bee_customers.errors import InvalidSetting

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """`counted` is for counters, gauges and histograms; `scraped` is what Prometheus gets to see."""

    def __init__(self) -> None:
        # as many series again, which nobody looks at
        disable_created_metrics()  # type: ignore[no-untyped-call]
        directory = _shared_directory()
        self.counted = CollectorRegistry()
        self.scraped = CollectorRegistry() if directory else self.counted
        if directory:
            multiprocess.MultiProcessCollector(self.scraped, directory)  # type: ignore[no-untyped-call]
        self.ask(Processes(directory))

    def ask(self, collector: Collector) -> None:
        """Have it collect at each scrape: once, however many processes serve."""
        self.scraped.register(collector)

    def exposition(self) -> bytes:
        """All of it in the text format of Prometheus."""
        return generate_latest(self.scraped)


def _shared_directory() -> str | None:
    """Where values of several processes are; raises InvalidSetting for what is no directory."""
    directory = os.environ.get(DIRECTORY)
    if not directory:
        return None
    if not Path(directory).is_dir():
        raise InvalidSetting(f"{DIRECTORY}: got {directory[:80]!r}, expected a directory that is there")
    if not values.ValueClass._multiprocess:
        raise AssertionError(f"{DIRECTORY} was set after prometheus_client was imported: nothing would add up")
    return directory


class Processes(Collector):
    """Memory, processor time and open files of each process, told apart by its `pid`."""

    def __init__(self, directory: str | None) -> None:
        self._directory = directory

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for pid in self._pids():
            for metric in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]
                family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                for sample in metric.samples:
                    family.add_sample(sample.name, {"pid": str(pid)}, sample.value)
        yield from families.values()

    def _pids(self) -> list[int]:
        """Those that hold a file of live values; that of a process which has died is removed by its supervisor."""
        if not self._directory:
            return [os.getpid()]
        files = Path(self._directory).glob("gauge_live*_*.db")
        pids = {int(file.stem.rpartition("_")[2]) for file in files}
        return sorted(pid for pid in pids if Path(f"/proc/{pid}").exists())


def forget(pid: int) -> None:
    """For a supervisor: a process has ended, so that what was live of it no longer counts."""
    multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]
