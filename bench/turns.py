"""A workload on the service and on the floor, by turns."""

from typing import Any

from bench import load, replies
from bench.checks import check_written
from bench.data import connected
from bench.outcome import Throughput
from bench.web import Web
from bench.workloads import Workload


def against_floor(
    workload: Workload, webs: tuple[Web, Web], database: str, rounds: int, seconds: int
) -> Throughput:
    """The service comes first in `webs`, and the floor second."""
    replies.check_replies(workload, *webs)
    for each in webs:
        load.run(each, workload.script, 1)  # warm
    with connected(database) as cursor:
        before = _events(cursor)
        taken = _take_turns(workload, webs, rounds, seconds)
        if workload.writes:
            requests = sum(each.requests for all_rounds in taken for each in all_rounds)
            check_written(workload.name, requests, _events(cursor) - before)
    return Throughput(workload.name, *taken, workload.least_ratio)


def _take_turns(
    workload: Workload, webs: tuple[Web, Web], rounds: int, seconds: int
) -> tuple[list[load.Round], list[load.Round]]:
    taken: tuple[list[load.Round], list[load.Round]] = ([], [])
    for _ in range(rounds):
        for each, all_rounds in zip(webs, taken, strict=True):
            all_rounds.append(load.run(each, workload.script, seconds))
    return taken


def _events(cursor: Any) -> int:
    cursor.execute("SELECT count(*) FROM event")
    return int(cursor.fetchone()[0])
