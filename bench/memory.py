"""How much memory a process and all that it starts hold together.

What they share counts once: the proportional set size.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_PAUSE_SECONDS = 0.002


def held_mebibytes(pid: int) -> float:
    return sum(map(_own_kibibytes, _family(pid))) / 1024


def resident_mebibytes(pid: int) -> float:
    """Of one process, with what it shares with others."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def most_mebibytes(pid: int) -> float:
    """The most that a process held so far by itself; 0 for one that has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


class Peak:
    """The most that was held while it was watched."""

    def __init__(self) -> None:
        self.mebibytes = 0.0
        self.samples = 0
        self.is_over = threading.Event()

    def watch(self, pid: int) -> None:
        while not self.is_over.is_set():
            self.mebibytes = max(self.mebibytes, held_mebibytes(pid))
            self.samples += 1
            time.sleep(_PAUSE_SECONDS)


def _family(pid: int) -> Iterator[int]:
    """The process and those below it. A child that has not yet become another program still is its parent."""
    yield pid
    for child in _children(pid):
        if _command(child) not in (b"", _command(pid)):
            yield from _family(child)


def _children(pid: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):  # a thread that has ended meanwhile
                children += map(int, (task / "children").read_text().split())
    return children


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _own_kibibytes(pid: int) -> int:
    with contextlib.suppress(OSError):  # it has ended meanwhile
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
