"""Every request is counted, and told in one line of the log: outermost of all tweens."""

import re
import time
from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import INGRESS

from bee_customers.api.routing import without_patterns
from bee_customers.rate_limiting.subjects import SubjectNames

Handler = Callable[[Request], Response]

UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# digits alone are shorter where they are somebody's: of a telephone, or of a person
_TRACE = re.compile(r"[0-9A-Fa-f-]{16,64}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# enough to tell callers apart
_HASH_DIGITS = 16


def method_of(request: Request) -> str:
    """One of a few: anybody may send any."""
    return request.method if request.method in _METHODS else "other"


def route_of(request: Request) -> str:
    """The pattern of the route that was matched; one name for all that were not."""
    return without_patterns(request.matched_route.pattern) if request.matched_route else UNMATCHED


def watching(handler: Handler, registry: Registry) -> Handler:
    """Counts and tells of replies by the pattern of their route: addresses and queries hold names."""
    metrics, log = registry["request_metrics"], registry["request_log"]
    names: SubjectNames = registry["logged_subjects"]

    def tween(request: Request) -> Response:
        started = time.perf_counter()
        metrics.in_progress.inc()
        try:
            response = handler(request)
        finally:
            metrics.in_progress.dec()
        _settle(request, response)
        seconds = time.perf_counter() - started
        method, route = method_of(request), route_of(request)
        status, size = response.status_int, _bytes_sent(request, response)
        metrics.count(route, method, status, seconds, size)
        problem = request.environ.get("bee.problem")
        if problem:
            metrics.count_problem(problem, request.environ.get("bee.unavailable_part"))
        if log is not None:
            log.info(
                "request",
                method=method,
                route=route,
                status=status,
                duration_ms=round(seconds * 1e3, 2),
                bytes=size,
                **_about(request, names),
            )
        return response

    return tween


def _settle(request: Request, response: Response) -> None:
    """Let a reply that depends on the request's conditions become what is sent: 304, 206 or 416.

    WebOb decides that of files only after the last tween, and then a 200 would be told.
    """
    if not response.conditional_response:
        return
    try:
        _become_what_is_sent(request, response)
    except ValueError:  # a Range of more digits than Python makes a number of is none (RFC 9110, 14.2)
        del request.environ["HTTP_RANGE"]
        _become_what_is_sent(request, response)


def _become_what_is_sent(request: Request, response: Response) -> None:
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    sent = response(request.environ, lambda status, headers, *_: begun.append((status, headers)))
    response.app_iter = sent
    ((response.status, response.headerlist),) = begun
    response.conditional_response = False


def _bytes_sent(request: Request, response: Response) -> int:
    """Of the body, where that is known; to HEAD none is sent, whatever length is named."""
    return 0 if request.method == "HEAD" else response.content_length or 0


def _about(request: Request, names: SubjectNames) -> dict[str, Any]:
    """Ids alone, and only what has the form of one."""
    environ = request.environ
    told: dict[str, Any] = {}
    told["trace_id"] = shown_trace(environ.get("bee.trace_id", ""), names)
    if "bee.problem" in environ:
        told["problem"] = environ["bee.problem"]
    customer_id = (request.matchdict or {}).get("customer_id")
    if customer_id and _UUID.fullmatch(customer_id):
        told["customer_id"] = customer_id
    identity = environ.get("bee.identity")
    if identity is not None:
        told["subject"] = _shown(identity.subject, names)
        told["roles"] = sorted(identity.roles)
    return told


def shown_trace(trace_id: str, names: SubjectNames) -> str:
    """An id as programs make them as it is. Any other came by X-Request-ID, and may be anything: its hash."""
    is_made = _TRACE.fullmatch(trace_id) or not trace_id
    return trace_id if is_made else f"hash:{names.name(trace_id)[:_HASH_DIGITS]}"


def _shown(subject: str, names: SubjectNames) -> str:
    """A UUID as it is. Any other may be somebody's name or number: a keyed hash, the same for the same caller."""
    return subject if _UUID.fullmatch(subject) else f"hash:{names.name(subject)[:_HASH_DIGITS]}"


def includeme(config: Configurator) -> None:
    here = "bee_customers.api.watching.watching"
    config.add_tween(here, under=INGRESS, over="bee_customers.api.forwarded.forwarded")
