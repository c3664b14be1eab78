"""A span for each request, where traces are switched on."""

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import INGRESS

from bee_customers.api.watching import method_of, route_of

Handler = Callable[[Request], Response]


def tracing(handler: Handler, registry: Registry) -> Handler:
    """Goes on with the caller's trace. Without a tracer there is no tween either."""
    tracer = registry["tracer"]
    if tracer is None:
        return handler
    from opentelemetry.trace import SpanKind, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    extract = TraceContextTextMapPropagator().extract
    # what an error says may hold values; problems.py tells of it in the log
    options = {"kind": SpanKind.SERVER, "record_exception": False, "set_status_on_exception": False}

    def tween(request: Request) -> Response:
        context = extract({"traceparent": request.headers.get("traceparent", "")})
        with tracer.start_as_current_span("request", context, **options) as span:
            _pass_on(request, span)
            response = handler(request)
            method, route = method_of(request), route_of(request)
            span.update_name(f"{method} {route}")
            span.set_attributes(
                {
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": response.status_int,
                }
            )
            if response.status_int >= 500:
                span.set_status(StatusCode.ERROR)
        return response

    return tween


def _pass_on(request: Request, span: Any) -> None:
    """Log and events then name this trace; who gave a request id of its own finds that one in them."""
    if "traceparent" in request.headers or "X-Request-ID" not in request.headers:
        own = span.get_span_context()
        request.headers["traceparent"] = f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"


def includeme(config: Configurator) -> None:
    here = "bee_customers.api.tracing.tracing"
    config.add_tween(here, under=INGRESS, over="bee_customers.api.watching.watching")
