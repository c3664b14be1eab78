"""Requests made up from the OpenAPI document: the service does what its document says."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from webtest import TestApp

from tests.client import make_token
from tests.hostile.test_authorisation import EXPECTED, SIGNED

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("route", [*EXPECTED, *SIGNED])
def test_the_service_does_what_its_document_says(
    shared_app: TestApp, customer: dict[str, Any], route: str, mode: GenerationMode
) -> None:
    document = schemathesis.openapi.from_wsgi("/openapi.json", shared_app.app)
    method, path = route.split(" ")
    token = make_token("admin", "internal_service", subject="schemathesis")

    @given(case=document[path][method].as_strategy(generation_mode=mode))
    @seed(4711)
    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def is_as_documented(case: Case) -> None:
        # such a value never gets into the address, and what was to be wrong with it neither
        assume(all(value not in ([], {}, None) for value in (case.query or {}).values()))
        if mode is GenerationMode.POSITIVE and "customer_id" in case.path_parameters:
            case.path_parameters["customer_id"] = customer["id"]
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    is_as_documented()
