"""Who reaches what: every route by every role, and whose customers are shown"""

import re
import uuid
from typing import Any

import pytest
from cornice.service import get_services
from webtest import TestApp, TestResponse

from bee_customers.db.engine import Database
from tests import images
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_body, new_customer
from tests.functional.forms import FORM, form, part
from tests.functional.pages import every_page, ids
from tests.functional.people import SORTS, gather
from tests.functional.problem_details import check_problem

CALLERS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "roleless": ([], {}),
    "customer": (["customer"], {}),
    "service": (["internal_service"], {}),
    "foreign service": (["internal_service"], {"business_id": OTHER_BUSINESS}),
    "admin": (["admin"], {}),
    "own admin": (["admin"], {"business_id": [OTHER_BUSINESS, BUSINESS]}),
    "foreign admin": (["admin"], {"business_id": OTHER_BUSINESS}),
    "admin of none": (["admin"], {"business_id": []}),
    "admin and service": (["admin", "internal_service"], {}),
    "customer and service": (["customer", "internal_service"], {}),
    "customer and foreign admin": (["customer", "admin"], {"business_id": OTHER_BUSINESS}),
}
# What each caller gets, in the order of CALLERS. A route that is not here fails the test below.
EXPECTED = {
    "POST /v1/customers": [403, 403, 201, 403, 403, 403, 403, 403, 201, 201, 403],
    "GET /v1/customers": [403, 403, 403, 403, 200, 200, 200, 200, 200, 403, 200],
    "GET /v1/customers/{customer_id}": [403, 404, 403, 403, 200, 200, 404, 404, 200, 404, 404],
    "PATCH /v1/customers/{customer_id}": [403, 403, 403, 403, 200, 200, 404, 404, 200, 403, 404],
    "DELETE /v1/customers/{customer_id}": [403, 403, 403, 403, 204, 204, 404, 404, 204, 403, 404],
    "POST /v1/customers/{customer_id}/avatar": [403, 403, 403, 403, 200, 200, 404, 404, 200, 403, 404],
    "DELETE /v1/customers/{customer_id}/avatar": [403, 403, 403, 403, 204, 204, 404, 404, 204, 403, 404],
    "GET /v1/customers/{customer_id}/events": [403, 403, 403, 403, 200, 200, 404, 404, 200, 403, 404],
    "POST /v1/customers/{customer_id}/notes": [403, 403, 403, 403, 201, 201, 404, 404, 201, 403, 404],
    "GET /v1/customers/{customer_id}/notes": [403, 403, 403, 403, 200, 200, 404, 404, 200, 403, 404],
    "DELETE /v1/customers/{customer_id}/notes/{note_id}": [403, 403, 403, 403, 204, 204, 404, 404, 204, 403, 404],
    "POST /v1/customers/tags": [403, 403, 403, 403, 201, 201, 201, 201, 201, 403, 201],
    "GET /v1/customers/tags": [403, 403, 403, 403, 200, 200, 200, 200, 200, 403, 200],
    "DELETE /v1/customers/tags/{tag_name}": [403, 403, 403, 403, 409, 409, 409, 409, 409, 403, 409],
    "POST /v1/customers/{customer_id}/tags": [403, 403, 403, 403, 200, 200, 404, 404, 200, 403, 404],
    "DELETE /v1/customers/{customer_id}/tags/{tag_name}": [403, 403, 403, 403, 204, 204, 404, 404, 204, 403, 404],
    "PUT /v1/customers/{customer_id}/orders/{order_id}": [403, 403, 201, 404, 403, 403, 403, 403, 201, 201, 403],
    "GET /v1/customers/{customer_id}/orders": [403, 403, 403, 403, 200, 200, 404, 404, 200, 403, 404],
    "GET /v1/customers/{customer_id}/stats": [403, 403, 403, 403, 200, 200, 404, 404, 200, 403, 404],
    "GET /v1/customers/{customer_id}/privacy-requests": [403, 404, 403, 403, 200, 200, 404, 404, 200, 404, 404],
    # of another user; for oneself see test_exports.py
    "POST /v1/customers/gdpr/export": [403] * 11,
    "GET /v1/customers/gdpr/exports/{export_id}": [404] * 11,
    # of another user, and of nobody; for one's own and one's customers' see test_erasures.py
    "POST /v1/customers/gdpr/erase": [403] * 11,
    "GET /v1/customers/gdpr/requests/{request_id}": [403, 404, 403, 403, 404, 404, 404, 404, 404, 404, 404],
    "DELETE /v1/customers/gdpr/requests/{request_id}": [403, 404, 403, 403, 404, 404, 404, 404, 404, 404, 404],
}
# What a signature in the address opens, and no token; here without one.
SIGNED = ("GET /v1/customers/gdpr/exports/{export_id}",)
UPLOAD = "POST /v1/customers/{customer_id}/avatar"
AVATAR_FORM = form(part(images.encode("PNG")))


ORDER = {
    "kind": "order",
    "status": "placed",
    "amount": "1.00",
    "ordered_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-01-31T12:00:00Z",
}


@pytest.fixture
def note_id(anyone: Client, customer: dict[str, Any]) -> str:
    return str(anyone.as_("admin").post({"content": "x"}, f"/{customer['id']}/notes").json["id"])


def registered(app: TestApp) -> set[str]:
    """Method and path of every Cornice view of the application."""
    known = set(app.app.registry.cornice_services.values())
    return {
        f"{method} {_plain(service.path)}"
        for service in get_services()
        if service in known
        for method, _, _ in service.definitions
        if method != "HEAD"
    }


def _plain(path: str) -> str:
    """A path without the expressions of its parameters; those hold braces in pairs."""
    return re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", path)


def body_of(route: str) -> Any:
    """What the route takes; None for no body."""
    method, path = route.split(" ")
    if route == UPLOAD:
        return AVATAR_FORM
    bodies = {"/v1/customers": new_body(), "notes": {"content": "x"}, "tags": {"tags": ["VIP"]}}
    bodies |= {"/v1/customers/tags": {"name": "new"}, "export": {"user_id": str(uuid.uuid4())}}
    bodies |= {"erase": {"user_id": str(uuid.uuid4())}}
    return {
        "POST": bodies.get(path) or bodies.get(path.rpartition("/")[2]),
        "PATCH": {"full_name": "Ana"},
        "PUT": ORDER,
    }.get(method)


def call(client: Client, route: str, customer_id: str, note_id: str, **headers: str) -> TestResponse:
    """A request that is right in all but, maybe, its caller and its customer."""
    method, path = route.split(" ")
    address = path.format(
        customer_id=customer_id,
        note_id=note_id,
        tag_name="VIP",
        order_id="A-1",
        export_id=note_id,
        request_id=note_id,
    )
    below, body = address.removeprefix("/v1/customers"), body_of(route)
    if route == UPLOAD:
        headers["Content_Type"] = FORM
    if method == "POST":
        return client.post(body, below, **headers)
    if method == "PATCH":
        return client.merge(below, body, **headers)
    if method == "PUT":
        return client.put(below, body, **headers)
    return (client.get if method == "GET" else client.delete)(below, **headers)


def test_every_route_has_its_place_in_the_table(anyone: Client) -> None:
    assert registered(anyone.app) == set(EXPECTED)


@pytest.mark.parametrize("route", SIGNED)
def test_a_link_without_its_signature_leads_nowhere(anyone: Client, note_id: str, route: str) -> None:
    for nobody in (anyone, anyone.with_token("a.b.c")):
        check_problem(call(nobody, route, "", note_id), 404, "not-found")


@pytest.mark.parametrize("route", [route for route in EXPECTED if route not in SIGNED])
def test_nobody_gets_anywhere_without_a_token(
    anyone: Client, customer: dict[str, Any], note_id: str, route: str
) -> None:
    for nobody in (anyone, anyone.as_("admin", "internal_service", exp=1), anyone.with_token("a.b.c")):
        check_problem(call(nobody, route, customer["id"], note_id), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("route", "caller", "status"),
    [
        (route, caller, status)
        for route, row in EXPECTED.items()
        for caller, status in zip(CALLERS, row, strict=True)
    ],
)
def test_each_role_gets_what_the_table_says(
    anyone: Client, customer: dict[str, Any], note_id: str, route: str, caller: str, status: int
) -> None:
    roles, claims = CALLERS[caller]
    assert call(anyone.as_(*roles, **claims), route, customer["id"], note_id).status_int == status


@pytest.mark.parametrize("route", [route for route in EXPECTED if "customer_id" in route])
def test_foreign_and_absent_are_answered_alike(
    anyone: Client, customer: dict[str, Any], note_id: str, route: str
) -> None:
    limited = anyone.as_("admin", "internal_service", business_id=OTHER_BUSINESS)
    bodies = []
    for customer_id in (customer["id"], str(uuid.uuid4())):
        response = call(limited, route, customer_id, note_id, If_Match='"77"')
        bodies.append({**check_problem(response, 404, "not-found"), "instance": "", "trace_id": ""})
    assert bodies[0] == bodies[1]


def test_a_customer_that_is_also_staff_of_another_business_sees_itself_without_tags(
    anyone: Client, internal: Client
) -> None:
    subject = str(uuid.uuid4())
    own = new_customer(internal, user_id=subject)
    both = anyone.as_("customer", "admin", subject=subject, business_id=OTHER_BUSINESS)
    assert "tags" not in both.get(f"/{own['id']}").json
    for reply in (both.merge(f"/{own['id']}", {"full_name": "X"}), both.delete(f"/{own['id']}")):
        check_problem(reply, 404, "not-found")
    assert both.get("").json == []


def test_a_service_that_comes_as_a_customer_reads_only_itself(anyone: Client, internal: Client) -> None:
    subject = str(uuid.uuid4())
    own, other = new_customer(internal, user_id=subject), new_customer(internal)
    both = anyone.as_("customer", "internal_service", subject=subject)
    assert both.get(f"/{own['id']}").status_int == 200
    check_problem(both.get(f"/{other['id']}"), 404, "not-found")


@pytest.mark.parametrize("subject", ["not a uuid", "{id}", "urn:uuid:{id}", "{id} "])
def test_another_writing_of_a_subject_shows_nobody_else(
    anyone: Client, customer: dict[str, Any], subject: str
) -> None:
    visitor = anyone.as_("customer", subject=subject.format(id=customer["id"]))
    check_problem(visitor.get(f"/{customer['id']}"), 404, "not-found")


def test_a_customer_is_found_in_every_business(anyone: Client, internal: Client) -> None:
    subject = str(uuid.uuid4())
    owned = [new_customer(internal, user_id=subject, business_id=name) for name in (BUSINESS, OTHER_BUSINESS)]
    me = anyone.as_("customer", subject=subject)
    assert [me.get(f"/{one['id']}").json["business_id"] for one in owned] == [BUSINESS, OTHER_BUSINESS]


def test_a_limited_admin_lists_only_its_businesses(admin: Client, internal: Client, database: Database) -> None:
    people = gather(internal, database)
    limited = admin.as_("admin", business_id=OTHER_BUSINESS)
    expected = {one["id"] for one in people if one["business_id"] == OTHER_BUSINESS}
    for sort in SORTS:
        assert set(ids(every_page(limited, f"?limit=2&sort={sort}"))) == expected
    for query in (
        f"business_id={BUSINESS}",
        "tag=new",
        "search=%E7%8E%8B",
        "min_orders=12",
        "max_lifetime_value=1",
    ):
        response = limited.get(f"?{query}&count=exact")
        assert (response.json, response.headers["X-Total-Count"]) == ([], "0")
    assert limited.get("?count=exact").headers["X-Total-Count"] == str(len(expected))
    assert limited.get("?count=exact&tag=vip&gender=male").headers["X-Total-Count"] == "1"


def test_an_admin_of_no_business_sees_an_empty_list(admin: Client, customer: dict[str, Any]) -> None:
    response = admin.as_("admin", business_id=[]).get("?count=exact")
    assert (response.json, response.headers["X-Total-Count"]) == ([], "0")


def test_staff_of_one_business_gets_no_more_of_another_by_also_being_its_customer(
    anyone: Client, internal: Client
) -> None:
    subject = str(uuid.uuid4())
    own = new_customer(internal, user_id=subject, tags=["blacklisted"])
    mixed = anyone.as_("admin", "customer", subject=subject, business_id=OTHER_BUSINESS)
    assert mixed.get(f"/{own['id']}/events").status_int == 404
    assert mixed.get("").json == []
    assert "tags" not in mixed.get(f"/{own['id']}").json
