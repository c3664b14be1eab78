"""One client's connection to the service."""

import dataclasses
import http.client
import json
import time
from typing import Any

from bench.web import bearer

_SECONDS = 60


@dataclasses.dataclass(frozen=True)
class Reply:
    status: int
    etag: str
    body: Any

    @property
    def is_refused(self) -> bool:
        """What may happen while a server is away, or when there is too much to do."""
        return self.status in (429, 503)


class Caller:
    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = self._connected()
        # each staff role may do what the other may not
        self._tokens = {role: bearer(role) for role in ("admin", "internal_service")}

    def ask(
        self, method: str, path: str, body: Any = None, role: str = "admin", media: str = "json", **headers: str
    ) -> Reply:
        """Names of headers are written with underscores. A connection that ends is told as status 0."""
        sent = {**self._tokens[role], **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None:
            sent["Content-Type"] = f"application/{media}"
        try:
            self._connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = self._connected()
            return Reply(0, "", None)
        return Reply(response.status, response.headers.get("ETag", ""), json.loads(content) if content else None)

    def close(self) -> None:
        self._connection.close()

    def _connected(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=_SECONDS)


@dataclasses.dataclass
class Log:
    """What came of the requests of one client."""

    requests: int = 0
    refused: list[float] = dataclasses.field(default_factory=list)
    times_ms: list[float] = dataclasses.field(default_factory=list)
    wrong: list[str] = dataclasses.field(default_factory=list)

    def note(self, what: str, reply: Reply, expected: int, started: float) -> bool:
        """Whether it is what was expected."""
        now = time.monotonic()
        self.requests += 1
        self.times_ms.append((now - started) * 1e3)
        if reply.is_refused:
            self.refused.append(now)
        elif reply.status != expected:
            self.wrong.append(f"{what}: status {reply.status}, expected {expected}")
        return reply.status == expected
