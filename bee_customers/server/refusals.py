"""What the server refuses before the application sees it, answered, counted and told as the application does."""

import dataclasses
import time
from typing import Any

import orjson
from waitress.task import ErrorTask
from waitress.utilities import Error

from bee_customers.api import problems
from bee_customers.api.headers import hardening_headers
from bee_customers.api.tweens import trace_of
from bee_customers.api.watching import UNMATCHED, method_of, shown_trace

BODY_BYTES_MOST = 6 * 1024 * 1024
HEADER_BYTES_MOST = 32 * 1024
_KINDS = {
    kind.status: kind
    for kind in (
        problems.TOO_LARGE,
        problems.HEADERS_TOO_LARGE,
        problems.INTERNAL,
        problems.NOT_IMPLEMENTED,
        problems.UNAVAILABLE,
    )
}
_DETAILS = {
    408: "The request took too long to arrive.",
    413: f"The body may be at most {BODY_BYTES_MOST} bytes.",
    431: f"The headers may be at most {HEADER_BYTES_MOST} bytes together.",
    500: "Something went wrong on our side.",
    501: "The transfer coding is not supported.",
    503: "The service ends before it comes to this request. Nothing was done; ask again.",
}
_RETRY_SECONDS = "1"


class Ending(Error):  # type: ignore[misc]
    """For requests that no thread has begun when the server ends."""

    code = 503
    reason = "Service Unavailable"


@dataclasses.dataclass(frozen=True)
class Refusal:
    """As much as can be known of a request that was not read to its end; `method` is empty where it is not."""

    code: int
    reason: str
    method: str
    trace_id: str

    @property
    def kind(self) -> problems.ProblemType:
        return _KINDS.get(self.code, problems.UNREADABLE)

    def body(self) -> bytes:
        return orjson.dumps(
            {
                "type": f"/problems/{self.kind.slug}",
                "title": self.kind.title,
                "status": self.code,
                "detail": _DETAILS.get(self.code, "The request is not well-formed HTTP."),
                "instance": "/",
                "trace_id": self.trace_id,
            }
        )


def refusal_of(request: Any) -> Refusal:
    """`request` is a parser that has an error; of headers too large waitress makes up a first line of its own."""
    code, sent = request.error.code, request.headers
    trace_id, _ = trace_of(sent.get("TRACEPARENT", ""), sent.get("X_REQUEST_ID", ""))
    method = "" if code == problems.HEADERS_TOO_LARGE.status else getattr(request, "command", "")
    return Refusal(code, request.error.reason, method, trace_id)


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """The answer in the API's own form; it ends the connection."""

    def execute(self) -> None:
        started = time.perf_counter()
        refusal = refusal_of(self.request)
        registry, body = self.channel.server.application.registry, refusal.body()
        self.status = f"{refusal.code} {refusal.reason}"
        self.content_length = len(body)
        self.response_headers += [
            *hardening_headers(is_development=self.channel.server.is_development),
            ("Content-Type", problems.MEDIA_TYPE),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
            ("X-Request-ID", refusal.trace_id),
            *([("Retry-After", _RETRY_SECONDS)] if refusal.code == Ending.code else []),
        ]
        self.close_on_finish = True
        self.write(body)
        _tell(registry, refusal, time.perf_counter() - started, len(body))


def _tell(registry: Any, refusal: Refusal, seconds: float, size: int) -> None:
    """One more request in the metrics, and one line in the log, as of any other."""
    metrics, log = registry["request_metrics"], registry["request_log"]
    method, problem = method_of(refusal), refusal.kind.slug
    metrics.count(UNMATCHED, method, refusal.code, seconds, size)
    metrics.count_problem(problem, None)
    if log is not None:
        log.info(
            "request",
            method=method,
            route=UNMATCHED,
            status=refusal.code,
            duration_ms=round(seconds * 1e3, 2),
            bytes=size,
            trace_id=shown_trace(refusal.trace_id, registry["logged_subjects"]),
            problem=problem,
        )
