"""/metrics for Prometheus: closed in production unless a token is set, and then only for who has it."""

import hmac

from prometheus_client import CONTENT_TYPE_LATEST
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api import problems


def metrics(request: Request) -> Response:
    settings = request.registry["settings"]
    if not settings.metrics_token:
        if not settings.is_development:
            raise problems.ProblemError(problems.NOT_FOUND, "There is nothing here.")
    elif not _knows(request, settings.metrics_token):
        challenge = {"WWW-Authenticate": "Bearer"}
        raise problems.ProblemError(problems.UNAUTHENTICATED, "Send METRICS_TOKEN as the bearer token.", challenge)
    body = request.registry["metrics"].exposition()
    return Response(body, headerlist=[("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(body)))])


def _knows(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # headers are Latin-1 by HTTP, and what is no ASCII cannot be compared as text
    return scheme.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode("latin-1", "replace"), token.encode()
    )


def includeme(config: Configurator) -> None:
    config.add_page("metrics", "/metrics", metrics)
