"""A caller of the API: WebTest with a token."""

import json
import time
import uuid
from typing import Any

import jwt
from webtest import TestApp, TestResponse

SECRET = "a shared secret for the tests, and only for them"
CUSTOMERS = "/v1/customers"


def make_token(
    *roles: str, subject: str | None = None, key: str = SECRET, algorithm: str = "HS256", **claims: Any
) -> str:
    """A token that holds; any claim can be replaced, and left out by giving None."""
    now = int(time.time())
    standard = {
        "iss": "bee-auth",
        "aud": "bee-customers",
        "sub": subject or str(uuid.uuid4()),
        "roles": list(roles),
        "iat": now,
        # some are made when tests are collected, and used by the last of them
        "exp": now + 3600,
    }
    kept = {name: value for name, value in (standard | claims).items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


class Client:
    """Sends requests as somebody; `get`, `post`, ... take a path below /v1/customers and any status."""

    def __init__(self, app: TestApp, token: str | None = None) -> None:
        self.app = app
        self.token = token

    def as_(self, *roles: str, **claims: Any) -> "Client":
        return Client(self.app, make_token(*roles, **claims))

    def with_token(self, token: str | None) -> "Client":
        return Client(self.app, token)

    def get(self, path: str = "", **headers: str) -> TestResponse:
        return self._send("GET", path, None, None, headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self._send("DELETE", path, None, None, headers)

    def post(self, document: Any, path: str = "", **headers: str) -> TestResponse:
        return self._send("POST", path, document, "application/json", headers)

    def put(self, path: str, document: Any, **headers: str) -> TestResponse:
        return self._send("PUT", path, document, "application/json", headers)

    def patch(self, path: str, operations: Any, **headers: str) -> TestResponse:
        """A JSON Patch."""
        return self._send("PATCH", path, operations, "application/json-patch+json", headers)

    def merge(self, path: str, document: Any, **headers: str) -> TestResponse:
        """A merge patch."""
        return self._send("PATCH", path, document, "application/merge-patch+json", headers)

    def _send(
        self, method: str, path: str, document: Any, media_type: str | None, headers: dict[str, str]
    ) -> TestResponse:
        """Header names are written with underscores; a document of bytes is sent as it is."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        options: dict[str, Any] = {"headers": sent, "expect_errors": True, "method": method}
        if media_type is not None:
            sent.setdefault("Content-Type", media_type)
            options["body"] = document if isinstance(document, bytes) else _json(document)
        address = path if path.startswith(("/v1", "/health")) else CUSTOMERS + path
        return self.app.request(address, **options)


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
