"""Cornice, set up by hand: the part of its includeme that this service uses.

The whole of it adds a property and two callbacks to every request, which serve its filters, its CORS and its
renderer; none of them is used here, and together they were a tenth of what a GET costs.
"""

import functools
import re
from typing import Any

from cornice.errors import Errors
from cornice.pyramidhook import register_service_views
from cornice.util import ContentTypePredicate
from pyramid.config import Configurator
from pyramid.request import Request


@functools.cache
def without_patterns(path: str) -> str:
    """The path of a route as people write it: /customers/{customer_id} without what an id looks like."""
    return re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", path)


class PreparedRequest(Request):  # type: ignore[misc]
    """With what Cornice's view wrapper looks for on a request.

    No subscriber does it, so Pyramid has none to look for, four times a request. And what a class names WebOb
    keeps as attributes, and not in the environment.
    """

    validated: dict[str, Any] = {}
    errors: Errors = Errors()
    info: dict[str, Any] = {}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.validated, self.errors, self.info = {}, Errors(), {}


def includeme(config: Configurator) -> None:
    config.registry.cornice_services = {}
    config.add_directive("add_cornice_service", register_service_views)
    config.add_view_predicate("content_type", ContentTypePredicate)
    config.set_request_factory(PreparedRequest)
