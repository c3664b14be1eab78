"""CORS, and the headers that every reply carries"""

import dataclasses
from typing import Any

import pytest
from webtest import TestApp, TestResponse

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import Client, make_token

ORIGIN = "https://app.example.com"
PATHS = [
    "/v1/customers",
    "/v1/customers/{id}",
    "/health",
    "/docs",
    "/openapi.json",
    "/nowhere",
    "/docs/assets/docs.js",
]


@pytest.fixture
def listed(settings: Settings, database: Database, shared_storage: LocalStorage) -> TestApp:
    """The service as it is in production, for two origins."""
    changed = dataclasses.replace(
        settings, environment="production", cors_origins=(ORIGIN, "https://other.example.com")
    )
    return TestApp(wsgi.application(changed, database, shared_storage))


def preflight(app: TestApp, origin: str, path: str = "/v1/customers", method: str = "PATCH") -> TestResponse:
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return app.options(path, headers=headers, expect_errors=True)


def get(app: TestApp, path: str, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.get(path, headers={"Authorization": f"Bearer {make_token('admin')}", **sent}, expect_errors=True)


@pytest.mark.parametrize("path", PATHS)
def test_every_reply_is_hardened(admin: Client, customer: dict[str, Any], path: str) -> None:
    for response in (get(admin.app, path.format(**customer)), admin.app.get(path, expect_errors=True)):
        headers = response.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Request-ID"]
        for name in ("Server", "X-Powered-By", "Set-Cookie", "Access-Control-Allow-Credentials"):
            assert name not in headers


@pytest.mark.parametrize(
    "path", ["/v1/customers", "/v1/customers/{id}", "/v1/customers/{id}/events", "/v1/customers/x"]
)
def test_personal_data_is_nobodys_to_store(admin: Client, customer: dict[str, Any], path: str) -> None:
    assert get(admin.app, path.format(**customer)).headers["Cache-Control"] == "no-store"


def test_production_asks_for_https(listed: TestApp, admin: Client) -> None:
    assert "max-age=" in get(listed, "/health").headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in get(admin.app, "/health").headers


def test_a_preflight_of_a_listed_origin_is_allowed(listed: TestApp) -> None:
    response = preflight(listed, ORIGIN)
    headers = response.headers
    assert (response.status_int, response.body) == (204, b"")
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in headers["Vary"]
    for method in ("GET", "POST", "PATCH", "DELETE"):
        assert method in headers["Access-Control-Allow-Methods"]
    for name in ("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"):
        assert name in headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "null",
        ORIGIN + ".evil.example",
        ORIGIN.upper(),
        "http://app.example.com",
        ORIGIN + "/",
    ],
)
def test_another_origin_is_not_allowed(listed: TestApp, origin: str) -> None:
    for response in (preflight(listed, origin), get(listed, "/v1/customers", Origin=origin)):
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "Origin" in response.headers["Vary"]


def test_a_reply_to_a_listed_origin_shows_its_headers(listed: TestApp) -> None:
    for path in ("/v1/customers", "/nowhere"):
        headers = get(listed, path, Origin=ORIGIN).headers
        assert headers["Access-Control-Allow-Origin"] == ORIGIN
        for name in ("ETag", "Link", "Location", "X-Total-Count"):
            assert name in headers["Access-Control-Expose-Headers"]


def test_an_error_can_be_read_by_the_page_that_made_it(listed: TestApp) -> None:
    response = listed.get("/v1/customers", headers={"Origin": ORIGIN}, expect_errors=True)
    assert (response.status_int, response.headers["Access-Control-Allow-Origin"]) == (401, ORIGIN)


def test_development_allows_every_origin_and_reflects_none(anyone: Client) -> None:
    assert preflight(anyone.app, "https://any.example").headers["Access-Control-Allow-Origin"] == "*"


def test_without_an_origin_the_reply_still_varies_by_it(listed: TestApp) -> None:
    response = get(listed, "/v1/customers")
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Origin" in response.headers["Vary"]
