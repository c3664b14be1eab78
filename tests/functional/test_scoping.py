"""Who reaches what: every route by every role, and whose customers are shown"""

import uuid
from typing import Any

import pytest
from cornice.service import get_services
from webtest import TestApp

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
}
UPLOAD = "POST /v1/customers/{customer_id}/avatar"
AVATAR_FORM = form(part(images.encode("PNG")))


def registered(app: TestApp) -> set[str]:
    """Method and path of every Cornice view of the application."""
    known = set(app.app.registry.cornice_services.values())
    return {
        f"{method} {service.path.partition(':')[0]}{'}' if ':' in service.path else ''}{_rest(service.path)}"
        for service in get_services()
        if service in known
        for method, _, _ in service.definitions
        if method != "HEAD"
    }


def _rest(path: str) -> str:
    return "/" + path.rsplit("/", 1)[1] if ":" in path and not path.endswith("}") else ""


def call(client: Client, route: str, customer_id: str) -> int:
    method, path = route.split(" ")
    below = path.removeprefix("/v1/customers").format(customer_id=customer_id)
    if route == UPLOAD:
        return int(client.post(AVATAR_FORM, below, Content_Type=FORM).status_int)
    if method == "POST":
        return int(client.post(new_body(), below).status_int)
    if method == "PATCH":
        return int(client.merge(below, {"full_name": "Ana"}).status_int)
    return int(client.get(below).status_int if method == "GET" else client.delete(below).status_int)


def test_every_route_has_its_place_in_the_table(anyone: Client) -> None:
    assert registered(anyone.app) == set(EXPECTED)


@pytest.mark.parametrize("route", EXPECTED)
def test_nobody_gets_anywhere_without_a_token(anyone: Client, customer: dict[str, Any], route: str) -> None:
    assert call(anyone, route, customer["id"]) == 401
    assert call(anyone.as_("admin", "internal_service", exp=1), route, customer["id"]) == 401
    assert call(anyone.with_token("a.b.c"), route, customer["id"]) == 401


@pytest.mark.parametrize(
    ("route", "caller", "status"),
    [
        (route, caller, status)
        for route, row in EXPECTED.items()
        for caller, status in zip(CALLERS, row, strict=True)
    ],
)
def test_each_role_gets_what_the_table_says(
    anyone: Client, customer: dict[str, Any], route: str, caller: str, status: int
) -> None:
    roles, claims = CALLERS[caller]
    assert call(anyone.as_(*roles, **claims), route, customer["id"]) == status


@pytest.mark.parametrize("route", [route for route in EXPECTED if "customer_id" in route])
def test_foreign_and_absent_are_answered_alike(anyone: Client, customer: dict[str, Any], route: str) -> None:
    limited = anyone.as_("admin", business_id=OTHER_BUSINESS)
    method, path = route.split(" ")
    bodies = []
    for customer_id in (customer["id"], str(uuid.uuid4())):
        headers = {"Authorization": f"Bearer {limited.token}", "If-Match": '"77"'}
        media = {"PATCH": "application/merge-patch+json", "POST": FORM}.get(method)
        response = limited.app.request(
            path.format(customer_id=customer_id),
            method=method,
            headers=headers | ({"Content-Type": media} if media else {}),
            body=AVATAR_FORM if method == "POST" else b"{}",
            expect_errors=True,
        )
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
