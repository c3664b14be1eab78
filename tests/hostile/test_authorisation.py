"""Who reaches what: every route that the application has by every kind of caller; what is not listed fails"""

import dataclasses
import time
from typing import Any

import pytest
from webtest import TestApp

from bee_customers import wsgi
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import SECRET, Client, make_token
from tests.database import RolledBackDatabase
from tests.factories import BUSINESS, OTHER_BUSINESS
from tests.functional.problem_details import check_problem
from tests.hostile.inventory import METHODS, World, call, inventory, new_world

pytestmark = pytest.mark.usefixtures("database", "storage")

# Roles and claims; `self` is the user of the customer that is asked for, who belongs to BUSINESS.
CALLERS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "roleless": ([], {}),
    "self": (["customer"], {"subject": "self"}),
    "someone": (["customer"], {}),
    "service": (["internal_service"], {}),
    "own-service": (["internal_service"], {"business_id": BUSINESS}),
    "foreign-service": (["internal_service"], {"business_id": OTHER_BUSINESS}),
    "admin": (["admin"], {}),
    "own-admin": (["admin"], {"business_id": [OTHER_BUSINESS, BUSINESS]}),
    "foreign-admin": (["admin"], {"business_id": OTHER_BUSINESS}),
    "admin-of-none": (["admin"], {"business_id": []}),
    "self+foreign-admin": (["customer", "admin"], {"subject": "self", "business_id": OTHER_BUSINESS}),
    "someone+service": (["customer", "internal_service"], {}),
    "admin+service": (["admin", "internal_service"], {}),
}
# 403: no role of the caller may do this at all. 404: it may, but not with this customer, nor know of it.
TABLE = """
                                                         roleless
                                                             self
                                                                 someone
                                                                      service
                                                                          own-service
                                                                              foreign-service
                                                                                   admin
                                                                                       own-admin
                                                                                           foreign-admin
                                                                                               admin-of-none
                                                                                                    self+foreign-admin
                                                                                                        someone+service
                                                                                                            admin+service
POST   /v1/customers                                     403 403 403  201 201 403  403 403 403 403  403 201 201
GET    /v1/customers                                     403 403 403  403 403 403  200 200 200 200  200 403 200
GET    /v1/customers/{customer_id}                       403 200 404  403 403 403  200 200 404 404  200 404 200
PATCH  /v1/customers/{customer_id}                       403 403 403  403 403 403  200 200 404 404  404 403 200
DELETE /v1/customers/{customer_id}                       403 403 403  403 403 403  204 204 404 404  404 403 204
POST   /v1/customers/{customer_id}/avatar                403 403 403  403 403 403  200 200 404 404  404 403 200
DELETE /v1/customers/{customer_id}/avatar                403 403 403  403 403 403  204 204 404 404  404 403 204
GET    /v1/customers/{customer_id}/events                403 403 403  403 403 403  200 200 404 404  404 403 200
GET    /v1/customers/{customer_id}/privacy-requests      403 200 404  403 403 403  200 200 404 404  200 404 200
POST   /v1/customers/{customer_id}/notes                 403 403 403  403 403 403  201 201 404 404  404 403 201
GET    /v1/customers/{customer_id}/notes                 403 403 403  403 403 403  200 200 404 404  404 403 200
DELETE /v1/customers/{customer_id}/notes/{note_id}       403 403 403  403 403 403  204 204 404 404  404 403 204
POST   /v1/customers/tags                                403 403 403  403 403 403  201 201 201 201  201 403 201
GET    /v1/customers/tags                                403 403 403  403 403 403  200 200 200 200  200 403 200
DELETE /v1/customers/tags/{tag_name}                     403 403 403  403 403 403  409 409 409 409  409 403 409
POST   /v1/customers/{customer_id}/tags                  403 403 403  403 403 403  200 200 404 404  404 403 200
DELETE /v1/customers/{customer_id}/tags/{tag_name}       403 403 403  403 403 403  204 204 404 404  404 403 204
PUT    /v1/customers/{customer_id}/orders/{order_id}     403 403 403  201 201 404  403 403 403 403  403 201 201
GET    /v1/customers/{customer_id}/orders                403 403 403  403 403 403  200 200 404 404  404 403 200
GET    /v1/customers/{customer_id}/stats                 403 403 403  403 403 403  200 200 404 404  404 403 200
POST   /v1/customers/gdpr/export                         403 200 403  403 403 403  403 403 403 403  200 403 403
POST   /v1/customers/gdpr/erase                          403 202 403  403 403 403  403 403 403 403  202 403 403
GET    /v1/customers/gdpr/requests/{request_id}          403 200 404  403 403 403  200 200 404 404  200 404 200
DELETE /v1/customers/gdpr/requests/{request_id}          403 204 404  403 403 403  204 204 404 404  204 404 204
GET    /v1/operations                                    403 403 403  403 403 403  200 403 403 403  403 403 200
"""
# What a signature in the address opens, and no token.
SIGNED = ("GET /v1/customers/gdpr/exports/{export_id}",)
# What anyone reads: nothing of it is about one customer, or its address is a secret.
OPEN = {
    "/",
    "/health",
    "/health/live",
    # guarded by a token of its own, see test_metrics.py
    "/metrics",
    "/openapi.json",
    "/docs",
    "/console",
    "/console/sign-in.json",
    "/console/{path}",
    # closed by a setting, see below
    "/docs/assets/*subpath",
    "/problems/{slug}",
    "/media/{key}",
    *(route.split()[1] for route in SIGNED),
}


def _expected() -> dict[str, dict[str, int]]:
    table = [line.split() for line in TABLE.splitlines()]
    names = [words[0] for words in table if len(words) == 1]
    return {
        f"{words[0]} {words[1]}": dict(zip(names, map(int, words[2:]), strict=True))
        for words in table
        if len(words) > 1
    }


EXPECTED = _expected()
BY_ID = [route for route in EXPECTED if route.endswith("_id}") or "{customer_id}" in route]


def caller(anyone: Client, name: str, world: World) -> Client:
    roles, claims = CALLERS[name]
    return anyone.as_(*roles, **claims | ({"subject": world.user_id} if "subject" in claims else {}))


@pytest.fixture
def world(anyone: Client) -> World:
    return new_world(anyone)


def test_the_table_tells_of_every_route_that_there_is_and_of_no_other(shared_app: TestApp) -> None:
    guarded = {
        f"{method} {route.path}"
        for route in inventory(shared_app)
        if not route.is_open
        for method in route.methods - {"HEAD"}
    }
    assert guarded == set(EXPECTED)
    assert all(route.is_open or route.methods for route in inventory(shared_app))
    assert all(row.keys() == CALLERS.keys() for row in EXPECTED.values())


def test_what_is_open_is_known_and_only_read(shared_app: TestApp) -> None:
    routes = inventory(shared_app)
    # the view of all methods is what refuses those that are not there, see below
    assert {route.path for route in routes if route.methods} == {route.path for route in routes}
    assert {route.path for route in routes if route.is_open and route.methods} == OPEN
    assert {method for route in routes if route.is_open for method in route.methods} == {"GET", "HEAD"}


# What DOCS=off closes.
CLOSABLE = {"/", "/docs", "/docs/assets/*subpath", "/openapi.json"}


def test_documents_that_are_closed_are_addresses_that_lead_nowhere_and_all_else_stays(
    settings: Settings, rolled_back: RolledBackDatabase, shared_storage: LocalStorage, shared_app: TestApp
) -> None:
    closed = TestApp(wsgi.application(dataclasses.replace(settings, docs=False), rolled_back, shared_storage))
    assert set(inventory(shared_app)) - set(inventory(closed)) == {
        route for route in inventory(shared_app) if route.path in CLOSABLE
    }
    unknown = Client(closed).get("/nowhere").json
    for path in ("/", "/docs", "/docs/", "/docs/assets/docs.js", "/openapi.json"):
        for method in ("GET", "POST"):
            reply = closed.request(path, method=method, expect_errors=True)
            problem = check_problem(reply, 404, "not-found")
            assert {**problem, "instance": "", "trace_id": ""} == {**unknown, "instance": "", "trace_id": ""}


@pytest.mark.parametrize("route", EXPECTED)
def test_each_caller_gets_what_the_table_says(anyone: Client, route: str) -> None:
    got, world = {}, new_world(anyone)
    for name in CALLERS:
        response = call(caller(anyone, name, world), route, world)
        got[name] = response.status_int
        if response.status_int >= 400:
            check_problem(response, response.status_int)
        elif not route.startswith("GET"):
            world = new_world(anyone)  # the next caller finds it as it was
    assert got == EXPECTED[route]


def bad_tokens(user_id: str) -> dict[str, str | None]:
    """Each would be let in everywhere, if it held."""
    roles, now = ("admin", "internal_service", "customer"), int(time.time())
    good = make_token(*roles, subject=user_id)
    header, payload, signature = good.split(".")
    return {
        "none": None,
        "empty": "",
        "no token": "a.b.c",
        "expired": make_token(*roles, subject=user_id, exp=now - 600),
        "not yet": make_token(*roles, subject=user_id, nbf=now + 600),
        "another key": make_token(*roles, subject=user_id, key=SECRET[::-1]),
        "another audience": make_token(*roles, subject=user_id, aud="somebody"),
        "another issuer": make_token(*roles, subject=user_id, iss="somebody"),
        "without a signature": f"{header}.{payload}.",
        "of another's signature": f"{header}.{payload}.{make_token(*roles).rpartition('.')[2]}",
        "unsigned": f"eyJhbGciOiJub25lIn0.{payload}.{signature}",
    }


@pytest.mark.parametrize("route", EXPECTED)
def test_nobody_gets_anywhere_without_a_token_that_holds(anyone: Client, world: World, route: str) -> None:
    for name, token in bad_tokens(world.user_id).items():
        response = call(anyone.with_token(token), route, world)
        assert response.status_int == 401, name
        check_problem(response, 401, "unauthenticated")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", SIGNED)
def test_a_link_without_its_signature_leads_nowhere_whoever_calls(
    anyone: Client, world: World, route: str
) -> None:
    for token in (None, "a.b.c", make_token("admin", "customer", subject=world.user_id)):
        check_problem(call(anyone.with_token(token), route, world), 404, "not-found")


@pytest.mark.parametrize("route", BY_ID)
def test_anothers_and_absent_are_answered_alike(anyone: Client, world: World, route: str) -> None:
    foreign = anyone.as_("admin", "internal_service", business_id=OTHER_BUSINESS)
    answers = []
    for each in (world, world.absent()):
        response = call(foreign, route, each, If_Match='"77"')
        problem = check_problem(response, 404, "not-found")
        named = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
        answers.append((named | {"Content-Length": ""}, problem | {"instance": "", "trace_id": ""}))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("route", [route for route in EXPECTED if route.startswith("GET")])
def test_head_tells_no_more_than_get(anyone: Client, world: World, route: str) -> None:
    path = route.split()[1].format(**world.parameters)
    for name in ("roleless", "someone", "own-admin", "foreign-admin"):
        token = caller(anyone, name, world).token
        response = anyone.app.head(path, headers={"Authorization": f"Bearer {token}"}, expect_errors=True)
        assert (response.status_int, response.body) == (EXPECTED[route][name], b"")


def test_a_method_that_a_path_has_not_is_refused_whoever_calls(
    anyone: Client, world: World, shared_app: TestApp
) -> None:
    allowed: dict[str, set[str]] = {}
    for route in inventory(shared_app):
        allowed.setdefault(route.path, set()).update(route.methods)
    filled = {"slug": "invalid", "path": "customers", "key": f"avatars/ab/{'x' * 43}.webp", **world.parameters}
    for path, methods in allowed.items():
        for method in set(METHODS) - methods:
            for client in (anyone, anyone.as_("admin", "internal_service", "customer")):
                headers = {"Authorization": f"Bearer {client.token}"} if client.token else {}
                response = client.app.request(
                    path.format(**filled), method=method, headers=headers, expect_errors=True
                )
                check_problem(response, 405, "method-not-allowed")
                assert set(response.headers["Allow"].split(", ")) >= methods - {"HEAD"}, (method, path)
