"""/docs: Swagger UI out of the package, no outside address asked."""

import hashlib
import io
import mimetypes
from collections.abc import Callable, Iterable
from pathlib import Path

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api.problems import NOT_FOUND, ProblemError

_FILES = Path(__file__).parent / "static"
_ASSET_SECONDS = 3600
_PAGE = (_FILES / "docs.html").read_text(encoding="utf-8")
# Swagger UI styles its elements inline and draws its icons from data: addresses.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page(request: Request) -> Response:
    response = Response(_PAGE, content_type="text/html", charset="utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def asset(request: Request) -> Response:
    """A file of Swagger UI, out of memory: whoever reads slowly holds neither an open file nor a copy."""
    found = request.registry["docs_assets"].get("/".join(request.matchdict["subpath"]))
    if found is None:
        raise ProblemError(NOT_FOUND, "There is no such file.")
    return found.response(request.environ.get("wsgi.file_wrapper"))


class Asset:
    """One file, as it was at the start."""

    def __init__(self, file: Path) -> None:
        self._content = file.read_bytes()
        self._media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._etag = hashlib.sha256(self._content).hexdigest()[:32]
        self._modified = int(file.stat().st_mtime)

    def response(self, wrap: Callable[[io.BytesIO], Iterable[bytes]] | None) -> Response:
        """`wrap` is the server's own way to send a file; with it all readers share the bytes."""
        response = Response(content_type=self._media_type, conditional_response=True)
        response.app_iter = wrap(io.BytesIO(self._content)) if wrap else [self._content]
        response.content_length = len(self._content)
        response.etag, response.last_modified = self._etag, self._modified
        response.headers["Cache-Control"] = f"max-age={_ASSET_SECONDS}, public"
        return response


def _to_docs(request: Request) -> Response:
    return Response(status=302, headers={"Location": "/docs"})


def includeme(config: Configurator) -> None:
    if not config.registry["settings"].docs:
        return
    config.registry["docs_assets"] = {file.name: Asset(file) for file in _FILES.iterdir()}
    config.add_page("docs_assets", "/docs/assets/*subpath", asset)
    config.add_page("docs", "/docs", page)
    config.add_page("root", "/", _to_docs)
