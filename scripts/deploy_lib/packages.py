"""A proxy by which the machine gets Debian's packages and nothing else; packages are kept for the next run."""

import http.server
import os
import shutil
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

HOSTS = ("deb.debian.org",)
PORT = 3142
UPSTREAM_SECONDS = 60


class Proxy:
    """Serves from `close` on no longer; the address it listens on may come and go with the machine's network."""

    def __init__(self, address: str, kept: Path) -> None:
        kept.mkdir(parents=True, exist_ok=True)
        handler = type("Handler", (_Handler,), {"kept": kept})
        self._server = http.server.ThreadingHTTPServer((address, PORT), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    kept: Path

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.scheme != "http" or parts.netloc not in HOSTS:
            self.send_error(403, "Only the archive of Debian")
            return
        package = self.kept / Path(parts.path).name
        try:
            if package.suffix != ".deb":
                self._pass_on()
                return
            if not package.exists():
                self._fetch(package)
            self._send_file(package)
        except urllib.error.HTTPError as error:
            self.send_error(error.code)
        except OSError as error:
            self.send_error(502, str(error))

    def _pass_on(self) -> None:
        wanted = {name: value for name, value in self.headers.items() if name in ("If-Modified-Since", "Range")}
        with self._open(wanted) as reply:
            self.send_response(reply.status)
            for name in ("Content-Length", "Last-Modified", "Content-Range"):
                if reply.headers[name]:
                    self.send_header(name, reply.headers[name])
            self.end_headers()
            shutil.copyfileobj(reply, self.wfile)

    def _fetch(self, package: Path) -> None:
        with self._open({}) as reply, tempfile.NamedTemporaryFile(dir=self.kept, delete=False) as file:
            shutil.copyfileobj(reply, file)
        os.replace(file.name, package)

    def _send_file(self, package: Path) -> None:
        with package.open("rb") as file:
            self.send_response(200)
            self.send_header("Content-Length", str(package.stat().st_size))
            self.end_headers()
            shutil.copyfileobj(file, self.wfile)

    def _open(self, headers: dict[str, str]) -> http.client.HTTPResponse:
        request = urllib.request.Request(self.path, headers=headers)
        reply: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=UPSTREAM_SECONDS)
        return reply

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: apt says what it misses."""
