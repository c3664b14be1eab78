"""The document is made from what reads the requests, and cannot describe what it does not know."""

from types import SimpleNamespace

import pytest
from openapi_spec_validator import validate

from bee_customers.api import openapi
from bee_customers.api.operation import operation
from bee_customers.api.reading import JsonBody, Query
from bee_customers.api.schemas.customers import NewCustomer, PageQuery
from bee_customers.security.permissions import Permission


class Foreign:
    def __call__(self, request, **_):
        pass


def service(*readers, **described):
    """One GET that is described in one way and read by these."""

    @operation("Look", permission=Permission.CUSTOMERS_READ, replies={200: None}, **described)
    def get(self):
        pass

    # no cornice Service: that would register itself for every application made later
    definition = ("GET", SimpleNamespace(unbound_view=get), {"validators": readers})
    return SimpleNamespace(name="honey", path="/honey/{jar_id:[0-9]+}", definitions=[definition])


def test_a_reader_it_does_not_know_stops_it():
    with pytest.raises(TypeError, match="Foreign"):
        openapi.build([service(Foreign())])


def test_a_reader_that_was_not_declared_stops_it():
    with pytest.raises(TypeError, match="JsonBody"):
        openapi.build([service(JsonBody(NewCustomer))])


def test_what_was_declared_is_described():
    query, body = Query(PageQuery), JsonBody(NewCustomer)
    document = openapi.build([service(query, body, query=query, body=body)])
    validate(document)
    described = document["paths"]["/honey/{jar_id}"]["get"]
    assert [parameter["name"] for parameter in described["parameters"]] == ["jar_id", "limit", "cursor"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["business_id", "full_name"]
    assert schema["additionalProperties"] is False


def test_the_document_of_the_whole_service_is_valid(shared_app):
    document = shared_app.get("/openapi.json").json
    validate(document)
    assert "/v1/customers/{customer_id}" in document["paths"]
