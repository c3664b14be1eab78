"""Child processes that never outlive the benchmark, each pinned to a core."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

# A machine with one core can still run everything, only less evenly.
_CORES = sorted(os.sched_getaffinity(0))
WEB_CORE = _CORES[0]
LOAD_CORE = _CORES[min(1, len(_CORES) - 1)]


class ProcessFailed(Exception):
    """A process did not start or ended too early; the message says where to look."""


@contextlib.contextmanager
def running(
    command: list[str],
    log: Path,
    *,
    core: int | None,
    environ: Mapping[str, str] | None = None,
    user: str | None = None,
    stop_signal: int = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends. It dies with us even when we are killed outright."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*(unpinned() if core is None else pinned(core)), *_bound_to_us(stop_signal, user), *command],
            env={**os.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C reaches only us: the order in which the others end is ours to choose.
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process, stop_signal)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def check_alive(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() is not None:
        raise ProcessFailed(f"ended with status {process.returncode}; its last words are in {log}")


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, in user and in kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pinned_wrk(*arguments: str) -> list[str]:
    return [*pinned(LOAD_CORE), "wrk", *arguments]


def unpinned_wrk(*arguments: str) -> list[str]:
    return [*unpinned(), "wrk", *arguments]


def pinned(core: int) -> list[str]:
    return ["taskset", "--cpu-list", str(core)]


def unpinned() -> list[str]:
    """On any core, though we are on one."""
    return ["taskset", "--cpu-list", ",".join(map(str, _CORES))]


def _bound_to_us(stop_signal: int, user: str | None) -> list[str]:
    name = signal.Signals(stop_signal).name.removeprefix("SIG")
    become = [f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    return ["setpriv", "--pdeathsig", name, *become, "--"]


def _end(process: subprocess.Popen[bytes], stop_signal: int) -> None:
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
