"""Somebody who takes all events, and remembers when each came."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.broker import Broker, taking_all
from bench.processes import LOAD_CORE, ProcessFailed

_PATIENCE_SECONDS = 30.0


class Consumer:
    """On a connection of its own; knows messages by the customer they tell of, who is told of once."""

    def __init__(self) -> None:
        self.is_ready, self.is_over = threading.Event(), threading.Event()
        self._came: dict[str, float] = {}

    def work(self, broker: Broker) -> None:
        with taking_all(broker) as queue:
            queue.purge()
            queue.consume(callback=self._take, no_ack=True)
            self.is_ready.set()
            while not self.is_over.is_set():
                with contextlib.suppress(TimeoutError):
                    queue.channel.connection.drain_events(timeout=0.1)

    def times_since(self, sent: Mapping[str, float]) -> list[float]:
        """Waits for all of them; in milliseconds."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while missing := sent.keys() - self._came.keys():
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{len(missing)} of {len(sent)} messages did not reach the consumer")
            time.sleep(0.01)
        return [(self._came[customer_id] - moment) * 1e3 for customer_id, moment in sent.items()]

    def _take(self, message: Any) -> None:
        now = time.perf_counter()
        self._came.setdefault(json.loads(message.body)["customer_id"], now)


@contextlib.contextmanager
def consuming(broker: Broker) -> Iterator[Consumer]:
    """On the broker's core, so that it takes nothing from who is measured."""
    consumer = Consumer()
    with ThreadPoolExecutor(1, initializer=os.sched_setaffinity, initargs=(0, {LOAD_CORE})) as pool:
        working = pool.submit(consumer.work, broker)
        try:
            if not consumer.is_ready.wait(_PATIENCE_SECONDS):
                raise ProcessFailed("the consumer did not start")
            yield consumer
        finally:
            consumer.is_over.set()
        working.result()
