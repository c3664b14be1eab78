"""What is measured of events, each with a broker and a database of its own."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bench import backlog, broker, delivery, frozen, relay, waiting
from bench.outcome import Result

NAMES = ("relay", "delivery", "frozen", "backlog")


def measure(
    name: str, server: str, directory: Path, customers: int, rounds: int, seconds: int, drain_seconds: int
) -> Iterator[Result]:
    """One of NAMES; sizes follow the number of customers, and as many events wait for the relay."""
    with broker.started() as own:
        if name == "backlog":
            yield from backlog.all_of(
                server, own, directory, max(100_000, customers), drain_seconds, rounds * seconds
            )
            return
        with waiting.database(server, "events") as database:
            yield from _in(database, name, own, directory, max(10_000, customers // 10), rounds, seconds)


def _in(
    database: str, name: str, own: broker.Broker, directory: Path, events: int, rounds: int, seconds: int
) -> Iterable[Result]:
    if name == "relay":
        return [relay.throughput(database, own, directory, events, rounds)]
    measured = delivery.of_events if name == "delivery" else frozen.writes
    return [measured(database, own, directory, rounds, seconds)]
