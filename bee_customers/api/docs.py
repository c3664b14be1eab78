"""/docs: Swagger UI out of the package, no outside address asked."""

from importlib.resources import files

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

_PAGE = (files("bee_customers.api") / "static" / "docs.html").read_text(encoding="utf-8")
# Swagger UI styles its elements inline and draws its icons from data: addresses.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page(request: Request) -> Response:
    response = Response(_PAGE, content_type="text/html", charset="utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def includeme(config: Configurator) -> None:
    config.add_static_view(
        "docs/assets", "bee_customers:api/static", cache_max_age=3600, permission=NO_PERMISSION_REQUIRED
    )
    config.add_page("docs", "/docs", page)
    config.add_page("root", "/", _to_docs)


def _to_docs(request: Request) -> Response:
    return Response(status=302, headers={"Location": "/docs"})
