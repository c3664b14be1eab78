"""What happens around every request, outermost first: address and trace, errors, transaction."""

import re
from collections.abc import Callable
from urllib.parse import quote

from pyramid.config import Configurator
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW, INGRESS, MAIN

from bee_customers.api import problems
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.tracing import new_trace_id

Handler = Callable[[Request], Response]

# https://www.w3.org/TR/trace-context/: without the version, trace and parent that it calls invalid
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def address_and_trace(handler: Handler, registry: Registry) -> Handler:
    """Names the request, refuses addresses that are not text, and answers for errors of the outer tweens."""

    def tween(request: Request) -> Response:
        environ = request.environ
        environ["bee.trace_id"] = trace_id(request)
        try:
            response = _checked(handler, request)
        except Exception as error:  # outside EXCVIEW nobody else would answer
            response = problems.of_exception(error, request)
        response.headers["X-Request-ID"] = environ["bee.trace_id"]
        return response

    return tween


def _checked(handler: Handler, request: Request) -> Response:
    try:
        path = request.environ["PATH_INFO"].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return problems.render(request, problems.UNREADABLE, "The address is not valid UTF-8.")
    if _CONTROL.search(path):
        return problems.render(request, problems.UNREADABLE, "The address holds control characters.")
    request.environ["bee.instance"] = quote(path)[:200]
    if len(path) > 1 and path.endswith("/") and _is_written_as_slash(request):
        # with and without a trailing slash is one address, without a redirect
        request.environ["bee.slash"] = True
        request.environ["PATH_INFO"] = request.environ["PATH_INFO"][:-1]
    return handler(request)


def _is_written_as_slash(request: Request) -> bool:
    """And not as %2F, which is the last letter of a name."""
    written = request.environ.get("REQUEST_URI", "/")
    return bool(written.partition("?")[0].endswith("/"))


def trace_id(request: Request) -> str:
    """Of the W3C traceparent, else X-Request-ID, else a new one; nothing unsafe is echoed or logged."""
    headers = request.headers
    found, traceparent = trace_of(headers.get("traceparent", ""), headers.get("X-Request-ID", ""))
    if traceparent:
        request.environ["bee.traceparent"] = traceparent
    return found


def trace_of(traceparent: str, request_id: str) -> tuple[str, str | None]:
    """The id, and the traceparent if it is one."""
    traced = _TRACEPARENT.fullmatch(traceparent)
    if traced:
        return traced[1], traced[0]
    return (request_id if _REQUEST_ID.fullmatch(request_id) else new_trace_id()), None


def unit_of_work(handler: Handler, registry: Registry) -> Handler:
    """One transaction a request: committed before the reply leaves, rolled back on any error.

    It stands under EXCVIEW, so a failing commit is answered like every other error.
    """
    database = registry["database"]

    def tween(request: Request) -> Response:
        def attempt(unit: UnitOfWork) -> Response:
            request.unit_of_work = unit
            return handler(request)

        return transact(database, attempt, lambda response: response.status_int < 400)

    return tween


def includeme(config: Configurator) -> None:
    here = "bee_customers.api.tweens"
    config.add_tween(f"{here}.unit_of_work", under=EXCVIEW, over=MAIN)
    config.add_tween(f"{here}.address_and_trace", under=INGRESS)
