"""Requests made up from the OpenAPI document: the service does what its document says."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks
from webtest import TestApp

from tests.client import Client, make_token
from tests.factories import new_customer

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]


@pytest.fixture
def document(shared_app: TestApp, internal: Client) -> Any:
    for _ in range(3):
        new_customer(internal)
    return schemathesis.openapi.from_wsgi("/openapi.json", shared_app.app)


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@seed(4711)
@settings(
    max_examples=40,
    deadline=None,
    derandomize=False,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_service_does_what_its_document_says(case: schemathesis.Case, customer: dict[str, Any]) -> None:
    if "customer_id" in (case.path_parameters or {}) and case.meta is not None:
        case.path_parameters = {"customer_id": customer["id"]}
    token = make_token("admin", "internal_service", subject="schemathesis")
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
