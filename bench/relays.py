"""The relay as operators run it: a process of its own, with the environment of the service."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bee_customers.events.outbox import CHANNEL
from bench import waiting
from bench.broker import EXCHANGE, Broker
from bench.data import connected
from bench.processes import ProcessFailed, check_alive, running
from bench.web import ENVIRONMENT

_COMMAND = [str(Path(sys.executable).with_name("bee-customers")), "events", "relay"]
_PAUSE_SECONDS = 0.01
_START_SECONDS = 60
_WARM = 500


@contextlib.contextmanager
def started(database: str, broker: Broker, directory: Path, *, core: int) -> Iterator[subprocess.Popen[bytes]]:
    """The process from its very beginning."""
    environ = {
        **ENVIRONMENT,
        "DATABASE_URL": database,
        "RABBITMQ_URL": broker.url,
        "RABBITMQ_EXCHANGE": EXCHANGE,
        "REDIS_URL": "",
    }
    log = directory / "relay.log"
    with running(_COMMAND, log, core=core, environ=environ) as process:
        yield process
        check_alive(process, log)


@contextlib.contextmanager
def at_work(database: str, broker: Broker, directory: Path, *, core: int) -> Iterator[subprocess.Popen[bytes]]:
    """The process when it has published its first events, so that it leads and knows the broker."""
    with started(database, broker, directory, core=core) as process, connected(database) as cursor:
        waiting.write(cursor, _WARM)
        wait_until_all_is_published(cursor, _START_SECONDS, process)
        yield process


def tell(cursor: Any) -> None:
    """Wake the relay, as each commit of an event does."""
    cursor.execute(f"NOTIFY {CHANNEL}")


def wait_until_all_is_published(
    cursor: Any, seconds: float, process: subprocess.Popen[bytes] | None = None
) -> None:
    """What was refused or committed late comes after the last event: then there is more to wait for."""
    deadline = time.monotonic() + seconds
    while not is_last_published(cursor) or waiting.left(cursor):
        if time.monotonic() > deadline or (process and process.poll() is not None):
            raise ProcessFailed(f"{waiting.left(cursor):,} events were not published; see relay.log")
        time.sleep(_PAUSE_SECONDS)


def is_last_published(cursor: Any) -> bool:
    """By the end of the index alone: to count what waits would be work for the server."""
    cursor.execute("SELECT published_at IS NOT NULL FROM event ORDER BY sequence DESC LIMIT 1")
    return bool(cursor.fetchone()[0])
