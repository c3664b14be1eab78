"""A way to a server that can be made slow or silent, as networks are."""

import contextlib
import socket
import threading
import time
from typing import Self

_CHUNK = 65_536


class SlowWay:
    """Listens at `.port` and passes everything on to the port of a server and back.

    Once a client has sent the bytes `at`, replies come `piece` bytes every tenth of a second: none, when it is 0.
    """

    def __init__(self, port: int, at: bytes, piece: int = 0) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._target, self._at, self._piece = port, at, piece
        self._is_slow = False
        self._sockets = [self._listening]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            client, _ = self._listening.accept()
            server = socket.create_connection(("127.0.0.1", self._target))
            self._sockets += [client, server]
            self._start(lambda client=client, server=server: self._forth(client, server))
            self._start(lambda client=client, server=server: self._back(client, server))

    def _forth(self, client: socket.socket, server: socket.socket) -> None:
        while data := client.recv(_CHUNK):
            self._is_slow = self._is_slow or self._at in data
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)

    def _back(self, client: socket.socket, server: socket.socket) -> None:
        while data := server.recv(_CHUNK):
            while data and self._is_slow:
                time.sleep(0.1)
                client.sendall(data[: self._piece])
                data = data[self._piece :]
            client.sendall(data)

    def _start(self, work) -> None:
        def run() -> None:
            with contextlib.suppress(OSError):
                work()

        threading.Thread(target=run, daemon=True).start()
