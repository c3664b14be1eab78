"""A real waitress, and bytes sent to it that no client library would send."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from bee_customers import server
from bee_customers.settings import Settings

_SECONDS = 10


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def listening(application: Any, settings: Settings) -> Iterator[int]:
    """The application behind the product's own server; gives its port."""
    waitress = server.listen(application, settings)
    loop = threading.Thread(target=waitress.run)
    loop.start()
    try:
        yield waitress.effective_port
    finally:
        waitress.stop()
        loop.join(_SECONDS)
    assert not loop.is_alive()


def exchange(port: int, *pieces: bytes) -> list[Reply]:
    """Send the pieces and read replies until the server closes or says no more; never waits for long."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
        with suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while piece := connection.recv(65_536):
                received += piece
    return list(_replies(received))


def _replies(received: bytes) -> Iterator[Reply]:
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.strip().title(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        length = int(headers.get("Content-Length", len(rest)))
        yield Reply(int(first.split()[1]), headers, rest[:length])
        received = rest[length:]
