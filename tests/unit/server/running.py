"""An application whose requests last as long as a test wants, and what clients of its server send and read."""

import socket
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry

from bee_customers.api.request_metrics import RequestMetrics
from bee_customers.rate_limiting.subjects import SubjectNames
from bee_customers.server.metrics import ServerMetrics
from tests.servers import wait_until

HEAD = b" HTTP/1.1\r\nHost: x\r\n"
GET = b"GET /quick" + HEAD + b"\r\n"


class Application:
    """Answers at once, but for /slow, which waits until it may go on; /large gives BODY."""

    BODY = b""

    def __init__(self) -> None:
        self.counted = CollectorRegistry()
        self.lines: list[dict[str, Any]] = []
        self.registry = {
            "draining": threading.Event(),
            "request_metrics": RequestMetrics(self.counted),
            "server_metrics": ServerMetrics(self.counted),
            "logged_subjects": SubjectNames(b"key"),
            "request_log": SimpleNamespace(info=lambda _, **line: self.lines.append(line)),
        }
        self.may_go_on = threading.Event()
        self.slow = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read()
        if environ["PATH_INFO"] == "/slow":
            self.slow += 1
            assert self.may_go_on.wait(20)
        reply = self.BODY if environ["PATH_INFO"] == "/large" else b"%d" % len(body)
        start_response("200 OK", [("Content-Length", str(len(reply)))])
        return [reply]


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def reply(client: socket.socket) -> bytes:
    """One whole reply, which ends with its one letter of body."""
    received = b""
    while b"\r\n\r\n" not in received or received.endswith(b"\r\n\r\n"):
        piece = client.recv(65_536)
        if not piece:
            break
        received += piece
    return received


def begin_slow(application: Application, client: socket.socket) -> None:
    client.sendall(b"GET /slow" + HEAD + b"\r\n")
    wait_until(lambda: application.slow == 1, 5, "the request to be worked on")


def value(application: Application, name: str, **labels: str) -> float:
    """Of a metric, without the beginning of its name that all share; 0 for what was not counted."""
    return application.counted.get_sample_value(f"bee_customers_http_{name}", labels) or 0.0
