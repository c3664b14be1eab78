"""What rate limits add to a PATCH: the service with them and without, on one Redis of the benchmark's own."""

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import processor_time, times
from bench.outcome import Duration
from bench.processes import LOAD_CORE, ProcessFailed, pinned
from bench.times import Action
from bench.web import Web, bearer, service
from bench.workloads import Workload
from tests.servers import RedisServer

_BOUND = 1.15
# far above what is asked for here, so that all is counted and nothing refused
_RATE = "9999999/minute"


class _Redis(RedisServer):
    def command(self) -> list[str]:
        return [*pinned(LOAD_CORE), *super().command()]


def patches(
    workload: Workload, database: str, directory: Path, path: str, rounds: int, seconds: int
) -> Iterator[Duration]:
    """With both limits and with none, by turns: what a PATCH costs the process, and how long one takes alone."""
    if _Redis.find() is None:
        raise ProcessFailed(f"{_Redis.package} is not installed")
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(_Redis())
        rates = {"API_RATE": _RATE, "CUSTOMER_PATCH_RATE": _RATE, "REDIS_URL": redis.url}
        limited = stack.enter_context(service(database, directory, "limited", **rates))
        free = stack.enter_context(service(database, directory, "unlimited"))
        costs = processor_time.by_turns(workload, limited, free, rounds, seconds)
        yield Duration("PATCH, limited / not, CPU", *costs, _BOUND)
        actions = [stack.enter_context(_changing(web, path)) for web in (limited, free)]
        pairs = [times.take_turns(*actions, seconds) for _ in range(rounds)]
    taken = [list(itertools.chain.from_iterable(side)) for side in zip(*pairs, strict=True)]
    yield Duration("PATCH, limited / not, one by one", *taken, None)


@contextlib.contextmanager
def _changing(web: Web, path: str) -> Iterator[Action]:
    headers = {**bearer("admin"), "Content-Type": "application/json-patch+json"}
    with times.patches(web, path, headers) as patch:
        yield _each_another(patch)


def _each_another(patch: Callable[[bytes], Action]) -> Action:
    numbers = itertools.count()

    def action() -> None:
        operation = {"op": "replace", "path": "/full_name", "value": f"Măriuca Țurcanu {next(numbers)}"}
        patch(json.dumps([operation]).encode())()

    return action
