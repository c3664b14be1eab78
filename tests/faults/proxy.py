"""A way to a server that can be cut, or go silent without a word."""

import contextlib
import select
import socket
import struct
import threading
from typing import Self

_ABORT = struct.pack("ii", 1, 0)


class Proxy:
    """Forwards what comes to its port; only as many replies as `replies` says, for each connection."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.replies: float = float("inf")
        self.lose_the_reply_to: bytes | None = None
        self._is_open = True
        self._flows = threading.Event()
        self._flows.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []

    def cut(self) -> None:
        """Reset all connections, as a firewall does that forgot them; new ones are served."""
        for pair in self._pairs:
            for side in pair:
                with contextlib.suppress(OSError):
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
                    side.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Serve nobody any more."""
        self._is_open = False
        self.cut()

    def open(self) -> None:
        self._is_open = True

    def part(self) -> None:
        """Nothing gets through, of old connections and new ones, and nobody is told; what is sent waits."""
        self._flows.clear()

    def rejoin(self) -> None:
        """All that was sent meanwhile arrives."""
        self._flows.set()

    def silence(self) -> None:
        """What is connected now gets no more reply, and is not told; new connections are served."""
        self._silent = set(self._pairs)

    def __enter__(self) -> Self:
        self._silent: set[tuple[socket.socket, socket.socket]] = set()
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self.rejoin()
        self.cut()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _start(self, work, *arguments) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self._is_open:
                    client.close()
                    continue
                self._flows.wait()
                pair = client, socket.create_connection(("127.0.0.1", self._server_port))
                self._pairs.append(pair)
                self._start(self._forward, pair)

    def _forward(self, pair: tuple[socket.socket, socket.socket]) -> None:
        client, server = pair
        replies = 0
        with client, server, contextlib.suppress(OSError):
            while True:
                for side in select.select(pair, [], [])[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    self._flows.wait()
                    replies += side is server
                    if side is client and self.lose_the_reply_to and self.lose_the_reply_to in data:
                        self.lose_the_reply_to = None
                        server.sendall(data)
                        server.recv(65536)
                        return
                    if pair not in self._silent and replies <= self.replies:
                        (client if side is server else server).sendall(data)
