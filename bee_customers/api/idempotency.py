"""Idempotency-Key on POST: a repeated request gets the first one's reply, and does nothing."""

import datetime
import functools
import hashlib
import re
from collections.abc import Callable
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api.body import raw_body
from bee_customers.api.problems import UNREADABLE, ProblemError
from bee_customers.api.uploads import Upload
from bee_customers.services.idempotency import IdempotencyService, KeyScope, StoredReply

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("Location", "ETag", "Content-Type")


def idempotent(method: Callable[[Any], Response]) -> Callable[[Any], Response]:
    """For a resource's method that returns a Response."""

    @functools.wraps(method)
    def wrapped(resource: Any) -> Response:
        request: Request = resource.request
        key = request.headers.get(HEADER)
        if key is None:
            return method(resource)
        if not _KEY.fullmatch(key):
            raise ProblemError(UNREADABLE, f"{HEADER} must be 1 to 255 visible ASCII characters.")
        return _once(request, key, lambda: method(resource))

    return wrapped


def _once(request: Request, key: str, work: Callable[[], Response]) -> Response:
    service = IdempotencyService(request.unit_of_work.transaction)
    scope = KeyScope(request.identity.subject, request.method, request.matched_route.pattern, _owned(request, key))
    now = datetime.datetime.now(datetime.UTC)
    stored = service.begin(scope, _request_hash(request), now)
    if stored is not None:
        return _replay(stored)
    response = work()
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    reply = StoredReply(response.status_int, headers, response.body)
    service.store(scope, _request_hash(request), reply, getattr(request, "about_customer", None), now)
    return response


def _owned(request: Request, key: str) -> str:
    """The key as one of a token's businesses: a token for others must not be given its reply."""
    businesses = request.identity.businesses
    if businesses is None:
        return key
    return f"{key} {hashlib.sha256(''.join(sorted(map(str, businesses))).encode()).hexdigest()}"


def _request_hash(request: Request) -> str:
    """Of the body as sent; of an upload its content, for a client that asks again frames it anew."""
    body = request.validated.get("body")
    sent = body.digest.encode() if isinstance(body, Upload) else raw_body(request)
    return hashlib.sha256(request.path_qs.encode() + b"\n" + sent).hexdigest()


def _replay(stored: StoredReply) -> Response:
    response = Response(stored.body, status=stored.status)
    response.headers.update(stored.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response
