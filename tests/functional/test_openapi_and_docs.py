"""/openapi.json and /docs"""

import contextlib
import dataclasses
import re
import socket
from importlib.resources import files
from typing import Any

import psutil
import pytest
from cornice.service import get_services
from openapi_spec_validator import OpenAPIV31SpecValidator

import bee_customers
from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.security.permissions import Role
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.functional.wire import listening
from tests.hostile.test_authorisation import EXPECTED, SIGNED

ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "docs.js": "text/javascript",
}


@pytest.fixture
def document(anyone: Client) -> dict[str, Any]:
    response = anyone.app.get("/openapi.json")
    assert response.content_type == "application/json"
    loaded: dict[str, Any] = response.json
    return loaded


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["info"]["version"] == bee_customers.__version__


def test_every_route_is_in_the_document(anyone: Client, document: dict[str, Any]) -> None:
    known = set(anyone.app.app.registry.cornice_services.values())
    views = [
        method
        for service in get_services()
        if service in known
        for method, _, _ in service.definitions
        if method != "HEAD"
    ]
    assert len(operations(document)) == len(views)
    assert set(operations(document)) == {*EXPECTED, *SIGNED}


def test_every_operation_is_named_once_and_tells_who_may(document: dict[str, Any]) -> None:
    described = operations(document).values()
    assert len({operation["operationId"] for operation in described}) == len(described)
    for operation in described:
        assert operation["summary"]
        is_signed = operation.get("security") == []
        assert is_signed or any(role.value in operation["description"] for role in Role)


def test_what_a_signature_opens_needs_no_token(document: dict[str, Any]) -> None:
    described = operations(document)
    assert {name for name, operation in described.items() if operation.get("security") == []} == set(SIGNED)
    for name in SIGNED:
        assert not {"401", "403"} & set(described[name]["responses"])
    export = described["GET /v1/customers/gdpr/exports/{export_id}"]
    assert list(export["responses"]["200"]["content"]) == ["application/zip"]


def test_every_operation_names_its_errors_as_problems(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        of_tokens = set() if name in SIGNED else {"401", "403"}
        assert {"400", "406", "503"} | of_tokens <= set(operation["responses"]), name
        for status, reply in operation["responses"].items():
            if int(status) >= 400:
                assert list(reply["content"]) == ["application/problem+json"], (name, status)


def test_bodies_are_described_by_their_media_types(document: dict[str, Any]) -> None:
    described = operations(document)
    create = described["POST /v1/customers"]["requestBody"]["content"]
    patch = described["PATCH /v1/customers/{customer_id}"]["requestBody"]["content"]
    assert list(create) == ["application/json"]
    assert set(patch) == {"application/json-patch+json", "application/merge-patch+json"}
    assert create["application/json"]["schema"]["required"] == ["business_id", "full_name"]


def test_the_page_loads_only_from_the_service_itself(anyone: Client) -> None:
    response = anyone.app.get("/docs")
    assert response.content_type == "text/html"
    assert not re.search(
        r"""(?:https?:)?//|<script>|\son\w+=|<style|style=""", response.text.replace("<!doctype", "")
    )
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    for word in ("http", "*", "unsafe-eval", "script-src 'self' 'unsafe-inline'"):
        assert word not in policy
    wanted = re.findall(r'(?:src|href)="(/docs/assets/[^"]+)"', response.text)
    assert {path.rpartition("/")[2] for path in wanted} == set(ASSETS)


@pytest.mark.parametrize("name", ASSETS)
def test_an_asset_comes_out_of_the_package(anyone: Client, name: str) -> None:
    response = anyone.app.get(f"/docs/assets/{name}")
    assert response.body == (files("bee_customers.api") / "static" / name).read_bytes()
    kinds = {ASSETS[name], ASSETS[name].replace("text/", "application/")}
    assert response.content_type in kinds
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ASSETS)
def test_an_asset_that_is_there_already_is_not_sent_again(anyone: Client, name: str) -> None:
    path = f"/docs/assets/{name}"
    first = anyone.app.get(path)
    assert first.headers["Cache-Control"] == "max-age=3600, public"
    for header, of_first in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        assert anyone.app.get(path, headers={header: first.headers[of_first]}, status=304).body == b""
    assert anyone.app.get(path, headers={"If-None-Match": '"another"'}).body == first.body
    head = anyone.app.head(path)
    assert (head.body, head.headers["Content-Length"]) == (b"", str(len(first.body)))


def test_an_asset_that_is_read_slowly_holds_no_file_open(
    settings: Settings, database: Database, shared_storage: LocalStorage
) -> None:
    application = wsgi.application(settings, database, shared_storage)
    process, ask = psutil.Process(), b"GET /docs/assets/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n"
    with listening(application, dataclasses.replace(settings, port=0)) as port, contextlib.ExitStack() as stack:
        before = process.num_fds()
        for _ in range(10):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(ask)
            assert client.recv(1) == b"H"
        # both ends of each connection are here
        assert process.num_fds() == before + 20


def test_nothing_is_sent_to_a_validator(anyone: Client) -> None:
    script = anyone.app.get("/docs/assets/docs.js").text
    assert "validatorUrl: null" in script
    assert not re.search(r"https?://", script)


def test_a_swagger_page_and_the_document_need_no_token(anyone: Client) -> None:
    assert anyone.app.get("/").headers["Location"].endswith("/docs")
    for path in ("/docs", "/openapi.json", "/docs/"):
        assert anyone.app.get(path).status_int == 200
