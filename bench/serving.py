"""One and two processes under one load, and GETs beside clients that are idle or slow."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from bench import load, pools, web
from bench.load import Script
from bench.processes import unpinned_wrk
from bench.serving_outcome import Beside, Scaling
from bench.times import requests, times_of
from bench.web import Web, bearer

UNPINNED = ("processes",)
# Enough for the kernel to deal them out evenly.
_CONNECTIONS = 32
_SCALING_BOUND = 1.4
_IDLE, _SLOW = 100, 100
_BYTE_SECONDS = 1.0
_SLOW_BOUND = 2.0


def processes(database: str, directory: Path, rounds: int, seconds: int) -> Scaling:
    """GETs with one PATCH in ten, on all cores beside PostgreSQL and wrk."""
    drawn = pools.write(database, directory)
    script = Script("mixed", bearer("admin"), (drawn.customers, drawn.full_names))
    taken: dict[int, list[load.Round]] = {1: [], 2: []}
    for _ in range(rounds):
        for count, all_rounds in taken.items():
            with web.service(database, directory, core=None, processes=count) as service:
                load.run(service, script, 1, connections=_CONNECTIONS, wrk=unpinned_wrk)  # warm
                all_rounds.append(load.run(service, script, seconds, connections=_CONNECTIONS, wrk=unpinned_wrk))
    return Scaling("GET, one PATCH in ten", taken[1], taken[2], _SCALING_BOUND)


def slow(service: Web, customers: list[str], rounds: int, seconds: int) -> Iterator[Beside]:
    """By turns, so that whatever slows the machine slows both."""
    alone: list[float] = []
    beside: list[float] = []
    with requests(service, bearer("admin")) as get:
        actions = cycle([get(path) for path in customers])
        for _ in range(rounds):
            alone += times_of(actions, seconds)
            with _dawdling(service):
                beside += times_of(actions, seconds)
    yield Beside(f"GET beside {_IDLE} idle and {_SLOW} slow clients", alone, beside, _SLOW_BOUND)


@contextlib.contextmanager
def _dawdling(service: Web) -> Iterator[None]:
    """Clients that are connected and silent, and others that send a byte of a header each second."""
    is_over = threading.Event()
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=10))
            for _ in range(_IDLE + _SLOW)
        ]
        thread = threading.Thread(target=_trickle, args=(clients[_IDLE:], is_over))
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()


def _trickle(clients: list[socket.socket], is_over: threading.Event) -> None:
    while not is_over.wait(_BYTE_SECONDS):
        for client in clients:
            # who takes too long is refused by the service, and rightly so
            with contextlib.suppress(OSError):
                client.sendall(b"x")
