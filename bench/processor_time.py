"""What a request costs the web process: what is left of its core for others, whatever waits elsewhere."""

from bench import load, replies
from bench.web import Web
from bench.workloads import Workload


def by_turns(
    workload: Workload, own: Web, other: Web, rounds: int, seconds: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of processor time per request, of each round."""
    webs = (own, other)
    replies.check_replies(workload, *webs)
    for each in webs:
        load.run(each, workload.script, 1)  # warm
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for each, times in zip(webs, taken, strict=True):
            times.append(_clean(load.run(each, workload.script, seconds)).cpu_us / 1e3)
    return taken


def _clean(one: load.Round) -> load.Round:
    if not one.is_clean:
        raise replies.WrongReply(f"{one.bad_status} of another status, {one.broken} without a reply")
    return one
