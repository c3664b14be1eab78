"""Headers every reply carries for browsers: CORS by list, and the usual hardening."""

from collections.abc import Callable

from pyramid.config import Configurator
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW

Handler = Callable[[Request], Response]

_HARDENING = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # personal data is nobody's to keep on the way
    "Cache-Control": "no-store",
}
_STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
_ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_ALLOWED_HEADERS = (
    "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, X-Request-ID, traceparent"
)
_EXPOSED_HEADERS = "ETag, Link, Location, X-Total-Count, X-Request-ID, Retry-After, RateLimit, RateLimit-Policy"


def hardening_headers(*, is_development: bool) -> list[tuple[str, str]]:
    """What every reply carries, unless it has its own."""
    return [*_HARDENING.items(), *([] if is_development else [_STRICT_TRANSPORT])]


def hardening(handler: Handler, registry: Registry) -> Handler:
    """Sets what the view did not set itself."""
    headers = hardening_headers(is_development=registry["settings"].is_development)
    by_name = [(name.lower(), (name, value)) for name, value in headers]

    def tween(request: Request) -> Response:
        response = handler(request)
        set_already = {name.lower() for name, _ in response.headerlist}
        response.headerlist += [header for name, header in by_name if name not in set_already]
        return response

    return tween


def cors(handler: Handler, registry: Registry) -> Handler:
    """Answers preflights and marks replies for the origins of CORS_ORIGINS; never with credentials."""
    origins = frozenset(registry["settings"].cors_origins)

    def tween(request: Request) -> Response:
        origin = request.headers.get("Origin")
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = Response(status=204) if origin and is_preflight else handler(request)
        if "*" not in origins:
            response.vary = (*(response.vary or ()), "Origin")
        if origin and ("*" in origins or origin in origins):
            _allow(response, "*" if "*" in origins else origin, is_preflight)
        return response

    return tween


def _allow(response: Response, origin: str, is_preflight: bool) -> None:
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if is_preflight:
        response.headers["Access-Control-Allow-Methods"] = _ALLOWED_METHODS
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = "600"
    else:
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS


def includeme(config: Configurator) -> None:
    here = "bee_customers.api.headers"
    config.add_tween(f"{here}.cors", over=EXCVIEW)
    config.add_tween(f"{here}.hardening", over="bee_customers.api.tweens.address_and_trace")
