"""Cornice, set up by hand: the part of its includeme that this service uses.

The whole of it adds a property and two callbacks to every request, which serve its filters, its CORS and its
renderer; none of them is used here, and together they were a tenth of what a GET costs.
"""

import functools
import re

from cornice.errors import Errors
from cornice.pyramidhook import register_service_views
from cornice.util import ContentTypePredicate
from pyramid.config import Configurator
from pyramid.events import NewRequest


@functools.cache
def without_patterns(path: str) -> str:
    """The path of a route as people write it: /customers/{customer_id} without what an id looks like."""
    return re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", path)


def _prepare(event: NewRequest) -> None:
    """What Cornice's view wrapper looks for on a request."""
    event.request.validated = {}
    event.request.errors = Errors()
    event.request.info = {}


def includeme(config: Configurator) -> None:
    config.registry.cornice_services = {}
    config.add_directive("add_cornice_service", register_service_views)
    config.add_view_predicate("content_type", ContentTypePredicate)
    config.add_subscriber(_prepare, NewRequest)
