"""Every error as application/problem+json (RFC 9457)"""

import json
from typing import Any

import pytest
from webtest import TestResponse

from bee_customers.api import problems
from tests.client import Client
from tests.factories import new_body
from tests.functional.problem_details import check_problem

Customer = dict[str, Any]
CANARY = "canary-4711"
COLLECTION, ONE, TIMELINE = "/v1/customers", "/v1/customers/{id}", "/v1/customers/{id}/events"
ALLOWED = {
    COLLECTION: {"GET", "HEAD", "POST"},
    ONE: {"GET", "HEAD", "PATCH", "DELETE"},
    TIMELINE: {"GET", "HEAD"},
    "/health": {"GET", "HEAD"},
    "/health/live": {"GET", "HEAD"},
    "/openapi.json": {"GET", "HEAD"},
    "/docs": {"GET", "HEAD"},
    "/": {"GET", "HEAD"},
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"]
REFUSED = [(path, method) for path, allowed in ALLOWED.items() for method in METHODS if method not in allowed]


def send(client: Client, method: str, path: str, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if client.token:
        sent["Authorization"] = f"Bearer {client.token}"
    return client.app.request(path, method=method, headers=sent, expect_errors=True)


@pytest.mark.parametrize(("path", "method"), REFUSED)
def test_a_method_that_is_not_there_is_told_which_are(
    admin: Client, customer: Customer, path: str, method: str
) -> None:
    response = send(admin, method, path.format(**customer))
    check_problem(response, 405, "method-not-allowed")
    assert {name.strip() for name in response.headers["Allow"].split(",")} - {"OPTIONS"} == ALLOWED[path]


@pytest.mark.parametrize("path", [COLLECTION, ONE, TIMELINE, "/health", "/health/live", "/openapi.json", "/docs"])
def test_head_is_get_without_a_body(admin: Client, customer: Customer, path: str) -> None:
    got, head = (send(admin, method, path.format(**customer)) for method in ("GET", "HEAD"))
    assert (head.status_int, head.body) == (200, b"")
    for name in ("Content-Type", "ETag", "Cache-Control"):
        assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/v1",
        "/v1/",
        "/v2/customers",
        "/v1/customers/x",
        "/v1/customers//",
        "/v1/Customers",
        "/admin",
        "/v1/customers/0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d/nothing",
        "/docs/assets/none.js",
        "/problems/none",
        "/docs/assets/../docs.py",
        "/docs/assets/%2e%2e/docs.py",
        "/.well-known/x",
        "/favicon.ico",
    ],
)
def test_an_address_that_leads_nowhere_is_not_found(admin: Client, anyone: Client, path: str) -> None:
    for client in (admin, anyone):
        check_problem(send(client, "GET", path), 404, "not-found")


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/xml;q=0.9", "image/*", "application/json;q=0", "application/json-seq", "*/*;q=0"],
)
@pytest.mark.parametrize("path", [COLLECTION, ONE, TIMELINE])
def test_who_does_not_take_json_is_refused_in_json(
    admin: Client, customer: Customer, accept: str, path: str
) -> None:
    check_problem(send(admin, "GET", path.format(**customer), Accept=accept), 406, "not-acceptable")


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/*",
        "application/json",
        "Application/JSON",
        "text/html, */*;q=0.1",
        "text/html;q=0, application/json",
        "junk",
        "application/json;q=0.1, text/html",
        "application/json; charset=utf-8",
    ],
)
def test_who_takes_json_is_served(admin: Client, customer: Customer, accept: str) -> None:
    assert send(admin, "GET", ONE.format(**customer), Accept=accept).status_int == 200


def test_an_unacceptable_write_is_not_done(internal: Client, admin: Client) -> None:
    check_problem(internal.post(new_body(), Accept="text/html"), 406, "not-acceptable")
    assert admin.get("").json == []


MEDIA_TYPES = [
    "",
    "text/plain",
    "application/xml",
    "multipart/form-data; boundary=x",
    "application/json; charset=x",
]
MEDIA_TYPES += [
    "application/json; charset=nonsense",
    "application/json; charset=latin-1",
    "application/jsonp",
    "junk",
]
MEDIA_TYPES += ["application/json-patch+json", "application/x-www-form-urlencoded", "application/json, text/plain"]


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_create_in_another_media_type_is_refused(internal: Client, media_type: str) -> None:
    response = internal.post(new_body(), Content_Type=media_type)
    check_problem(response, 415, "unsupported-media-type")
    assert response.headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    "media_type", ["Application/JSON", 'application/json;charset="UTF-8"', "application/json ;"]
)
def test_json_may_be_named_in_its_other_writings(internal: Client, media_type: str) -> None:
    assert internal.post(new_body(), Content_Type=media_type).status_int == 201


def test_a_body_over_the_limit_is_too_large(internal: Client) -> None:
    limit = 2 * 1024 * 1024
    body = json.dumps(new_body()).encode()
    assert internal.post(body.ljust(limit)).status_int == 201
    check_problem(internal.post(body.ljust(limit + 1)), 413, "too-large")


def bad_requests(internal: Client, admin: Client, customer: Customer) -> dict[str, TestResponse]:
    """One request for each way a body can be refused, each holding the canary in every value."""
    path, mail = f"/{customer['id']}", f"{CANARY}@@x"
    fields = {"full_name": CANARY + "\n", "email": mail, "phone": CANARY, "gender": CANARY, "tags": [CANARY * 9]}
    taken = new_body(user_id=customer["user_id"], full_name=CANARY, email=f"{CANARY}@example.com", tags=[CANARY])
    added = {"op": "add", "path": "/full_name", "value": CANARY}
    return {
        "fields": internal.post(fields | {"user_id": CANARY, "business_id": CANARY}),
        "broken": internal.post(f'{{"full_name": "{CANARY}", "email": "{CANARY}'.encode()),
        "twice": internal.post(f'{{"full_name": "{CANARY}", "full_name": "{CANARY}"}}'.encode()),
        "surrogate": internal.post(f'{{"full_name": "{CANARY}\\ud800"}}'.encode()),
        "utf-8": internal.post(f'{{"full_name": "{CANARY}'.encode() + b'\xff"}'),
        "exists": internal.post(taken),
        "merge": admin.merge(path, fields),
        "test": admin.patch(path, [added, {"op": "test", "path": "/full_name", "value": CANARY + "x"}]),
        "index": admin.patch(path, [added, {"op": "add", "path": "/tags/7", "value": CANARY}]),
        "result": admin.patch(path, [{"op": "add", "path": "/email", "value": mail}]),
        "malformed": admin.patch(path, [{"op": CANARY, "path": "/full_name", "value": CANARY}]),
        "stale": admin.patch(path, [added], If_Match=f'"{CANARY}"'),
        "search": admin.get(f"?search={CANARY}&gender={CANARY}&tag={CANARY * 9}&business_id={CANARY}"),
        "cursor": admin.get(f"?cursor={CANARY}"),
        "key": internal.post(taken, Idempotency_Key=f"{CANARY} "),
    }


def test_no_error_repeats_what_was_sent(internal: Client, admin: Client, customer: Customer) -> None:
    for name, response in bad_requests(internal, admin, customer).items():
        check_problem(response, response.status_int)
        assert 400 <= response.status_int < 500, name
        assert CANARY not in response.text, name
        assert CANARY not in str(response.headers), name


def test_the_instance_is_the_path_without_the_query(admin: Client, customer: Customer) -> None:
    problem = check_problem(admin.get("?search=0722123456&sort=x"), 422)
    assert problem["instance"] == COLLECTION


def test_every_type_has_a_page_that_explains_it(anyone: Client) -> None:
    for slug, problem in problems.ALL.items():
        page = anyone.app.get(f"/problems/{slug}").json
        assert (page["slug"], page["status"], page["title"]) == (slug, problem.status, problem.title)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X_Request_ID": "order-17.a_b"}, "order-17.a_b"),
        (
            {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "X_Request_ID": "x"},
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ),
    ],
)
def test_the_trace_of_the_caller_is_kept(anyone: Client, headers: dict[str, str], expected: str) -> None:
    assert check_problem(anyone.get("", **headers), 401)["trace_id"] == expected


@pytest.mark.parametrize("given", ["x" * 65, "a b", "<script>", "é", "", "a\tb"])
def test_an_unsafe_request_id_is_replaced(anyone: Client, given: str) -> None:
    trace = check_problem(anyone.get("", X_Request_ID=given), 401)["trace_id"]
    assert trace != given
    assert trace.isalnum()


def test_many_faults_are_cut_off(internal: Client) -> None:
    problem = check_problem(internal.post({f"field{number}": 1 for number in range(10_000)}), 422)
    assert len(problem["errors"]) == 50
