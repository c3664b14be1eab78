"""Steps that create, change and delete."""

import json
import uuid
from datetime import datetime
from typing import Any

from smoke_lib.client import CUSTOMERS, JSON_PATCH, MERGE_PATCH, Reply
from smoke_lib.sample import Customer, Run, comparable, fold, stored

IONUT = [
    {"op": "replace", "path": "/full_name", "value": "Ionuț Popescu"},
    {"op": "add", "path": "/tags/-", "value": "VIP"},
]


def create(run: Run, sent: dict[str, Any], key: str | None = None) -> Reply:
    headers = {"Idempotency-Key": key} if key else {}
    return run.service.call("POST", CUSTOMERS, sent, role="internal_service", headers=headers)


def create_all(run: Run) -> None:
    service = run.service
    for line, customer in enumerate(run.customers, 1):
        reply = service.expect_status(create(run, customer.sent, customer.key), 201)
        customer.body, customer.etag = reply.json(), reply.header("ETag")
        run.created.append(customer)
        service.expect(f"sample line {line}", stored(customer.sent), comparable(customer.body))
        service.expect_true("a strong ETag on POST", customer.etag.startswith('"'), customer.etag)
        location = reply.header("Location")
        service.expect_true("Location to name the id", location.rstrip("/").endswith(customer.path), location)


def repeats(run: Run) -> None:
    service = run.service
    customer = run.pick(lambda body: body["user_id"])
    again = service.expect_status(create(run, customer.sent, customer.key), 201)
    service.expect("POST again: the first reply's body", customer.body, again.json())
    service.expect("POST again: the first reply's ETag", customer.etag, again.header("ETag"))
    service.expect_problem(create(run, {**customer.sent, "full_name": "Altcineva"}, customer.key), 422)
    service.expect_problem(create(run, customer.sent), 409)


def refused_bodies(run: Run) -> None:
    service = run.service
    wrong = {"full_name": "", "email": "no address", "phone": "12", "gender": "yes", "nickname": "Nuțu"}
    problem = service.expect_problem(create(run, {"business_id": str(uuid.uuid4()), **wrong}), 422)
    pointers = {str(error.get("pointer")).lstrip("#") for error in problem.get("errors") or []}
    missing = {f"/{name}" for name in wrong} - pointers
    service.expect("POST of many faults: pointers missing", [], sorted(missing))
    for text in (b'{"full_name": ', b'{"full_name": "a", "full_name": "b"}', b"\xff"):
        service.expect_problem(service.call("POST", CUSTOMERS, text, role="internal_service"), 400)


def patch(run: Run, customer: Customer, document: Any, media_type: str = JSON_PATCH, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return run.service.call("PATCH", customer.path, document, headers=sent, media_type=media_type)


def expect_change(run: Run, customer: Customer, reply: Reply, **changes: Any) -> None:
    """The patched fields and nothing else; one version further; GET agrees."""
    service, before = run.service, customer.body
    after = service.expect_status(reply, 200).json()
    service.expect(f"{reply.request}: the customer", comparable({**before, **changes}), comparable(after))
    service.expect_true("a new ETag after a change", reply.header("ETag") != customer.etag, customer.etag)
    if "version" in before:
        service.expect(f"{reply.request}: version", before["version"] + 1, after["version"])
    customer.body, customer.etag = after, reply.header("ETag")
    now = service.expect_status(service.call("GET", customer.path), 200)
    service.expect(f"{now.request}: as PATCH answered", [after, customer.etag], [now.json(), now.header("ETag")])


def json_patch(run: Run) -> None:
    service = run.service
    customer = run.pick(lambda body: "vip" not in map(fold, body["tags"]) and "Ionu" not in body["full_name"])
    tags = [*customer.body["tags"], "VIP"]
    expect_change(run, customer, patch(run, customer, IONUT), full_name="Ionuț Popescu", tags=tags)
    same = service.expect_status(patch(run, customer, IONUT[:1]), 200)
    service.expect("PATCH without a change: ETag", customer.etag, same.header("ETag"))
    service.expect("PATCH without a change: body", customer.body, same.json())
    _expect_timeline(run, customer)


def _expect_timeline(run: Run, customer: Customer) -> None:
    service = run.service
    events = service.expect_status(service.call("GET", customer.path + "/events"), 200).items()
    service.expect("events: number after one change", 2, len(events))
    members = {"id", "type", "customer_version", "occurred_at", "actor", "changes"}
    for event, word in zip(events, ("updated", "created"), strict=True):
        service.expect("events: members missing", [], sorted(members - set(event)))
        service.expect_true(f"an event that says {word}", word in event["type"].lower(), event["type"])
        service.expect_true("an actor", bool(event["actor"]), event)
        datetime.fromisoformat(event["occurred_at"])
    service.expect("events: versions, newest first", [2, 1], [event["customer_version"] for event in events])
    # Changes are values by field, or field names alone: either way the names are there.
    named = [name for name in ("full_name", "tags") if f'"{name}"' in json.dumps(events[0]["changes"])]
    service.expect("events: fields of the change", ["full_name", "tags"], named)


def merge_patch(run: Run) -> None:
    customer = run.pick(lambda body: body["phone"] and body["email"])
    stale = customer.etag
    expect_change(run, customer, patch(run, customer, {"phone": None}, MERGE_PATCH), phone=None)
    refused = patch(run, customer, {"gender": "other"}, MERGE_PATCH, If_Match=stale)
    run.service.expect_problem(refused, 412)
    run.service.expect("412: the current ETag", customer.etag, refused.header("ETag"))
    gender = "male" if customer.body["gender"] == "other" else "other"
    accepted = patch(run, customer, {"gender": gender}, MERGE_PATCH, If_Match=customer.etag)
    expect_change(run, customer, accepted, gender=gender)


def refused_patches(run: Run) -> None:
    service, customer = run.service, run.pick()
    cases: list[tuple[int, Any]] = [
        (422, [{"op": "replace", "path": "/lifetime_value", "value": "1.00"}]),
        (409, [IONUT[0], {"op": "test", "path": "/full_name", "value": "Nu eu"}]),
        (422, [{"op": "replace", "path": "/email", "value": "no address"}]),
        (400, [{"op": "frobnicate", "path": "/full_name"}]),
    ]
    for status, document in cases:
        service.expect_problem(patch(run, customer, document), status)
    other = run.pick()
    wrong_type = patch(run, other, b"full_name=x", "text/plain")
    service.expect_problem(wrong_type, 415)
    accepted = wrong_type.header("Accept-Patch")
    service.expect_true("Accept-Patch with 415", JSON_PATCH in accepted, accepted)
    for untouched in (customer, other):
        now = service.expect_status(service.call("GET", untouched.path), 200)
        service.expect("a refused patch changes nothing", untouched.body, now.json())


def delete(run: Run) -> None:
    service, customer = run.service, run.pick()
    unused = f'"{uuid.uuid4()}"'
    service.expect_problem(service.call("DELETE", customer.path, headers={"If-Match": unused}), 412)
    service.expect_status(service.call("DELETE", customer.path, headers={"If-Match": customer.etag}), 204)
    run.created.remove(customer)
    gone = service.expect_problem(service.call("GET", customer.path), 404)
    unknown_id = str(uuid.uuid4())
    unknown = service.expect_problem(service.call("GET", f"{CUSTOMERS}/{unknown_id}"), 404)
    service.expect("404 after DELETE", _nameless(unknown, unknown_id), _nameless(gone, customer.id))
    service.expect_problem(service.call("DELETE", customer.path), 404)


def _nameless(problem: dict[str, Any], customer_id: str) -> dict[str, Any]:
    problem = {**problem, "trace_id": bool(problem.get("trace_id"))}
    nameless: dict[str, Any] = json.loads(json.dumps(problem).replace(customer_id, "the id"))
    return nameless


def delete_all(run: Run) -> None:
    while run.created:
        customer = run.created.pop()
        run.service.expect_status(run.service.call("DELETE", customer.path), 204)
