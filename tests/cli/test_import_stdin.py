"""An import whose rows come through a pipe, in which nothing comes any more."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.cli.processes import PROGRAMS, environment
from tests.imports import files
from tests.servers import wait_until

HEADER = ",".join(files.CUSTOMER_HEADER) + "\n"


def line(number: int) -> str:
    return f"{files.user(number)},{files.BUSINESS},Ana {number},,,,\n"


@pytest.fixture
def cursor(migrated: str) -> Iterator[Any]:
    with closing(psycopg2.connect(migrated)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


class Fed:
    """An import that reads what it is given, and waits for more."""

    def __init__(self, directory: Path, url: str, path: str, *options: str) -> None:
        self.process = subprocess.Popen(
            [PROGRAMS / "bee-customers", "import", "customers", path, *options],
            cwd=directory,
            env=environment(DATABASE_URL=url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def give(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def stop(self, number: int) -> str:
        """Its last words; its pipe stays open."""
        wait_until(self._hears, 20, "it to listen to signals")
        self.process.send_signal(number)
        assert self.process.wait(20) == 1
        assert self.process.stdout
        return self.process.stdout.read().decode().splitlines()[-1]

    def _hears(self) -> bool:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        caught = int(status.partition("SigCgt:")[2].split()[0], 16)
        return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.fixture
def fed(directory: Path, migrated: str) -> Iterator[Any]:
    started: list[Fed] = []

    def start(*options: str, path: str = "-") -> Fed:
        started.append(Fed(directory, migrated, path, *options))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


def test_before_a_batch_is_full_nothing_is_imported(fed: Any, cursor: Any) -> None:
    program = fed()
    program.give(HEADER + line(1))
    assert program.stop(signal.SIGTERM) == "Stopped: nothing was imported"
    cursor.execute("SELECT count(*) FROM customer")
    assert cursor.fetchone() == (0,)


def test_a_pipe_that_nobody_writes_to_is_not_waited_for_for_ever(fed: Any, directory: Path) -> None:
    os.mkfifo(directory / "pipe.csv")
    assert fed(path="pipe.csv").stop(signal.SIGINT) == "Stopped: nothing was imported"


def test_what_is_whole_is_kept_and_can_be_gone_on_with(fed: Any, cursor: Any) -> None:
    program = fed("--batch", "500")
    # what is read before the first row is taken apart, and a part of a batch behind it
    rows = [line(number) for number in range(1300)]
    program.give(HEADER + "".join(rows[:1210]))

    def count() -> int:
        cursor.execute("SELECT count(*) FROM customer")
        return int(cursor.fetchone()[0])

    wait_until(lambda: count() == 1000, 20, "two batches")
    told = program.stop(signal.SIGTERM)
    assert told == "Stopped: at line 1,001; the same rows again with --resume goes on behind it"
    assert count() == 1000
    again = fed("--batch", "500", "--resume")
    output, _ = again.process.communicate((HEADER + "".join(rows)).encode(), 30)
    assert again.process.returncode == 0, output
    cursor.execute("SELECT count(*), count(DISTINCT user_id) FROM customer")
    assert cursor.fetchone() == (1300, 1300)
