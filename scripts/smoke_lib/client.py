"""One lasting connection to the service, and checks of what comes back."""

import http.client
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

CUSTOMERS = "/v1/customers"
JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
MAX_WAIT = 900.0


class Difference(Exception):
    """The service answered something else than the contract says."""


def shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 240 else text[:240] + "..."


def _without_equals(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in other or other[name] != value}


@dataclass(frozen=True)
class Reply:
    request: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name) or ""

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            kind = self.header("Content-Type") or "nothing"
            raise Difference(f"{self.request}: expected JSON, got {kind} (status {self.status})") from None

    def items(self) -> list[dict[str, Any]]:
        body = self.json()
        if not isinstance(body, list):
            raise Difference(f"{self.request}: expected an array, got {shown(body)}")
        return body

    def link(self, rel: str) -> str | None:
        """Path and query of the Link header's target, so that a proxy's host name does not matter."""
        for value in self.headers.get_all("Link") or []:
            for target, parameters in re.findall(r"<([^>]*)>([^<]*)", value):
                if re.search(rf'\brel="?[^";,]*\b{rel}\b', parameters):
                    parts = urlsplit(target)
                    return f"{parts.path}?{parts.query}"
        return None


@dataclass
class Service:
    url: str
    tokens: dict[str, str]
    checks: int = 0
    requests: int = 0
    waited: float = 0.0
    latest: str = "no request yet"
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        role: str | None = "admin",
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        media_type: str = JSON,
    ) -> Reply:
        """`body` is sent as JSON, or as it is when it is bytes. A 429 is waited out, as long as it asks."""
        target = path + ("?" + urlencode(query, doseq=True) if query else "")
        sent = dict(headers or {})
        if role:
            sent.setdefault("Authorization", f"Bearer {self.tokens[role]}")
        if body is not None:
            body = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = media_type
        while True:
            reply = self._send(method, target, body, sent)
            if reply.status != 429:
                return reply
            self._wait(reply)

    def _send(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        self.latest = f"{method} {target}"
        is_reused = self._connection is not None
        self._connection = self._connection or self._connect()
        try:
            self._connection.request(method, target, body, headers)
            response = self._connection.getresponse()
            self.requests += 1
            reply = Reply(self.latest, response.status, response.headers, response.read())
        except (http.client.HTTPException, OSError) as error:
            self.close()
            # A server may close an idle connection at any time: once more on a new one.
            if is_reused and isinstance(error, http.client.RemoteDisconnected | ConnectionError):
                return self._send(method, target, body, headers)
            raise Difference(f"{method} {self.url}{target}: no answer ({error or type(error).__name__})") from None
        if response.will_close:
            self.close()
        return reply

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "127.0.0.1", parts.port, timeout=30)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _wait(self, reply: Reply) -> None:
        said = reply.header("Retry-After")
        pause = max(1, int(said)) if said.isdigit() else None
        if pause is None or self.waited + pause > MAX_WAIT:
            raise Difference(
                f"{reply.request}: rate limit, Retry-After {said or 'missing'} after {self.waited:.0f}"
                " s of waiting (API_RATE=off and CUSTOMER_PATCH_RATE=off lift it)"
            )
        self.waited += pause
        time.sleep(pause)

    def expect(self, what: str, wanted: Any, got: Any) -> None:
        self.checks += 1
        if wanted != got:
            if isinstance(wanted, dict) and isinstance(got, dict):
                wanted, got = _without_equals(wanted, got), _without_equals(got, wanted)
            raise Difference(f"{what}: expected {shown(wanted)}, got {shown(got)}")

    def expect_true(self, what: str, holds: bool, got: Any = None) -> None:
        self.checks += 1
        if not holds:
            raise Difference(f"expected {what}" + (f", got {shown(got)}" if got is not None else ""))

    def expect_status(self, reply: Reply, status: int) -> Reply:
        self.checks += 1
        if reply.status != status:
            said = reply.body[:240].decode("utf-8", "replace")
            raise Difference(f"{reply.request}: expected status {status}, got {reply.status} {said}")
        return reply

    def expect_problem(self, reply: Reply, status: int) -> dict[str, Any]:
        self.expect_status(reply, status)
        media_type = reply.header("Content-Type").partition(";")[0]
        self.expect(f"{reply.request}: media type of the error", "application/problem+json", media_type)
        problem: dict[str, Any] = reply.json()
        missing = {"type", "title", "status"} - set(problem)
        self.expect(f"{reply.request}: members missing from the problem", [], sorted(missing))
        self.expect(f"{reply.request}: status in the problem", status, problem["status"])
        return problem
