"""Addresses that anyone may read: health, documents, pages."""

from collections.abc import Callable

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPMethodNotAllowed
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

_METHODS = ("GET", "HEAD")


def add_page(config: Configurator, name: str, path: str, view: Callable[[Request], Response]) -> None:
    """The configurator's directive `add_page`: GET and HEAD for anyone, 405 with Allow for the rest."""
    config.add_route(name, path)
    config.add_view(view, route_name=name, request_method=_METHODS, permission=NO_PERMISSION_REQUIRED)
    config.add_view(_refuse, route_name=name, permission=NO_PERMISSION_REQUIRED)


def _refuse(request: Request) -> Response:
    raise HTTPMethodNotAllowed(headers={"Allow": ", ".join(_METHODS)})


def includeme(config: Configurator) -> None:
    config.add_directive("add_page", add_page)
