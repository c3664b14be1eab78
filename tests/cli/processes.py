"""`bee-customers serve` and `pserve` as real processes, and whatever they start."""

import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil

from bee_customers.settings import Settings
from tests.servers import is_alive, wait_until

PROGRAMS = Path(sys.executable).parent
_OURS = {name.upper() for name in Settings.__dataclass_fields__}


def environment(**settings: str) -> dict[str, str]:
    """That of the tests without any setting of ours, and with these."""
    bare = {name: value for name, value in os.environ.items() if name not in _OURS}
    return {**bare, "PYTHONWARNINGS": "ignore", **settings}


class Program:
    """A program that runs in a directory; it and all it started there are gone after `running`."""

    def __init__(self, directory: Path, *command: str, **settings: str) -> None:
        self.directory = directory
        self._output = directory / f"output-{secrets.token_hex(4)}.txt"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [PROGRAMS / command[0], *command[1:]],
                cwd=directory,
                env=environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def wait_for(self, words: str) -> None:
        """Until it has said these words."""
        self._wait_for(lambda: words in self.output, words)

    def wait_for_address(self) -> str:
        """Where it says that it listens."""
        self._wait_for(lambda: "/docs" in self.output, "its greeting")
        address = re.search(r"http://[0-9.]+:\d+", self.output)
        assert address, self.output
        return address[0]

    def wait_for_answer(self, address: str) -> int:
        """The status of GET /health, as soon as there is one."""
        statuses: list[int] = []

        def is_answered() -> bool:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=5) as response:
                statuses.append(response.status)
            return bool(statuses)

        self._wait_for(is_answered, "an answer")
        return statuses[0]

    def end(self, number: int) -> int:
        """Signal it as a terminal or a supervisor does, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)

    def interrupt(self) -> int:
        """Ctrl-C: a terminal signals the program and all it started."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(20)

    def family(self) -> list[psutil.Process]:
        """All that runs for its directory, or was started by it."""
        family = []
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.process.pid).children(recursive=True)
        return family + [found for found in psutil.process_iter() if self._is_ours(found)]

    def _is_ours(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            return any(str(self.directory) in word for word in process.cmdline())
        return False

    def _wait_for(self, condition, what: str) -> None:
        def is_done() -> bool:
            is_over = self.process.poll() is not None
            if condition():
                return True
            assert not is_over, f"it ended with {self.process.returncode}: {self.output}"
            return False

        wait_until(is_done, 30, what)


@contextlib.contextmanager
def running(directory: Path, *command: str, **settings: str) -> Iterator[Program]:
    program = Program(directory, *command, **settings)
    try:
        yield program
    finally:
        for process in [*program.family(), program.process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        program.process.wait(10)


def wait_until_nothing_is_left(program: Program, *family: psutil.Process) -> None:
    wait_until(lambda: not any(map(is_alive, family)), 10, "what it started to end")
    wait_until(lambda: not any(map(is_alive, program.family())), 10, "its directory to be left alone")
