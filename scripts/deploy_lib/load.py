"""A constant load of reads and writes, each request on a connection of its own, as from many clients."""

import http.client
import itertools
import json
import math
import re
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 20


@dataclass
class Target:
    """Where the service is, and whom it believes."""

    host: str
    port: int
    certificate: str
    token: str

    def send(
        self, method: str, path: str, body: object = None, media: str = "application/json"
    ) -> tuple[int, bytes]:
        status, reply, _ = self.exchange(method, path, body, media)
        return status, reply

    def is_well(self) -> bool:
        try:
            status, body = self.send("GET", "/health")
        except OSError:
            return False
        return status == 200 and json.loads(body)["status"] == "ok"

    def pages(self, path: str) -> Iterator[list[dict[str, Any]]]:
        """Every page of a list, by the links to the next one."""
        while path:
            _, reply, headers = self.exchange("GET", path)
            yield json.loads(reply)
            following = re.search(r'<([^>]*)>; *rel="next"', headers.get("Link") or "")
            parts = urlsplit(following.group(1)) if following else None
            path = f"{parts.path}?{parts.query}" if parts else ""

    def exchange(
        self, method: str, path: str, body: object = None, media: str = "application/json"
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        context = ssl.create_default_context(cafile=self.certificate)
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = media
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers
        finally:
            connection.close()


@dataclass
class Load:
    """`rate` requests a second until `stop`; what fails is kept word by word."""

    target: Target
    business: str
    customers: list[str]
    rate: int = 50
    threads: int = 20
    millis: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    started: float = 0.0
    ended: float = 0.0

    def __post_init__(self) -> None:
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._workers = [threading.Thread(target=self._work) for _ in range(self.threads)]

    def start(self) -> None:
        self.started = time.monotonic()
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        self._stopping.set()
        for worker in self._workers:
            worker.join()
        self.ended = time.monotonic()

    @property
    def line(self) -> str:
        ordered = sorted(self.millis)
        p99, slowest = (ordered[math.ceil(len(ordered) * part) - 1] for part in (0.99, 1)) if ordered else (0, 0)
        rate = len(ordered) / (self.ended - self.started)
        asked = f"{len(ordered)} requests, {rate:.0f}/s, {len(self.failures)} failed"
        return f"{asked}, p99 {p99:.0f} ms, slowest {slowest:.0f} ms"

    def _work(self) -> None:
        while True:
            with self._lock:
                number = next(self._numbers)
            # when each is due is fixed beforehand, so that a slow service is not asked less
            if self._stopping.wait(max(0.0, self.started + number / self.rate - time.monotonic())):
                return
            self._ask(number)

    def _ask(self, number: int) -> None:
        method, path, body, media, wanted = self._request(number)
        began = time.monotonic()
        try:
            status, reply = self.target.send(method, path, body, media)
            fault = "" if status == wanted else f"{status} {reply[:200]!r}"
        except (OSError, http.client.HTTPException) as error:
            fault = repr(error)
        self.millis.append((time.monotonic() - began) * 1000)
        if fault:
            self.failures.append(f"{time.monotonic() - self.started:.1f} s: {method} {path}: {fault}")

    def _request(self, number: int) -> tuple[str, str, object, str, int]:
        customer = f"/v1/customers/{self.customers[number % len(self.customers)]}"
        if number % 10 == 0:
            body = {"business_id": self.business, "full_name": f"Load {number}", "user_id": str(uuid.uuid4())}
            return "POST", "/v1/customers", body, "application/json", 201
        if number % 10 == 5:
            patch = [{"op": "replace", "path": "/full_name", "value": f"Load {number}"}]
            return "PATCH", customer, patch, "application/json-patch+json", 200
        if number % 10 == 7:
            return "GET", f"/v1/customers?business_id={self.business}&limit=20", None, "", 200
        return "GET", customer, None, "", 200
