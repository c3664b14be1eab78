"""A small auth service at the edge of the tests: signs everybody in by the authorization code flow with PKCE."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.client import make_token

CLIENT_ID = "bee-customers-console"
# who signs in, again and again: another person is shown nothing of what the one before left open
PERSON = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c01"


class _Handler(BaseHTTPRequestHandler):
    challenges: dict[str, dict[str, str]]

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, _flat(urlsplit(self.path).query)
        if path == "/.well-known/oauth-authorization-server":
            self._answer(200, self._metadata())
        elif path == "/authorize" and query["client_id"] == CLIENT_ID:
            code = secrets.token_urlsafe()
            self.challenges[code] = query
            back = f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
            self._answer(302, None, Location=back)
        else:
            self._answer(404, None)

    def do_POST(self) -> None:
        form = _flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
        begun = self.challenges.pop(form["code"], None)
        if begun and begun["code_challenge"] == _challenge(form["code_verifier"]):
            self._answer(200, {"access_token": make_token("admin", subject=PERSON), "token_type": "Bearer"})
        else:
            self._answer(400, {"error": "invalid_grant"})

    def log_message(self, *_: object) -> None:
        pass

    def _metadata(self) -> dict[str, object]:
        here = f"http://{self.headers['Host']}"
        return {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "code_challenge_methods_supported": ["S256"],
        }

    def _answer(self, status: int, document: object, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if document is not None:
            self.wfile.write(json.dumps(document).encode())


@contextmanager
def auth_service() -> Iterator[str]:
    """Its address."""
    handler = type("Handler", (_Handler,), {"challenges": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
