"""How fast the relay takes events from the table to the broker, against a floor that has no table."""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bee_customers.events.envelope import VALUES, Message, composer
from bench import relays, waiting
from bench.broker import EXCHANGE, Broker, depth, taking_all
from bench.data import connected
from bench.event_outcome import Flow, Run
from bench.processes import WEB_CORE, ProcessFailed, cpu_seconds, running

_BOUND = 0.25
_SECONDS_MOST = 600


def throughput(database: str, broker: Broker, directory: Path, events: int, rounds: int) -> Flow:
    """By turns, on the same core; the relay stays idle while the floor works."""
    path = directory / "messages.txt"
    of_relay, of_floor = list[Run](), list[Run]()
    with connected(database) as cursor, taking_all(broker) as queue:
        write_messages(path, composed(database, cursor, events))
        with relays.at_work(database, broker, directory, core=WEB_CORE) as process:
            queue.purge()
            for _ in range(rounds):
                of_relay.append(_relay(cursor, process, events))
                _check_and_purge(queue, events)
                of_floor.append(floor(path, broker, directory))
                _check_and_purge(queue, events)
    return Flow("relay / floor without a table", of_relay, of_floor, _BOUND)


def composed(database: str, cursor: Any, events: int) -> list[Message]:
    """What the relay will make of the events."""
    cursor.execute("TRUNCATE event")
    waiting.write(cursor, events)
    with waiting.claiming(database) as backlog:
        return list(map(composer(VALUES), backlog.claim(events)))


def write_messages(path: Path, messages: Iterable[Message]) -> None:
    """For the floor to read."""
    with path.open("w", encoding="utf-8") as lines:
        for each in messages:
            fields = [each.routing_key, each.body.decode(), each.headers, each.properties]
            lines.write(json.dumps(fields) + "\n")


def floor(path: Path, broker: Broker, directory: Path) -> Run:
    """Its time begins when it is connected and has read the messages."""
    command = [sys.executable, "-m", "bench.floor.publisher", str(path), EXCHANGE]
    log = directory / "publisher.log"
    with running(command, log, core=WEB_CORE, environ={"RABBITMQ_URL": broker.url}) as process:
        status = process.wait(_SECONDS_MOST)
    if status:
        raise ProcessFailed(f"ended with status {status}; its last words are in {log}")
    return Run(**json.loads(log.read_text(encoding="utf-8").splitlines()[-1]))


def _relay(cursor: Any, process: subprocess.Popen[bytes], events: int) -> Run:
    """From the commit that wakes a relay at work until the last event is marked.

    So neither its start nor the making of the events counts, but everything else does: hearing of them, claiming,
    publishing, confirming, and marking with durable commits.
    """
    cursor.execute("TRUNCATE event; BEGIN")
    waiting.write(cursor, events)
    relays.tell(cursor)
    start, used = time.perf_counter(), cpu_seconds(process.pid)
    cursor.execute("COMMIT")
    relays.wait_until_all_is_published(cursor, _SECONDS_MOST, process)
    return Run(events, time.perf_counter() - start, cpu_seconds(process.pid) - used)


def _check_and_purge(queue: Any, events: int) -> None:
    if (found := depth(queue)) != events:
        raise ProcessFailed(f"the queue holds {found:,} messages after {events:,} events")
    queue.purge()
