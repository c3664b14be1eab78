"""The relay in a thread of the tests, with its real collaborators and short deadlines."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from bee_customers.db.engine import Database
from bee_customers.events.envelope import Message, composer
from bee_customers.events.kombu_publisher import KombuPublisher
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.publisher import Publisher
from bee_customers.events.relay import Relay
from bee_customers.events.stopping import StopSignal

DEADLINE_SECONDS = 1.0
_STOP_SECONDS = 20


def publisher(url: str, exchange: str) -> KombuPublisher:
    return KombuPublisher([url], exchange, deadline_seconds=DEADLINE_SECONDS, connect_seconds=DEADLINE_SECONDS)


class PausingPublisher(KombuPublisher):
    """Stops once in the midst of a window until it is told to go on: time to break something."""

    def __init__(self, url: str, exchange: str, after: int) -> None:
        super().__init__([url], exchange, deadline_seconds=DEADLINE_SECONDS, connect_seconds=DEADLINE_SECONDS)
        self._left = after
        self._is_there = threading.Event()
        self._may_go_on = threading.Event()

    @contextlib.contextmanager
    def in_mid_window(self) -> Iterator[None]:
        """The block runs while so many messages are sent and those behind them are not."""
        assert self._is_there.wait(_STOP_SECONDS), "the relay sent too little"
        try:
            yield
        finally:
            self._may_go_on.set()

    def _send(self, message: Message) -> None:
        super()._send(message)
        self._left -= 1
        if self._left == 0:
            self._is_there.set()
            self._may_go_on.wait(_STOP_SECONDS)


class Running:
    """A relay that runs; what it counts can be asked for."""

    def __init__(self, metrics: RelayMetrics) -> None:
        self._metrics = metrics

    def count(self, name: str, **labels: str) -> float:
        return self._metrics.registry.get_sample_value(f"bee_customers_events_{name}_total", labels) or 0.0

    def faults(self, kind: str) -> float:
        """How often the broker could not be used, for a reason of this kind."""
        return self.count("broker_faults", kind=kind)


@contextlib.contextmanager
def relaying(database: Database, publisher: Publisher, **options: Any) -> Iterator[Running]:
    """A relay runs during the block; whatever breaks it breaks the test."""
    metrics = RelayMetrics()
    relay = Relay(database, publisher, composer("values"), metrics=metrics, **options)
    stop = StopSignal()
    future: Future[None] = Future()
    # one that hangs must fail the test, and not keep the tests from ending
    threading.Thread(target=_run, args=(relay, stop, future), daemon=True).start()
    try:
        yield Running(metrics)
    finally:
        stop.set()
        future.result(_STOP_SECONDS)
        stop.close()


def _run(relay: Relay, stop: StopSignal, future: Future[None]) -> None:
    try:
        relay.run(stop)
        future.set_result(None)
    except BaseException as error:
        future.set_exception(error)
