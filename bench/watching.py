"""What metrics, the log of requests and request ids add to a GET, in processor time of the web process."""

from collections.abc import Iterator
from pathlib import Path

from bench import processor_time, web
from bench.outcome import Duration
from bench.workloads import Workload

# of what the same request costs without them
_BOUND = 1.15


def measure(workload: Workload, database: str, directory: Path, rounds: int, seconds: int) -> Iterator[Duration]:
    """The service with all of it, as in production with its log in a file, and without, by turns."""
    with web.watched(database, directory) as watched, web.unwatched(database, directory) as unwatched:
        taken = processor_time.by_turns(workload, watched, unwatched, rounds, seconds)
    yield Duration("GET, watched / unwatched, CPU", *taken, _BOUND)
