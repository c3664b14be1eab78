"""Relays in processes of their own that start in milliseconds: forked from one that has imported everything.

Run as a program, it takes an order a line and answers each with a number: the id of a new process, or how one
ended.
"""

import json
import os
import select
import signal
import subprocess
import sys
from typing import Any, Self

from bee_customers.db.engine import Database
from bee_customers.events import relay as relay_module
from bee_customers.events.envelope import composer
from bee_customers.events.stopping import StopSignal
from tests.faults.deadly import DeadlyBacklog, DeadlyFallback, DeadlyPublisher
from tests.servers import ROOT

_SECONDS = 20


class Nursery:
    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running: set[int] = set()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=_SECONDS)

    def start(self, **order: Any) -> int:
        """Start a relay; returns the id of its process. The order is what `_run` takes."""
        pid = self._ask(order)
        self._running.add(pid)
        return pid

    def wait(self, pid: int) -> int:
        """How a relay ended, as of subprocess: an exit code, or the negative number of a signal."""
        code = os.waitstatus_to_exitcode(self._ask({"wait": pid}))
        self._running.discard(pid)
        return code

    def clear(self) -> None:
        """Kill those that a failed test left behind."""
        for pid in list(self._running):
            self.kill(pid)
            self.wait(pid)

    def kill(self, pid: int, number: signal.Signals = signal.SIGKILL) -> None:
        os.kill(pid, number)

    def _ask(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        is_answered, _, _ = select.select([self._process.stdout], [], [], _SECONDS)
        assert is_answered, f"no answer to {order}: the relay never came to that point"
        return int(self._process.stdout.readline())


class UntilOrphaned(StopSignal):
    """Ends the process when the one that started it is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._parent = os.getppid()

    def fileno(self) -> int:
        if os.getppid() != self._parent:
            os._exit(1)
        return super().fileno()


def _run(
    database: str, broker: str, exchange: str, point: str = "", fallback: str = "", fallback_after: float = 0
) -> None:
    stop = UntilOrphaned()
    signal.signal(signal.SIGTERM, stop.set)
    DeadlyBacklog.point = point
    relay_module.Backlog = DeadlyBacklog
    relay_module.Relay(
        Database(database),
        DeadlyPublisher(point, broker, exchange),
        composer("values"),
        fallback=DeadlyFallback(point, fallback) if fallback else None,
        fallback_after_seconds=fallback_after,
    ).run(stop)


def _answer(order: dict[str, Any]) -> int:
    if "wait" in order:
        return os.waitpid(order["wait"], 0)[1]
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _run(**order)
            code = 0
        finally:
            os._exit(code)
    return child


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(f"{_answer(json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
