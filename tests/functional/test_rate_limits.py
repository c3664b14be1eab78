"""How often a caller may ask, and what it is told."""

import dataclasses
import json
import re
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from webtest import TestApp, TestResponse

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.rate_limiting.local_limiter import LocalLimiter
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.rate_limiting.outage import Outage
from bee_customers.rate_limiting.rate_limits import RateLimits
from bee_customers.rate_limiting.steady_limiter import SteadyLimiter
from bee_customers.setting_values import Rate
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import new_customer
from tests.functional.problem_details import check_problem
from tests.limiting import clock_of

PATCH = [{"op": "replace", "path": "/full_name", "value": "Maia Popescu"}]


class Limited(Client):
    """A caller of an application with limits, whose time is moved by `clock.advance`."""

    clock: Any


@pytest.fixture
def limited(settings: Settings, database: Database, shared_storage: LocalStorage):
    """Makes an application with these rates."""

    def make(**changed: Any) -> Limited:
        application = wsgi.application(dataclasses.replace(settings, **changed), database, shared_storage)
        client = Limited(TestApp(application))
        client.clock = clock_of()
        limits = application.registry["rate_limits"]
        limits._limiter = LocalLimiter(clock=client.clock)
        return client

    return make


@pytest.fixture
def patched(limited):
    return limited(customer_patch_rate=Rate(5, 60))


def check_refused(response: TestResponse, policy: str) -> int:
    """Assert a 429 of this policy; returns its Retry-After."""
    check_problem(response, 429, "rate-limited")
    seconds = int(response.headers["Retry-After"])
    assert response.headers["RateLimit"] == f'"{policy}";r=0;t={seconds}'
    assert str(seconds) in response.json["detail"]
    return seconds


def test_the_sixth_patch_of_a_customer_in_a_minute_is_refused(patched, customer):
    admin = patched.as_("admin")
    replies = [admin.patch(f"/{customer['id']}", PATCH) for _ in range(5)]
    assert [reply.status_int for reply in replies] == [200] * 5
    assert [reply.headers["RateLimit"].split(";t=")[0] for reply in replies] == [
        f'"customer-patch";r={left}' for left in (4, 3, 2, 1, 0)
    ]
    assert replies[0].headers["RateLimit-Policy"] == '"customer-patch";q=5;w=60'
    assert check_refused(admin.patch(f"/{customer['id']}", PATCH), "customer-patch") <= 61


def test_another_caller_and_another_customer_are_not_held_up(patched, customer, internal):
    admin = patched.as_("admin")
    for _ in range(6):
        last = admin.patch(f"/{customer['id']}", PATCH)
    assert last.status_int == 429
    assert patched.as_("admin").patch(f"/{customer['id']}", PATCH).status_int == 200
    assert admin.patch(f"/{new_customer(internal)['id']}", PATCH).status_int == 200
    assert admin.get(f"/{customer['id']}").status_int == 200


def test_a_caller_is_known_by_its_subject_and_not_by_its_token_or_address(patched, customer):
    subject = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d"
    for number in range(6):
        written = subject.upper() if number % 2 else subject
        caller = patched.as_("admin", subject=written, jti=str(number))
        environ = {"REMOTE_ADDR": f"192.0.2.{number}"}
        headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": "application/json-patch+json"}
        last = caller.app.patch(
            f"/v1/customers/{customer['id']}", json.dumps(PATCH), headers, environ, expect_errors=True
        )
        assert (last.status_int == 429) == (number == 5)


def test_a_customer_is_the_same_in_capitals_and_with_a_slash(patched, customer):
    admin = patched.as_("admin")
    for written in (customer["id"].upper(), customer["id"] + "/", customer["id"], customer["id"].title()):
        admin.patch(f"/{written}", PATCH)
    admin.patch(f"/{customer['id']}", PATCH)
    check_refused(admin.patch(f"/{customer['id'].upper()}/", PATCH), "customer-patch")


def test_exactly_as_long_as_told_is_enough_also_for_who_pushes_on(patched, customer):
    admin = patched.as_("admin")
    for _ in range(5):
        admin.patch(f"/{customer['id']}", PATCH)
    first = check_refused(admin.patch(f"/{customer['id']}", PATCH), "customer-patch")
    patched.clock.advance(first - 2)
    longer = check_refused(admin.patch(f"/{customer['id']}", PATCH), "customer-patch")
    assert longer > 2
    patched.clock.advance(longer)
    assert admin.patch(f"/{customer['id']}", PATCH).status_int == 200


def test_nothing_is_read_and_no_database_asked_for_who_is_refused(patched, customer, monkeypatch):
    admin = patched.as_("admin")
    for _ in range(5):
        admin.patch(f"/{customer['id']}", PATCH)
    monkeypatch.setattr(patched.app.app.registry["database"], "session", None)
    monkeypatch.setattr("bee_customers.api.body.read_json", None)
    check_refused(admin.patch(f"/{customer['id']}", b"no JSON"), "customer-patch")


def test_bad_patches_count_and_are_told_how_it_stands(patched, customer):
    admin = patched.as_("admin")
    for left, body in ((4, b"no JSON"), (3, [{"op": "replace", "path": "/id", "value": 1}])):
        reply = admin.patch(f"/{customer['id']}", body)
        assert reply.status_int in (400, 422)
        assert f";r={left};" in reply.headers["RateLimit"]


def test_who_may_not_patch_is_not_counted(patched, customer):
    nobody = patched.as_("customer")
    for _ in range(8):
        assert nobody.patch(f"/{customer['id']}", PATCH).status_int == 403


def test_a_caller_is_limited_over_all_routes(limited, customer):
    client = limited(api_rate=Rate(4, 60))
    admin = client.as_("admin", "internal_service")
    replies = [
        admin.get(),
        admin.get(f"/{customer['id']}/stats"),
        admin.post({"name": "VIP"}, "/tags"),
        admin.delete(f"/{customer['id']}"),
    ]
    assert [reply.headers["RateLimit"].split(";t=")[0] for reply in replies] == [
        f'"api";r={left}' for left in (3, 2, 1, 0)
    ]
    assert all(reply.headers["RateLimit-Policy"] == '"api";q=4;w=60' for reply in replies)
    seconds = check_refused(admin.get(), "api")
    assert client.as_("admin").get().status_int == 200
    client.clock.advance(seconds)
    assert admin.get().status_int == 200


def test_what_anyone_may_see_is_not_limited(limited):
    client = limited(api_rate=Rate(1, 60), auth_failure_rate=Rate(1, 60))
    for _ in range(3):
        for path in ("/health/live", "/docs", "/openapi.json", "/problems/rate-limited"):
            reply = client.app.get(path)
            assert "RateLimit" not in reply.headers


def test_the_policy_with_the_least_left_is_told(limited, customer):
    admin = limited(api_rate=Rate(3, 60), customer_patch_rate=Rate(5, 60)).as_("admin")
    told = [admin.patch(f"/{customer['id']}", PATCH).headers["RateLimit"] for _ in range(4)]
    assert [re.match('"([a-z-]+)"', header)[1] for header in told] == ["api"] * 4
    admin = limited(api_rate=Rate(100, 60), customer_patch_rate=Rate(5, 60)).as_("admin")
    assert admin.patch(f"/{customer['id']}", PATCH).headers["RateLimit"].startswith('"customer-patch";r=4;')
    assert admin.get(f"/{customer['id']}").headers["RateLimit"].startswith('"api";r=98;')


def test_retry_after_is_long_enough_for_all_limits_together(limited, customer):
    client = limited(api_rate=Rate(6, 3600), customer_patch_rate=Rate(5, 60))
    admin = client.as_("admin")
    for _ in range(5):
        admin.patch(f"/{customer['id']}", PATCH)
    seconds = check_refused(admin.patch(f"/{customer['id']}", PATCH), "customer-patch")
    assert seconds > 60, "the sixth was the last for an hour"
    client.clock.advance(seconds)
    assert admin.patch(f"/{customer['id']}", PATCH).status_int == 200


def test_without_rates_nobody_is_limited_and_nothing_told(admin, customer):
    for _ in range(30):
        reply = admin.patch(f"/{customer['id']}", PATCH)
    assert reply.status_int == 200
    assert not [name for name in reply.headers if name.startswith("RateLimit")]


def test_addresses_that_fail_too_often_are_not_listened_to(limited):
    client = limited(auth_failure_rate=Rate(3, 60))
    good = client.as_("admin")
    assert good.get().status_int == 200
    for left in (2, 1, 0):
        reply = client.with_token("no token").get()
        assert reply.status_int == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        assert reply.headers["RateLimit"].startswith(f'"auth-failure";r={left};')
    assert good.get().status_int == 200
    check_refused(client.with_token("no token").get(), "auth-failure")
    seconds = check_refused(good.get(), "auth-failure")
    assert client.app.get("/health/live").status_int == 200
    client.clock.advance(seconds)
    assert good.get().status_int == 200


def test_no_token_is_verified_for_an_address_that_is_not_listened_to(limited, monkeypatch):
    client = limited(auth_failure_rate=Rate(1, 60))
    for _ in range(2):
        client.get()
    monkeypatch.setattr(client.app.app.registry["tokens"], "verify", None)
    check_refused(client.as_("admin").get(), "auth-failure")


def test_good_tokens_without_the_right_are_no_failures(limited):
    client = limited(auth_failure_rate=Rate(1, 60)).as_("customer")
    assert [client.get().status_int for _ in range(4)] == [403] * 4


def test_a_page_of_an_allowed_origin_may_read_how_it_stands(limited):
    reply = limited(api_rate=Rate(1, 60)).as_("admin").get(Origin="https://app.example.com")
    exposed = reply.headers["Access-Control-Expose-Headers"]
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed.split(", "))
    assert "RateLimit" in reply.headers


def test_a_request_that_is_tried_again_after_a_deadlock_is_charged_once(limited, customer, monkeypatch):
    from bee_customers.api import customers as views
    from bee_customers.errors import TransactionConflict

    client = limited(customer_patch_rate=Rate(5, 60))
    service, attempts = views.customer_service, []

    def clumsy(request):
        attempts.append(request)
        if len(attempts) == 1:
            raise TransactionConflict("a deadlock")
        return service(request)

    monkeypatch.setattr(views, "customer_service", clumsy)
    reply = client.as_("admin").patch(f"/{customer['id']}", PATCH)
    assert (reply.status_int, len(attempts)) == (200, 2)
    assert ";r=4;" in reply.headers["RateLimit"]


def test_the_contract_tells_of_the_limits(limited):
    paths = limited().app.get("/openapi.json").json["paths"]
    for path, operations in paths.items():
        for described in operations.values():
            refused = described["responses"].get("429")
            if described.get("security") == []:
                assert refused is None, path
                continue
            assert set(refused["headers"]) == {"RateLimit", "RateLimit-Policy", "Retry-After"}
            assert set(described["responses"]["422"]["headers"]) == {"RateLimit", "RateLimit-Policy"}


def test_refusals_are_counted_by_policy(limited, customer):
    client = limited(customer_patch_rate=Rate(1, 60))
    metrics: LimitMetrics = client.app.app.registry["rate_limits"].metrics
    admin = client.as_("admin")
    for _ in range(3):
        admin.patch(f"/{customer['id']}", PATCH)
    labels = {"policy": "customer-patch"}
    assert metrics.registry.get_sample_value("bee_customers_rate_limited_total", labels) == 2


def test_by_default_there_are_limits_and_counters_in_redis_where_there_is_one(settings):
    from bee_customers.rate_limiting.connect import connect
    from bee_customers.settings import load

    metrics = LimitMetrics(CollectorRegistry())
    limits = connect(load({}, {"REDIS_URL": "redis://127.0.0.1:1/0"}), b"key", metrics)
    assert isinstance(limits, RateLimits)
    assert isinstance(limits._limiter, SteadyLimiter)
    assert isinstance(limits._limiter._outage, Outage)
    assert isinstance(connect(load({}, {}), b"key", metrics)._limiter, LocalLimiter)
    assert isinstance(connect(settings, b"key", metrics)._limiter, LocalLimiter)
