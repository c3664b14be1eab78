"""Every error as application/problem+json (RFC 9457), rendered in this one file.

Bodies hold ids and rules, never values, names of internals or stack traces.
"""

import dataclasses
import logging
import traceback
from collections.abc import Iterable
from typing import Any

import orjson
from pyramid.config import Configurator
from pyramid.exceptions import URLDecodeError
from pyramid.httpexceptions import HTTPException, HTTPForbidden
from pyramid.request import Request
from pyramid.response import Response

from bee_customers import errors
from bee_customers.api import conditional

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_FAULTS_MOST = 50
_INSUFFICIENT = 'Bearer error="insufficient_scope"'


@dataclasses.dataclass(frozen=True)
class ProblemType:
    """A kind of error; `slug` is the stable end of its URI."""

    slug: str
    status: int
    title: str


UNREADABLE = ProblemType("unreadable", 400, "The request cannot be read")
UNAUTHENTICATED = ProblemType("unauthenticated", 401, "A bearer token is needed")
FORBIDDEN = ProblemType("forbidden", 403, "The token does not allow this")
NOT_FOUND = ProblemType("not-found", 404, "There is nothing here")
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", 405, "The method is not allowed here")
NOT_ACCEPTABLE = ProblemType("not-acceptable", 406, "No acceptable media type")
EXISTS = ProblemType("already-exists", 409, "It exists already")
CONFLICT = ProblemType("conflict", 409, "The request does not fit the present state")
KEY_IN_FLIGHT = ProblemType("idempotency-key-in-flight", 409, "A request with this key is being worked on")
GONE = ProblemType("gone", 410, "It was here and is no more")
VERSION_MISMATCH = ProblemType("version-mismatch", 412, "The customer has changed")
TOO_LARGE = ProblemType("too-large", 413, "The request is too large")
UNSUPPORTED = ProblemType("unsupported-media-type", 415, "The media type is not supported")
INVALID = ProblemType("invalid", 422, "The request breaks a rule")
KEY_REUSED = ProblemType("idempotency-key-reused", 422, "The key was used with another body")
RATE_LIMITED = ProblemType("rate-limited", 429, "Too many requests")
HEADERS_TOO_LARGE = ProblemType("headers-too-large", 431, "The headers are too large")
INTERNAL = ProblemType("internal", 500, "Something went wrong on our side")
NOT_IMPLEMENTED = ProblemType("not-implemented", 501, "The transfer coding is not supported")
UNAVAILABLE = ProblemType("unavailable", 503, "The service cannot answer right now")

ALL = {value.slug: value for value in list(globals().values()) if isinstance(value, ProblemType)}
BY_STATUS = {problem.status: problem for problem in reversed(ALL.values())}

# What the doors make of the domain's errors.
OF_ERROR: dict[type[Exception], ProblemType] = {
    errors.InvalidDocument: INVALID,
    errors.InvalidField: INVALID,
    errors.MalformedPatch: UNREADABLE,
    errors.InvalidCursor: UNREADABLE,
    errors.PatchConflict: CONFLICT,
    errors.PatchTooLarge: TOO_LARGE,
    errors.ImageTooLarge: TOO_LARGE,
    errors.UnsupportedImage: UNSUPPORTED,
    errors.DamagedImage: INVALID,
    errors.CustomerNotFound: NOT_FOUND,
    errors.NoteNotFound: NOT_FOUND,
    errors.TagNotFound: NOT_FOUND,
    errors.RequestNotFound: NOT_FOUND,
    errors.ExportNotFound: NOT_FOUND,
    errors.ExportGone: GONE,
    errors.LinkExpired: GONE,
    errors.SubjectNotAllowed: FORBIDDEN,
    errors.SubjectElsewhere: FORBIDDEN,
    errors.SubjectNotKnown: NOT_FOUND,
    errors.RequestUnderWay: CONFLICT,
    errors.SubjectHasUser: CONFLICT,
    errors.SubjectBusy: CONFLICT,
    errors.TagExists: EXISTS,
    errors.TagInUse: CONFLICT,
    errors.FileNotStored: NOT_FOUND,
    errors.CustomerExists: EXISTS,
    errors.BusinessNotAllowed: FORBIDDEN,
    errors.VersionMismatch: VERSION_MISMATCH,
    errors.IdempotencyKeyInFlight: KEY_IN_FLIGHT,
    errors.IdempotencyKeyReused: KEY_REUSED,
    errors.TransactionConflict: UNAVAILABLE,
    errors.DatabaseUnavailable: UNAVAILABLE,
    errors.KeysUnavailable: UNAVAILABLE,
    errors.StorageUnavailable: UNAVAILABLE,
    errors.DecodersBusy: UNAVAILABLE,
    URLDecodeError: UNREADABLE,
}
# Of those that are nobody's fault: what did not do its work.
_PARTS: dict[type[Exception], str] = {
    errors.TransactionConflict: "transactions",
    errors.DatabaseUnavailable: "database",
    errors.KeysUnavailable: "keys",
    errors.StorageUnavailable: "storage",
    errors.DecodersBusy: "decoders",
}
PARTS = frozenset({*_PARTS.values(), "other"})


class ProblemError(Exception):
    """Raised by what reads requests: a problem that no service needs to know of."""

    def __init__(self, problem: ProblemType, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.problem = problem
        self.headers = headers or {}


class InvalidQuery(Exception):
    """One or more query parameters that do not hold; each fault's pointer is a parameter's name."""

    def __init__(self, faults: list[errors.FieldFault]) -> None:
        super().__init__("the query breaks a rule")
        self.faults = faults


def render(
    request: Request,
    problem: ProblemType,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    extensions: dict[str, Any] | None = None,
) -> Response:
    """The one place where an error becomes bytes."""
    request.environ["bee.problem"] = problem.slug
    document = {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "instance": request.environ.get("bee.instance", "/"),
        "trace_id": trace_id_of(request),
        **(extensions or {}),
    }
    response = Response(orjson.dumps(document), status=problem.status, content_type=MEDIA_TYPE, charset=None)
    response.headers.update(headers or {})
    return response


def trace_id_of(request: Request) -> str:
    return str(request.environ.get("bee.trace_id", ""))


def of_exception(error: Exception, request: Request) -> Response:
    """The reply to any exception that reached the door."""
    if isinstance(error, ProblemError):
        return render(request, error.problem, str(error), headers=error.headers)
    if isinstance(error, InvalidQuery):
        return render(request, INVALID, str(error), extensions=_faults("parameter", error.faults))
    if isinstance(error, HTTPForbidden):
        return _denied(request)
    if isinstance(error, HTTPException):
        return _of_http_exception(error, request)
    problem = next((found for kind, found in OF_ERROR.items() if isinstance(error, kind)), None)
    if problem is None:
        _tell(error, request)
        return render(request, INTERNAL, "It has been logged under the trace id.")
    return _of_domain_error(error, problem, request)


def _of_domain_error(error: Exception, problem: ProblemType, request: Request) -> Response:
    headers, extensions = {}, {}
    if isinstance(error, errors.InvalidDocument):
        return render(
            request,
            problem,
            "The document breaks one or more rules.",
            extensions=_faults("pointer", error.faults),
        )
    if isinstance(error, errors.VersionMismatch):
        headers = {"ETag": conditional.etag(error.version)}
    if isinstance(error, errors.CustomerExists):
        extensions = {"customer_id": str(error.customer_id)}
    if isinstance(error, errors.SubjectBusy):
        headers = {"Retry-After": "5"}
    if problem is FORBIDDEN:
        headers = {"WWW-Authenticate": _INSUFFICIENT}
    if problem is UNAVAILABLE:
        if not isinstance(error, errors.DatabaseRefused):
            _warn(error, request)
        request.environ["bee.unavailable_part"] = _part_of(error)
        headers = {"Retry-After": "2"}
    detail = "The address is not valid UTF-8." if isinstance(error, URLDecodeError) else str(error)
    return render(request, problem, detail, headers=headers, extensions=extensions)


def _warn(error: Exception, request: Request) -> None:
    code = getattr(error.__cause__, "pgcode", None) or "none"
    told = {"trace_id": trace_id_of(request), "error": type(error).__name__, "sqlstate": code}
    log.warning("unavailable: %s, SQLSTATE %s, trace id %s", error, code, trace_id_of(request), extra=told)


def _tell(error: Exception, request: Request) -> None:
    """Where it happened, and not what it says: messages of drivers and libraries hold values."""
    where = "".join(traceback.format_tb(error.__traceback__))
    code = getattr(error, "pgcode", None) or "none"
    told = (type(error).__name__, code, trace_id_of(request), where)
    extra = {"trace_id": trace_id_of(request), "error": type(error).__name__, "sqlstate": code}
    log.error("unexpected %s, SQLSTATE %s, trace id %s\n%s", *told, extra=extra)
    report = request.registry.get("report")
    if report is not None:
        report(error, {"trace_id": trace_id_of(request)})


def _part_of(error: Exception) -> str:
    return next((part for kind, part in _PARTS.items() if isinstance(error, kind)), "other")


def _of_http_exception(error: HTTPException, request: Request) -> Response:
    problem = BY_STATUS.get(error.status_int, INTERNAL)
    allow = error.headers.get("Allow")
    return render(request, problem, f"{problem.title}.", headers={"Allow": allow} if allow else None)


def _denied(request: Request) -> Response:
    """401 where nobody is known, 403 where somebody lacks the right; the challenge of RFC 6750."""
    reason = request.environ.get("bee.invalid_token")
    if request.identity is not None:
        headers = {"WWW-Authenticate": _INSUFFICIENT}
        return render(request, FORBIDDEN, "The token's roles do not allow this.", headers=headers)
    challenge = f'Bearer error="invalid_token", error_description="{reason}"' if reason else "Bearer"
    detail = f"The bearer token was refused: {reason}." if reason else "Send Authorization: Bearer and a token."
    return render(request, UNAUTHENTICATED, detail, headers={"WWW-Authenticate": challenge})


def _faults(key: str, faults: Iterable[errors.FieldFault]) -> dict[str, Any]:
    shown = list(faults)[:_FAULTS_MOST]
    return {"errors": [{key: fault.pointer[:200], "detail": fault.detail} for fault in shown]}


def describe(request: Request) -> Response:
    """GET /problems/{slug}: what a problem type means."""
    problem = ALL.get(request.matchdict["slug"])
    if problem is None:
        return render(request, NOT_FOUND, "There is no such problem type.")
    return Response(json_body=dataclasses.asdict(problem), content_type="application/json", charset=None)


def includeme(config: Configurator) -> None:
    for context in (Exception, HTTPException, HTTPForbidden):
        config.add_exception_view(of_exception, context=context)
    config.add_page("problem", "/problems/{slug}", describe)
