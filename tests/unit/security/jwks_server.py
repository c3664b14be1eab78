"""An auth service that serves whatever a test tells it, and counts how often it is asked."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class JwksServer(ThreadingHTTPServer):
    """`answer` is JSON or bytes; `status` and `location` make it something else than a good answer."""

    daemon_threads = True

    def __init__(self, *keys):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = {"keys": list(keys)}
        self.status = 200
        self.location = None
        self.paths = []
        self.thawed = threading.Event()
        self.thawed.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/.well-known/jwks.json"

    def handle_error(self, request, client_address):
        """A client that gave up waiting is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.paths.append(self.path)
        server.thawed.wait(30)
        body = server.answer if isinstance(server.answer, bytes) else json.dumps(server.answer).encode()
        self.send_response(server.status)
        if server.location:
            self.send_header("Location", server.location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def serving(*keys):
    with JwksServer(*keys) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.thawed.set()
            server.shutdown()
            thread.join()
