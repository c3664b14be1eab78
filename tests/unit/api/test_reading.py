"""Query strings: every parameter known, given once, and text."""

import datetime
import decimal
import uuid

import pytest
from pyramid.request import Request

from bee_customers.api.problems import NOT_ACCEPTABLE, UNREADABLE, InvalidQuery, ProblemError
from bee_customers.api.reading import Acceptable, JsonBody, NoQuery, Query, read_query
from bee_customers.api.schemas.customers import CustomerQuery, NewCustomer
from bee_customers.errors import InvalidDocument
from bee_customers.services.rules import Rules

BUSINESS = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d"


def request(query="", body=b"", **environ):
    made = Request.blank(
        "/", environ={"QUERY_STRING": query, **environ}, method="POST" if body else "GET", body=body
    )
    made.environ["QUERY_STRING"] = query
    made.registry = {"schemas": {}, "rules": Rules("RO")}
    made.validated = {}
    return made


def read(query):
    made = request(query)
    Query(CustomerQuery)(made)
    return made.validated["query"]


def faults(query, reader=None):
    with pytest.raises(InvalidQuery) as refused:
        (reader or Query(CustomerQuery))(request(query))
    return {fault.pointer for fault in refused.value.faults}


def test_without_parameters_the_defaults_hold():
    given = read("")
    assert (given["limit"], given["sort"], given["tag"], given["search"]) == (50, "-created_at", (), "")
    assert given["cursor"] is given["count"] is given["gender"] is given["min_orders"] is None


def test_every_parameter_is_read_as_what_it_is():
    given = read(
        f"limit=200&business_id={BUSINESS}&search=ionu%C8%9B+50%25&tag=VIP&tag=B2B&min_orders=3&gender=female"
        "&created_from=2026-01-31T12:00:00%2B02:00&created_to=2026-02-01t00:00:00z&min_lifetime_value=0"
        "&max_lifetime_value=149.9&sort=full_name&count=exact&cursor=abc"
    )
    assert given == {
        "limit": 200,
        "business_id": uuid.UUID(BUSINESS),
        "search": "ionuț 50%",
        "tag": ("VIP", "B2B"),
        "min_orders": 3,
        "gender": "female",
        "created_from": datetime.datetime(2026, 1, 31, 10, tzinfo=datetime.UTC),
        "created_to": datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC),
        "min_lifetime_value": 0,
        "max_lifetime_value": decimal.Decimal("149.90"),
        "sort": "full_name",
        "count": "exact",
        "cursor": "abc",
    }


WRONG = {
    "limit": ["0", "-1", "201", "1.0", "", "x", str(2**63), "9" * 5000, "%D9%A3", "+1"],
    "min_orders": ["-1", str(2**31), "1e3", "true"],
    "min_lifetime_value": ["-1", "NaN", "Infinity", "1e3", "1.234", "9" * 13, "1,5", ""],
    "max_lifetime_value": ["x", "%D9%A3"],
    "created_from": [
        "2026-01-31",
        "2026-01-31T12:00:00",
        "0000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-31T25:00:00Z",
        "0001-01-01T00:00:00%2B14:00",
        "2026-01-31T12:00:00%2B99:99",
        "infinity",
        "now",
        "",
    ],
    "created_to": ["20260131T120000Z"],
    "business_id": ["x", "", BUSINESS[:-1], "%7B" + BUSINESS + "%7D"],
    "sort": ["email", "", "--created_at", "created_at;drop", "id", "+full_name"],
    "gender": ["", "Male", "x"],
    "count": ["true", "", "EXACT"],
    "tag": ["", "%20", "x" * 51, "a%0Ab", "x&tag=" * 10 + "x"],
    "search": ["x" * 201],
    "cursor": ["x" * 2001],
    "unknown": ["1"],
    "Limit": ["1"],
    "": ["1"],
    "__class__": ["1"],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in WRONG.items() for value in values],
    ids=lambda value: value[:30],
)
def test_a_wrong_parameter_is_named(name, value):
    assert faults(f"{name}={value}") == {name}


def test_every_wrong_parameter_is_named_at_once():
    assert faults("limit=0&sort=x&honey=1&bees=2") == {"limit", "sort", "honey", "bees"}


def test_a_parameter_given_twice_is_named():
    assert faults("limit=1&limit=1") == {"limit"}


def test_a_view_without_parameters_takes_none():
    NoQuery()(request(""))
    assert faults("a=1&b=", NoQuery()) == {"a", "b"}


@pytest.mark.parametrize(
    "query",
    ["search=%ff", "%ff=1", "search=%00", "search=%ed%a0%80", "&".join(["a=1"] * 101)],
    ids=lambda q: q[:14],
)
def test_a_query_that_is_no_text_is_unreadable(query):
    with pytest.raises(ProblemError) as refused:
        read_query(request(query))
    assert refused.value.problem is UNREADABLE


def test_names_and_values_keep_their_order_and_their_blanks():
    assert read_query(request("b=&a=1&b=%20+x")) == [("b", ""), ("a", "1"), ("b", "  x")]


@pytest.mark.parametrize(
    "accept",
    ["application/json", "*/*", "application/*", "text/html, application/json;q=0.1", "APPLICATION/JSON", ""],
)
def test_who_takes_json_gets_it(accept):
    Acceptable()(request(HTTP_ACCEPT=accept))


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0", "image/*;q=1, text/*"])
def test_who_rules_json_out_is_told(accept):
    with pytest.raises(ProblemError) as refused:
        Acceptable()(request(HTTP_ACCEPT=accept))
    assert refused.value.problem is NOT_ACCEPTABLE


def test_every_fault_of_a_body_is_named_by_its_pointer():
    raw = b'{"full_name": true, "email": "x", "tags": ["", "a"], "id": 1, "a/b": 2}'
    with pytest.raises(InvalidDocument) as refused:
        JsonBody(NewCustomer)(request(body=raw, CONTENT_TYPE="application/json"))
    assert {fault.pointer for fault in refused.value.faults} == {
        "/full_name",
        "/email",
        "/tags/0",
        "/business_id",
        "/id",
        "/a~1b",
    }
