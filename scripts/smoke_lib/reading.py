"""Steps that change nothing: health, documentation, rights, single customers."""

import uuid
from typing import Any

from smoke_lib.client import CUSTOMERS
from smoke_lib.sample import Run

ROUTES = {
    ("post", CUSTOMERS),
    ("get", CUSTOMERS),
    ("get", CUSTOMERS + "/{}"),
    ("patch", CUSTOMERS + "/{}"),
    ("delete", CUSTOMERS + "/{}"),
    ("get", CUSTOMERS + "/{}/events"),
}


def health(run: Run) -> None:
    service = run.service
    ready = service.expect_status(service.call("GET", "/health", role=None), 200).json()
    service.expect_true("/health to say ok or degraded", ready.get("status") in ("ok", "degraded"), ready)
    service.expect_status(service.call("GET", "/health/live", role=None), 200)


def documentation(run: Run) -> None:
    service = run.service
    document = service.expect_status(service.call("GET", "/openapi.json", role=None), 200).json()
    service.expect("/openapi.json: openapi", "3.1", ".".join(str(document.get("openapi")).split(".")[:2]))
    described = {(method, _anonymous(path)) for path, item in document["paths"].items() for method in item}
    service.expect("/openapi.json: routes missing", [], sorted(ROUTES - described))
    page = service.expect_status(service.call("GET", "/docs", role=None), 200)
    service.expect("/docs: media type", "text/html", page.header("Content-Type").partition(";")[0])


def _anonymous(path: str) -> str:
    """`/v1/customers/{customer_id}/` as `/v1/customers/{}`."""
    parts = path.rstrip("/").split("/")
    return "/".join("{}" if part.startswith("{") else part for part in parts)


def rights(run: Run) -> None:
    service = run.service
    signature_at = service.tokens["admin"].rindex(".") + 10
    forged = list(service.tokens["admin"])
    forged[signature_at] = "A" if forged[signature_at] != "A" else "B"
    for headers in ({}, {"Authorization": "Bearer " + "".join(forged)}):
        reply = service.call("GET", CUSTOMERS, role=None, headers=headers)
        service.expect_problem(reply, 401)
        challenge = reply.header("WWW-Authenticate")
        service.expect_true("WWW-Authenticate: Bearer with 401", challenge.startswith("Bearer"), challenge)
    service.expect_problem(service.call("GET", CUSTOMERS, role="customer"), 403)
    service.expect_problem(service.call("POST", CUSTOMERS, run.customers[0].sent, role="customer"), 403)


def single_customers(run: Run) -> None:
    service = run.service
    for number, customer in enumerate(run.created):
        reply = service.expect_status(service.call("GET", customer.path), 200)
        service.expect(f"{reply.request}: the body that POST gave", customer.body, reply.json())
        service.expect(f"{reply.request}: the ETag that POST gave", customer.etag, reply.header("ETag"))
        if number % 10 == 0:
            same = service.call("GET", customer.path, headers={"If-None-Match": customer.etag})
            service.expect_status(same, 304)
            service.expect(f"{same.request}: body of a 304", "", same.body.decode())


def own_profile(run: Run) -> None:
    service = run.service
    own = [customer for customer in run.created if customer.body["user_id"] == run.subject]
    other = next(customer for customer in run.created if customer.body["user_id"] != run.subject)
    for customer in own:
        reply = service.expect_status(service.call("GET", customer.path, role="customer"), 200)
        seen = reply.json()
        service.expect_true("a customer not to be shown its tags", "tags" not in seen, seen)
        known = {name: customer.body.get(name) for name in {"id", "full_name", "email", "phone", *seen}}
        service.expect(f"{reply.request} as the customer", known, seen)
    theirs = service.expect_problem(service.call("GET", other.path, role="customer"), 404)
    unknown = service.call("GET", f"{CUSTOMERS}/{uuid.uuid4()}", role="customer")
    service.expect("404 of another's customer", _told(service.expect_problem(unknown, 404)), _told(theirs))


def _told(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name not in ("instance", "trace_id")}
