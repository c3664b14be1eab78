"""Several processes on one address: started, told of signals, and replaced when they die."""

import dataclasses
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence

from bee_customers.events.stopping import StopSignal

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# Who ran for so long did not die of its start.
_SOUND_SECONDS = 30.0
# Beyond what the processes give themselves.
_KILL_SECONDS = 10.0


@dataclasses.dataclass
class Worker:
    """A place for one process after the other."""

    number: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    deaths: int = 0

    def pause(self, now: float) -> float:
        """Seconds until the next one is to start: longer after each that did not live long."""
        self.deaths = 1 if now - self.started > _SOUND_SECONDS else self.deaths + 1
        return float(min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (self.deaths - 1)))


class Supervisor:
    def __init__(self, command: Sequence[str], count: int, environ: Mapping[str, str], patience: float) -> None:
        """`patience` in seconds is what a process may take to end by itself."""
        self._command = list(command)
        self._environ = dict(environ)
        self._patience = patience + _KILL_SECONDS
        self._workers = [Worker(number) for number in range(1, count + 1)]
        self._stop = StopSignal()
        self._times_asked = 0

    def ask_to_stop(self) -> None:
        """May be called as a handler of signals. The second time the processes end at once."""
        self._times_asked += 1
        self._stop.set()

    def run(self) -> None:
        """Until asked to stop and the last process has ended."""
        metrics = tempfile.mkdtemp(prefix="bee-customers-metrics-")
        self._environ["PROMETHEUS_MULTIPROC_DIR"] = metrics
        try:
            while not self._stop.is_set:
                self._tend()
                self._stop.wait(_LOOK_SECONDS)
            self._end_all()
        finally:
            self._kill()
            shutil.rmtree(metrics, ignore_errors=True)

    def _tend(self) -> None:
        now = time.monotonic()
        for worker in self._workers:
            self._bury(worker, now)
            if worker.process is None and now >= worker.due:
                worker.started = now
                worker.process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        """In a session of its own, so that Ctrl-C comes to us alone. Its stdin ends when we do, somehow."""
        return subprocess.Popen(  # noqa: S603 - Python itself, and a module of ours
            self._command, env=self._environ, stdin=subprocess.PIPE, start_new_session=True
        )

    def _bury(self, worker: Worker, now: float) -> None:
        process = worker.process
        if process is None or process.poll() is None:
            return
        self._forget(process)
        worker.process = None
        pause = worker.pause(now)
        worker.due = now + pause
        log.error(
            "process %d of place %d ended with %d; another one starts in %.1f s",
            process.pid,
            worker.number,
            process.returncode,
            pause,
        )

    def _end_all(self) -> None:
        """Each process is told as often as we were."""
        deadline = time.monotonic() + self._patience
        times_told = 0
        while self._alive() and time.monotonic() < deadline:
            if times_told < self._times_asked:
                times_told += 1
                for process in self._alive():
                    process.send_signal(signal.SIGTERM)
            time.sleep(_LOOK_SECONDS / 4)

    def _kill(self) -> None:
        for process in self._alive():
            log.error("process %d does not end and is killed", process.pid)
            process.kill()
            process.wait()

    def _alive(self) -> list[subprocess.Popen[bytes]]:
        return [each.process for each in self._workers if each.process is not None and each.process.poll() is None]

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        """What it counted is kept in the sums, what it measured at the moment is not."""
        # takes long to import, and is seldom needed
        from prometheus_client.multiprocess import mark_process_dead

        if process.stdin is not None:
            process.stdin.close()
        mark_process_dead(process.pid, self._environ["PROMETHEUS_MULTIPROC_DIR"])  # type: ignore[no-untyped-call]


def count_of(processes: int) -> int:
    """0 is one for each processor that this process may use."""
    return processes or len(os.sched_getaffinity(0))
