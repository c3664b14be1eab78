"""What metrics, the log of requests and request ids add to a GET, in processor time of the web process."""

from collections.abc import Iterator
from pathlib import Path

from bench import load, replies, web
from bench.outcome import Duration
from bench.workloads import Workload

# of what the same request costs without them
_BOUND = 1.15


def measure(workload: Workload, database: str, directory: Path, rounds: int, seconds: int) -> Iterator[Duration]:
    """The service with all of it, as in production with its log in a file, and without, by turns."""
    with web.watched(database, directory) as watched, web.unwatched(database, directory) as unwatched:
        webs = (watched, unwatched)
        replies.check_replies(workload, *webs)
        for each in webs:
            load.run(each, workload.script, 1)  # warm
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for each, times in zip(webs, taken, strict=True):
                times.append(_clean(load.run(each, workload.script, seconds)).cpu_us / 1e3)
    yield Duration("GET, watched / unwatched, CPU", *taken, _BOUND)


def _clean(one: load.Round) -> load.Round:
    if not one.is_clean:
        raise replies.WrongReply(f"{one.bad_status} of another status, {one.broken} without a reply")
    return one
