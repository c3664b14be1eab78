"""/v1/customers/gdpr/erase, /v1/customers/gdpr/requests/{request_id} and a customer's /privacy-requests"""

import uuid
from typing import Any

from cornice.resource import resource
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api.customers import customer_id
from bee_customers.api.operation import CUSTOMER, UUID_PATTERN, operation
from bee_customers.api.privacy import GDPR, own_subject
from bee_customers.api.reading import JsonBody
from bee_customers.api.replies import empty_reply, json_reply
from bee_customers.api.schemas import privacy as schemas
from bee_customers.api.security_policy import scope_of
from bee_customers.security.permissions import Permission
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import customer_requests
from bee_customers.services.privacy.erasure_requests import ErasureRequests
from bee_customers.services.privacy.requests import StoredRequest

_REQUESTS = f"{GDPR}/requests"
_SHOWN = ("id", "kind", "status", "requested_at", "due_at", "completed_at")


@resource(name="erasure_requests", path=f"{GDPR}/erase")
class ErasureRequestResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Ask to be forgotten in every business; done after a time in which it can be called off",
        permission=Permission.ERASURES_REQUEST,
        replies={202: schemas.REQUEST},
        problems=(400, 409, 413, 415, 422),
        body=JsonBody(schemas.OwnUser),
        is_idempotent=True,
    )
    def post(self) -> Response:
        subject, grace = own_subject(self.request), self.request.registry["settings"].erasure_grace
        asked = _requests(self.request).ask(subject, self.request.identity.subject, utc_now(), grace)
        return json_reply(_present(asked), status=202, headers={"Location": f"{_REQUESTS}/{asked.id}"})


@resource(name="privacy_requests", path=f"{_REQUESTS}/{{request_id:{UUID_PATTERN}}}")
class PrivacyRequestResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Where a request of privacy stands; with the signed receipt once an erasure is done",
        permission=Permission.PRIVACY_REQUESTS_READ,
        replies={200: schemas.REQUEST},
        problems=(404,),
    )
    def get(self) -> Response:
        requests, request_id = _requests(self.request), _request_id(self.request)
        found = requests.get(scope_of(self.request), request_id)
        return json_reply(_present(found, requests.receipt_of(found)))

    @operation(
        "Call off an erasure that waits",
        permission=Permission.ERASURES_CANCEL,
        replies={204: None},
        problems=(404, 409),
    )
    def delete(self) -> Response:
        requests, by = _requests(self.request), self.request.identity.subject
        requests.cancel_within(scope_of(self.request), _request_id(self.request), by, utc_now())
        return empty_reply()


@resource(name="customer_privacy_requests", path=f"{CUSTOMER}/privacy-requests")
class CustomerPrivacyRequestsResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "What the person behind a customer asked for by a right of privacy: the newest 50, without receipts",
        permission=Permission.PRIVACY_REQUESTS_READ,
        replies={200: {"type": "array", "items": schemas.REQUEST}},
        problems=(404,),
    )
    def get(self) -> Response:
        registry = self.request.registry
        found = customer_requests.list_requests(
            registry["database"], scope_of(self.request), registry["subject_hashes"], customer_id(self.request)
        )
        return json_reply([{**request, "receipt": None} for request in found])


def _requests(request: Request) -> ErasureRequests:
    return ErasureRequests(request.unit_of_work.transaction, request.registry["subject_hashes"])


def _request_id(request: Request) -> uuid.UUID:
    return uuid.UUID(request.matchdict["request_id"])


def _present(found: StoredRequest, receipt: str | None = None) -> dict[str, Any]:
    shown = {name: getattr(found, name) for name in _SHOWN}
    return {**shown, "cancelled_by": _cancelled_by(found), "receipt": receipt}


def _cancelled_by(found: StoredRequest) -> str | None:
    """Who of the staff it was is told by the command line alone."""
    if found.cancelled_by is None:
        return None
    return "user" if found.is_cancelled_by_user else "staff"
