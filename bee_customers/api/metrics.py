"""/metrics for Prometheus: closed in production unless a token is set, and then only for who has it."""

import hmac

from prometheus_client import CONTENT_TYPE_LATEST
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api import limiting, problems


def metrics(request: Request) -> Response:
    settings = request.registry["settings"]
    if settings.metrics_token:
        _check(request, settings.metrics_token)
    elif not settings.is_development:
        raise problems.ProblemError(problems.NOT_FOUND, "There is nothing here.")
    body = request.registry["metrics"].exposition()
    return Response(body, headerlist=[("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(body)))])


def _check(request: Request, token: str) -> None:
    """A token that does not hold is a failed authentication, as in the API: an address may not guess for ever."""
    limiting.check_address(request)
    if not _knows(request, token):
        limiting.charge_failure(request)
        challenge = {"WWW-Authenticate": "Bearer"}
        raise problems.ProblemError(problems.UNAUTHENTICATED, "Send METRICS_TOKEN as the bearer token.", challenge)


def _knows(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # headers are Latin-1 by HTTP, and what is no ASCII cannot be compared as text
    return scheme.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode("latin-1", "replace"), token.encode()
    )


def includeme(config: Configurator) -> None:
    config.add_page("metrics", "/metrics", metrics)
