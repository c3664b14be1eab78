"""Rate limits at the door: who has asked too often gets 429, and everyone is told how it stands.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

import math

from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api.problems import RATE_LIMITED, ProblemError
from bee_customers.rate_limiting.limiter import Standing
from bee_customers.rate_limiting.rate_limits import RateLimits, Verdict

_TOLD = "bee.rate_limit"


class Limited:
    """The first reader of a view: charges the caller once a request, before anything of the request is read."""

    def __init__(self, *, is_patch_of_customer: bool) -> None:
        self._is_patch_of_customer = is_patch_of_customer

    def __call__(self, request: Request, **_: object) -> None:
        if _TOLD in request.environ:
            return  # the second attempt at the same request, after a deadlock
        # an id may be written in capitals, and is the same
        customer = request.matchdict["customer_id"].lower() if self._is_patch_of_customer else None
        limits: RateLimits = request.registry["rate_limits"]
        _tell(request, limits.of_caller(request.identity.subject, customer))


def charge_failure(request: Request) -> None:
    """For a request without a token that holds; raises ProblemError once there were too many."""
    limits: RateLimits = request.registry["rate_limits"]
    _tell(request, limits.of_failure(_address(request)))


def check_address(request: Request) -> None:
    """Raises ProblemError for an address that has failed too often, before any token is looked at."""
    limits: RateLimits = request.registry["rate_limits"]
    _tell(request, limits.of_address(_address(request)))


def _address(request: Request) -> str:
    return str(request.environ.get("REMOTE_ADDR") or "")


def _tell(request: Request, verdict: Verdict | None) -> None:
    if verdict is None:
        return
    request.environ[_TOLD] = _headers(verdict)
    request.add_response_callback(_add_headers)
    if verdict.is_refused:
        policy = verdict.standing.policy
        detail = (
            f"{policy.limit} requests in {policy.seconds} seconds are allowed here."
            f" Come again in {verdict.retry_seconds} seconds; before that, each request makes the wait longer."
        )
        raise ProblemError(RATE_LIMITED, detail, {"Retry-After": str(verdict.retry_seconds)})


def _add_headers(request: Request, response: Response) -> None:
    response.headerlist += request.environ[_TOLD]


def _headers(verdict: Verdict) -> list[tuple[str, str]]:
    policy = verdict.standing.policy
    left = 0 if verdict.is_refused else verdict.standing.remaining
    return [
        ("RateLimit-Policy", f'"{policy.name}";q={policy.limit};w={policy.seconds}'),
        ("RateLimit", f'"{policy.name}";r={left};t={_seconds(verdict)}'),
    ]


def _seconds(verdict: Verdict) -> int:
    """Where something is left, how long the window lasts; else how long it takes until there is."""
    if verdict.is_refused:
        return verdict.retry_seconds
    standing: Standing = verdict.standing
    return math.ceil((standing.window_ms if standing.remaining else standing.wait_ms) / 1000)
