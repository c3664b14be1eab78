"""What a write feels of a broker that hangs: its connections stay open, and nothing answers."""

import contextlib
import itertools
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import relays, waiting
from bench.broker import Broker, taking_all
from bench.data import connected
from bench.outcome import Duration
from bench.processes import LOAD_CORE, ProcessFailed
from bench.times import Action, posts, times_of
from bench.web import Web, bearer, service

_BOUND = 1.2
_CATCH_UP_SECONDS = 60


def writes(database: str, broker: Broker, directory: Path, rounds: int, seconds: int) -> Duration:
    """POSTs one after the other, by turns with the broker well and frozen, and a relay beside."""
    well, frozen = list[float](), list[float]()
    with contextlib.ExitStack() as stack:
        cursor = stack.enter_context(connected(database))
        queue = stack.enter_context(taking_all(broker))
        stack.enter_context(relays.at_work(database, broker, directory, core=LOAD_CORE))
        web = stack.enter_context(service(database, directory))
        actions = stack.enter_context(_creating(web))
        for _ in range(rounds):
            well += times_of(actions, seconds)
            relays.wait_until_all_is_published(cursor, _CATCH_UP_SECONDS)
            frozen += _while_frozen(broker, cursor, actions, seconds)
            relays.wait_until_all_is_published(cursor, _CATCH_UP_SECONDS)
            queue.purge()
    return Duration("POST, broker frozen / well", frozen, well, _BOUND)


def _while_frozen(broker: Broker, cursor: Any, actions: Iterator[Action], seconds: int) -> list[float]:
    broker.freeze()
    try:
        times = times_of(actions, seconds)
        if waiting.left(cursor) < len(times):
            raise ProcessFailed("events were published while the broker was frozen")
    finally:
        broker.thaw()
    return times


@contextlib.contextmanager
def _creating(web: Web) -> Iterator[Iterator[Action]]:
    headers = {**bearer("internal_service"), "Content-Type": "application/json"}
    with posts(web, "/v1/customers", headers) as post:
        yield (post(_customer(number)) for number in itertools.count())


def _customer(number: int) -> bytes:
    document = {
        "user_id": str(uuid.uuid4()),
        "business_id": str(uuid.UUID(int=number % 200)),
        "full_name": "Măriuca Țurcanu",
        "email": f"mariuca.{number}@posta.example",
        "phone": f"+407{20_000_000 + number}",
        "gender": "female",
    }
    return json.dumps(document).encode()
