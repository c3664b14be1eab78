"""/console: the built files and nothing else, with headers that browsers hold to."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from webob import Request
from webtest import TestApp

from bee_customers.api.console import BuiltConsole, policy
from bee_customers.settings import load
from bee_customers.storage.local import LocalStorage
from tests.functional.problem_details import check_problem

INDEX = b"<!doctype html><title>console</title>"
SCRIPT = b"let answer = 42;"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    built = tmp_path / "built"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_bytes(INDEX)
    (built / "assets" / "index-AbC1.js").write_bytes(SCRIPT)
    (tmp_path / "secret.txt").write_text("hidden words")
    return built


@pytest.fixture
def console(shared_app: TestApp, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestApp]:
    monkeypatch.setitem(shared_app.app.registry, "console", BuiltConsole(directory))
    return shared_app


@pytest.mark.parametrize(
    "path", ["", "/", "/customers/0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d", "/operations", "/a/b/../c", "/index.html"]
)
def test_every_address_of_the_console_is_its_index(console: TestApp, path: str) -> None:
    reply = console.get(f"/console{path}")
    assert (reply.status_int, reply.content_type, reply.body) == (200, "text/html", INDEX)
    assert reply.headers["Cache-Control"] == "no-cache"


def test_the_index_allows_scripts_and_styles_of_our_own_alone(console: TestApp) -> None:
    given = console.get("/console").headers["Content-Security-Policy"]
    assert "script-src 'self';" in given
    assert "style-src 'self';" in given
    assert "default-src 'none'" in given
    assert "unsafe" not in given


def test_assets_are_kept_for_ever(console: TestApp) -> None:
    reply = console.get("/console/assets/index-AbC1.js")
    assert (reply.content_type, reply.body) == ("text/javascript", SCRIPT)
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_assets_are_compressed_for_whoever_takes_it(console: TestApp) -> None:
    asked = Request.blank("/console/assets/index-AbC1.js", headers={"Accept-Encoding": "br, gzip"})
    reply = asked.get_response(console.app)
    assert reply.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(reply.body) == SCRIPT
    assert "Accept-Encoding" in reply.headers["Vary"]
    asked.headers["Accept-Encoding"] = "gzip;q=0"
    assert asked.get_response(console.app).body == SCRIPT


@pytest.mark.parametrize(
    "path",
    ["nothing.js", "../../secret.txt", "..%2f..%2fsecret.txt", "%2e%2e/%2e%2e/secret.txt", "", "/etc/passwd"],
)
def test_what_is_no_built_file_is_not_there(console: TestApp, path: str) -> None:
    reply = console.get(f"/console/assets/{path}", expect_errors=True)
    assert b"hidden words" not in reply.body
    if reply.status_int != 200:  # the address was made shorter on the way, and is then no asset's
        check_problem(reply, 404, "not-found")


def test_without_a_build_a_page_says_how_to_make_one_and_a_build_needs_no_restart(
    shared_app: TestApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tmp_path / "later"
    monkeypatch.setitem(shared_app.app.registry, "console", BuiltConsole(built))
    assert "scripts/build-console" in shared_app.get("/console").text
    built.mkdir()
    (built / "index.html").write_bytes(INDEX)
    assert shared_app.get("/console").body == INDEX


def test_only_reading_is_allowed(console: TestApp) -> None:
    check_problem(console.post("/console", expect_errors=True), 405, "method-not-allowed")


def test_it_is_told_how_to_sign_in(console: TestApp) -> None:
    assert console.get("/console/sign-in.json").json == {
        "auth_service_url": None,
        "client_id": "bee-customers-console",
        "is_pasting_allowed": True,
    }


def test_in_production_no_token_is_pasted(console: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        "ENVIRONMENT": "production",
        "DATABASE_URL": "postgresql://customers@db/customers",
        "SECRET_KEY": "a secret that is long enough to be one",
        "AUTH_SERVICE_URL": "https://auth.example",
    }
    monkeypatch.setitem(console.app.registry, "settings", load({}, environment))
    told = console.get("/console/sign-in.json").json
    assert (told["auth_service_url"], told["is_pasting_allowed"]) == ("https://auth.example", False)


class _Bucket(LocalStorage):
    def public_url(self, key: str) -> str:
        return f"https://files.example/{key}"


def test_the_policy_lets_out_to_the_auth_service_and_the_avatars_and_nowhere_else(tmp_path: Path) -> None:
    given = policy(load({}, {"AUTH_SERVICE_URL": "https://auth.example:8443/base"}), _Bucket(tmp_path))
    assert "connect-src 'self' https://auth.example:8443;" in given
    assert "img-src 'self' blob: https://files.example;" in given
