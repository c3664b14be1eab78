"""/health for load balancers and people, /health/live for whoever restarts dead processes."""

import dataclasses

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api.replies import json_reply
from bee_customers.services import health


def live(request: Request) -> Response:
    """The process answers; nothing else is asked."""
    return json_reply({"status": health.OK})


def ready(request: Request) -> Response:
    """200 for ok and degraded, 503 when the database cannot be reached and while the process drains."""
    if request.registry["draining"].is_set():
        return json_reply({"status": health.DRAINING}, status=503)
    state = request.registry["health"].check()
    return json_reply(dataclasses.asdict(state), status=503 if state.status == health.DOWN else 200)


def includeme(config: Configurator) -> None:
    config.add_page("live", "/health/live", live)
    config.add_page("health", "/health", ready)
