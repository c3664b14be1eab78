"""/console: the console of staff, served out of the package as `scripts/build-console` has built it."""

import gzip
import mimetypes
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api.problems import NOT_FOUND, ProblemError
from bee_customers.api.replies import json_reply
from bee_customers.security import development
from bee_customers.services.avatar_files import PREFIX
from bee_customers.settings import Settings
from bee_customers.storage.protocol import Storage

CLIENT_ID = "bee-customers-console"
_INDEX = "index.html"
_ASSETS = "assets"
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Console</title>
<h1>The console is not built</h1>
<p>Run <code>scripts/build-console</code> in the directory of the service, then load this page again.</p>
</html>
"""
# names of assets hold a hash of what is in them
_FOR_EVER = "public, max-age=31536000, immutable"


class BuiltConsole:
    """The built files by their paths, each plain and compressed: nothing else can be asked for."""

    def __init__(self, directory: Traversable) -> None:
        self._directory = directory
        self._files: dict[str, tuple[bytes, bytes]] = {}

    def find(self, path: str) -> tuple[bytes, bytes] | None:
        """The file; reads the directory anew as long as there is no index, so that a build needs no restart."""
        if _INDEX not in self._files and self._directory.is_dir():
            self._files = {name: (content, gzip.compress(content)) for name, content in _read(self._directory)}
        return self._files.get(path)


def _read(directory: Traversable, prefix: str = "") -> list[tuple[str, bytes]]:
    found = []
    for entry in directory.iterdir():
        name = prefix + entry.name
        found += _read(entry, f"{name}/") if entry.is_dir() else [(name, entry.read_bytes())]
    return found


def page(request: Request) -> Response:
    """The asset of this path, or the index for every other one: it knows the addresses of the console."""
    path = request.matchdict.get("path", "")
    if path.partition("/")[0] == _ASSETS:
        return _asset(request, path)
    index = request.registry["console"].find(_INDEX)
    plain, packed = index or (_NOT_BUILT.encode(), gzip.compress(_NOT_BUILT.encode()))
    response = _packed(request, plain, packed, "text/html")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = request.registry["console_policy"]
    return response


def _asset(request: Request, path: str) -> Response:
    found = request.registry["console"].find(path)
    if found is None:
        raise ProblemError(NOT_FOUND, "There is no such file.")
    plain, packed = found
    response = _packed(request, plain, packed, mimetypes.guess_type(path)[0] or "application/octet-stream")
    response.headers["Cache-Control"] = _FOR_EVER
    return response


def _packed(request: Request, plain: bytes, packed: bytes, media_type: str) -> Response:
    is_text = media_type.partition("/")[0] == "text"
    response = Response(plain, content_type=media_type, charset="utf-8" if is_text else None)
    response.vary = ("Accept-Encoding",)
    accepted = request.accept_encoding
    # who says nothing may know of none
    if accepted.header_value and accepted.acceptable_offers(["gzip"]):
        response.body, response.content_encoding = packed, "gzip"
    return response


def sign_in(request: Request) -> Response:
    """How the console gets a token: where the auth service is, and whether one may be pasted."""
    settings: Settings = request.registry["settings"]
    return json_reply(
        {
            "auth_service_url": settings.auth_service_url or None,
            "client_id": CLIENT_ID,
            "is_pasting_allowed": development.can_mint(settings),
        }
    )


def policy(settings: Settings, storage: Storage) -> str:
    """Scripts and styles of our own alone; calls to the auth service too, images from where avatars are kept."""
    auth, avatars = _origin(settings.auth_service_url), _origin(storage.public_url(f"{PREFIX}x") or "")
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' blob:{avatars}; connect-src 'self'{auth}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""


def includeme(config: Configurator) -> None:
    registry = config.registry
    registry["console"] = BuiltConsole(files("bee_customers.api") / "console_files")
    registry["console_policy"] = policy(registry["settings"], registry["storage"])
    config.add_page("console_sign_in", "/console/sign-in.json", sign_in)
    config.add_page("console_root", "/console", page)
    config.add_page("console", "/console/{path:.*}", page)
