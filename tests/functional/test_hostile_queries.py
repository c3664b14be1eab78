"""Query strings and addresses that are wrong on purpose"""

from typing import Any
from urllib.parse import quote

import pytest

from tests.client import Client
from tests.functional.problem_details import check_problem, pointers

BIG = 2**63
BAD_VALUES = {
    "limit": ["0", "-1", "201", str(BIG), "abc", "", "1.0", "1e2", "+1", " 1", "٣", "1" * 5000, "null", "1,2"],
    "min_orders": ["-1", str(2**31), str(BIG), "1.5", "", "x", "true", "²"],
    "min_lifetime_value": ["-1", "1e3", "NaN", "Infinity", "1.234", "", ".5", "1.", "9" * 13, "1,5", "٣", "1_0"],
    "max_lifetime_value": ["-0.01", "nan", "1000000000000", "10 "],
    "created_from": [
        "", "now", "infinity", "-infinity", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01", "epoch",
        "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z",
        "1767225600", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "10000-01-01T00:00:00Z",
        "2026-01-01T00:00:00+25:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
        "2026-01-01T00:00:00 02:00",
    ],
    "created_to": ["yesterday", "2026-01-01T00:00:00.1234567Z"],
    "business_id": ["", "x" * 36, "0190d3a46f5b7c1e9a532f8f4a1b7c9d", "{0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d}"],
    "gender": ["", "Male", "x", "male,female", "male "],
    "sort": ["", "name", "--full_name", "+full_name", "full_name,created_at", "id", "full_name desc", "FULL_NAME"],
    "count": ["", "true", "Exact", "none"],
    "search": ["x" * 201],
    "cursor": ["x" * 2001],
}  # fmt: skip
BAD_TAGS = ["", " ", "x" * 51, "a\nb", "\u202e", "\u0301"]
BAD_QUERIES = [(name, value) for name, values in BAD_VALUES.items() for value in values]


@pytest.mark.parametrize(("name", "value"), BAD_QUERIES, ids=lambda value: str(value)[:40])
def test_a_value_that_does_not_hold_is_named(admin: Client, name: str, value: str) -> None:
    assert pointers(admin.get(f"?{name}={quote(value)}")) == {name}


@pytest.mark.parametrize("name", [*BAD_VALUES, "shoe_size"])
def test_a_parameter_given_twice_or_unknown_is_named(admin: Client, name: str) -> None:
    assert pointers(admin.get(f"?{name}=1&{name}=1")) == {name}


@pytest.mark.parametrize("tag", BAD_TAGS)
def test_a_bad_tag_is_named(admin: Client, tag: str) -> None:
    (named,) = pointers(admin.get(f"?tag=VIP&tag={quote(tag)}"))
    assert named.startswith("tag")


def test_ten_tags_are_taken_and_not_eleven(admin: Client) -> None:
    assert admin.get("?" + "&".join(["tag=VIP"] * 10)).status_int == 200
    assert pointers(admin.get("?" + "&".join(["tag=VIP"] * 11))) == {"tag"}


@pytest.mark.parametrize(
    "name", ["Limit", "limit ", "limit[]", "tag[]", "q", "page", "offset", "fields", "__class__", ""]
)
def test_an_unknown_parameter_is_named(admin: Client, name: str) -> None:
    assert pointers(admin.get(f"?{quote(name)}=1")) == {name}


UNREADABLE = [
    "%ff",
    "search=%ff",
    "search=%00",
    "%00=1",
    "search=%ED%A0%80",
    "search=%C0%AF",
    "search=a%00b",
    "tag=%fe",
]


@pytest.mark.parametrize("query", UNREADABLE)
@pytest.mark.parametrize("below", ["", "/{id}", "/{id}/events"])
def test_a_query_that_is_no_text_is_unreadable(
    admin: Client, customer: dict[str, Any], query: str, below: str
) -> None:
    check_problem(admin.get(f"{below.format(**customer)}?{query}"), 400, "unreadable")


def test_more_than_a_hundred_parameters_are_refused(admin: Client) -> None:
    check_problem(admin.get("?" + "&".join(f"p{number}=1" for number in range(101))), 400, "unreadable")


@pytest.mark.parametrize(
    "query", ["?", "?&", "?&&limit=1&", "?limit=1&=", "?%6cimit=1", "?search=a;limit=1", "?search=a=b"]
)
def test_an_untidy_query_is_no_error_of_ours(admin: Client, query: str) -> None:
    assert admin.get(query).status_int in (200, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers/%ff",
        "/%ff",
        "/v1/%c0%af",
        "/v1/customers/%00",
        "/v1/customers%0a",
        "/%7f",
        "/docs%00",
        "/%ED%A0%80",
    ],
)
def test_an_address_that_is_no_text_is_unreadable(anyone: Client, path: str) -> None:
    response = anyone.app.get(path, expect_errors=True)
    check_problem(response, 400, "unreadable")


@pytest.mark.parametrize(
    "path", ["/" + "x" * 5000, "/v1/customers/" + "%F0%9F%90%9D" * 500, "/" + "a/" * 1000, "/%25ff"]
)
def test_a_long_address_is_not_found_and_not_repeated_whole(anyone: Client, path: str) -> None:
    problem = check_problem(anyone.app.get(path, expect_errors=True), 404, "not-found")
    assert len(problem["instance"]) <= 200


def test_every_parameter_can_be_wrong_at_once(admin: Client) -> None:
    wrong = {name: values[1] for name, values in BAD_VALUES.items() if len(values) > 1 and name != "cursor"}
    query = "&".join(f"{name}={quote(value)}" for name, value in wrong.items())
    assert pointers(admin.get(f"?{query}")) == set(wrong)
