"""Uploads of large images: the memory that one takes, and what GETs feel of eight at once."""

import contextlib
import dataclasses
import http.client
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

from bench.memory import Peak, held_mebibytes
from bench.outcome import Crowd, Rise
from bench.photo import photo
from bench.processes import LOAD_CORE
from bench.times import BadReply, requests, times_of
from bench.web import Web, bearer

_CLIENTS = 8
_MEMORY_BOUND = 40
# A GET that waits for an upload to end takes longer than half of them.
_CROWD_BOUND = 1.0
_BOUNDARY = "benchmark-boundary"


@dataclasses.dataclass
class Client:
    """Uploads over and over; waits for as long as it is told to where there are too many."""

    web: Web
    path: str
    form: bytes
    taken_ms: list[float] = dataclasses.field(default_factory=list)
    refused: int = 0

    def work(self, is_over: threading.Event) -> None:
        with contextlib.closing(_connection(self.web)) as connection:
            while not is_over.is_set():
                is_over.wait(self.upload(connection))

    def upload(self, connection: http.client.HTTPConnection) -> float:
        """The seconds to wait before the next."""
        start = time.perf_counter()
        connection.request("POST", self.path, self.form, _headers())
        response = connection.getresponse()
        content = response.read()
        if response.status == 503:
            self.refused += 1
            return float(response.headers["Retry-After"])
        if response.status != 200:
            raise BadReply(f"upload: {response.status} {content[:300].decode(errors='replace')}")
        self.taken_ms.append((time.perf_counter() - start) * 1e3)
        return 0.0


def all_of(web: Web, directory: Path, customers: list[str], rounds: int, seconds: int) -> Iterator[Rise | Crowd]:
    # the memory first: eight uploads at once leave a process larger than it was
    yield _memory(web, directory, customers, rounds)
    yield _crowd(web, directory, customers, rounds * seconds)


def _memory(web: Web, directory: Path, customers: list[str], rounds: int) -> Rise:
    """The most that the service and its decoders held above what they held before, one upload at a time."""
    client, peak = Client(web, f"{customers[0]}/avatar", _form(photo(directory))), Peak()
    idle = held_mebibytes(web.pid)
    with _clients(1) as pool, contextlib.closing(_connection(web)) as connection:
        watching = pool.submit(peak.watch, web.pid)
        try:
            for _ in range(rounds):
                _upload_alone(client, connection)
        finally:
            peak.is_over.set()
        watching.result()
    return Rise("an upload of 5 MiB", idle, peak.mebibytes, peak.samples, _MEMORY_BOUND)


def _crowd(web: Web, directory: Path, customers: list[str], seconds: float) -> Crowd:
    """GETs one after the other, by themselves and while eight clients upload."""
    form, is_over = _form(photo(directory)), threading.Event()
    clients = [Client(web, f"{path}/avatar", form) for path in customers[:_CLIENTS]]
    with _clients(_CLIENTS + 1) as pool:
        alone = pool.submit(_gets, web, customers, seconds).result()
        working = [pool.submit(client.work, is_over) for client in clients]
        try:
            crowded = pool.submit(_gets, web, customers, seconds).result()
        finally:
            is_over.set()
        _check(working)
    uploads = [taken for client in clients for taken in client.taken_ms]
    if not uploads:
        raise BadReply("no upload came to its end")
    refused = sum(client.refused for client in clients)
    return Crowd(f"GET beside {_CLIENTS} uploads", alone, crowded, uploads, refused, _CROWD_BOUND)


def _gets(web: Web, customers: list[str], seconds: float) -> list[float]:
    with requests(web, bearer("admin")) as get:
        return times_of(cycle([get(path) for path in customers]), seconds)


def _upload_alone(client: Client, connection: http.client.HTTPConnection) -> None:
    client.upload(connection)
    if client.refused:
        raise BadReply("an upload was refused though there was no other")


def _check(working: list[Future[None]]) -> None:
    """A client that met a wrong reply has raised."""
    for each in working:
        each.result()


def _clients(count: int) -> ThreadPoolExecutor:
    """Threads on the core that is not the service's own."""
    return ThreadPoolExecutor(count, initializer=os.sched_setaffinity, initargs=(0, {LOAD_CORE}))


def _connection(web: Web) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)


def _headers() -> dict[str, str]:
    return {**bearer("admin"), "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}


def _form(image: bytes) -> bytes:
    head = 'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\nContent-Type: image/jpeg'
    return f"--{_BOUNDARY}\r\n{head}\r\n\r\n".encode() + image + f"\r\n--{_BOUNDARY}--\r\n".encode()
