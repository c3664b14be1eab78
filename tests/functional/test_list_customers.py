"""GET /v1/customers: what is in the list, and in which order"""

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.functional.pages import links
from tests.functional.people import SORTS, Customer, gather, in_order
from tests.functional.problem_details import pointers


@pytest.fixture
def people(internal: Client, database: Database) -> list[Customer]:
    return gather(internal, database)


def names(admin: Client, **query: Any) -> set[str]:
    response = admin.get("?" + urlencode(query, doseq=True))
    assert response.status_int == 200, response.body
    return {item["full_name"] for item in response.json}


def test_the_list_shows_what_get_shows(admin: Client, people: list[Customer]) -> None:
    response = admin.get("")
    assert response.content_type == "application/json"
    for item in response.json:
        assert item == admin.get(f"/{item['id']}").json
    assert "X-Total-Count" not in response.headers


def test_the_newest_come_first_where_nothing_is_said(admin: Client, people: list[Customer]) -> None:
    assert [item["id"] for item in admin.get("").json] == in_order(people, "-created_at")


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_gives_its_order(admin: Client, people: list[Customer], sort: str) -> None:
    assert [item["id"] for item in admin.get(f"?sort={sort}").json] == in_order(people, sort)


def test_a_page_holds_fifty_where_nothing_is_said(admin: Client, internal: Client) -> None:
    for _ in range(51):
        new_customer(internal)
    first = admin.get("")
    assert len(first.json) == 50
    assert len(admin.get(links(first)["next"]).json) == 1


def test_an_empty_list_has_no_links(admin: Client) -> None:
    response = admin.get("?count=exact")
    assert (response.json, links(response), response.headers["X-Total-Count"]) == ([], {}, "0")


FILTERS: list[tuple[dict[str, Any], Any]] = [
    ({"business_id": OTHER_BUSINESS}, lambda one: one["business_id"] == OTHER_BUSINESS),
    ({"business_id": OTHER_BUSINESS.upper()}, lambda one: one["business_id"] == OTHER_BUSINESS),
    ({"gender": "female"}, lambda one: one["gender"] == "female"),
    ({"tag": "vip"}, lambda one: "VIP" in one["tags"]),
    ({"tag": ["VIP", "B2B"]}, lambda one: {"VIP", "B2B"} <= set(one["tags"])),
    ({"tag": ["B2B", "b2b", "vip", "new"]}, lambda one: one["full_name"] == "eva zak"),
    ({"tag": "absent"}, lambda one: False),
    ({"min_orders": 3}, lambda one: one["total_orders"] >= 3),
    ({"min_orders": 0}, lambda one: True),
    ({"min_lifetime_value": "10"}, lambda one: float(one["lifetime_value"]) >= 10),
    ({"max_lifetime_value": "9.99"}, lambda one: float(one["lifetime_value"]) <= 9.99),
    ({"min_lifetime_value": "7.01", "max_lifetime_value": "7.01"}, lambda one: one["lifetime_value"] == "7.01"),
    ({"max_lifetime_value": "999999999999.99"}, lambda one: True),
    ({"created_from": "2026-03-03T12:00:00.000500Z"}, lambda one: one["created_at"] >= "2026-03-03"),
    ({"created_from": "2026-03-03T14:00:00.000501+02:00"}, lambda one: one["created_at"] >= "2026-03-04"),
    ({"created_to": "2026-03-03T12:00:00.0005Z"}, lambda one: one["created_at"] < "2026-03-03"),
    ({"created_to": "2026-03-03t12:00:00.000501z"}, lambda one: one["created_at"] < "2026-03-04"),
    ({"created_from": "0001-01-01T00:00:00Z", "created_to": "9999-12-31T23:59:59Z"}, lambda one: True),
    (
        {"gender": "male", "tag": "VIP", "business_id": BUSINESS, "min_orders": 1, "search": "stefan"},
        lambda one: one["full_name"] in ("Ștefan Mare", "stefan mare"),
    ),
]


@pytest.mark.parametrize(("query", "matches"), FILTERS, ids=[str(query) for query, _ in FILTERS])
def test_a_filter_leaves_those_that_match(admin: Client, people: list[Customer], query: Any, matches: Any) -> None:
    expected = {person["full_name"] for person in people if matches(person)}
    assert names(admin, **query) == expected
    counted = admin.get("?" + urlencode({**query, "count": "exact", "limit": 1}, doseq=True))
    assert counted.headers["X-Total-Count"] == str(len(expected))


@pytest.mark.parametrize(("query", "_"), FILTERS, ids=[str(query) for query, _ in FILTERS])
def test_every_filter_can_be_counted_by_estimate_and_sorted_by_all(
    admin: Client, people: list[Customer], query: Any, _: Any
) -> None:
    expected = names(admin, **query)
    for sort in SORTS:
        assert names(admin, **query, sort=sort) == expected
    for caller in (admin, admin.as_("admin", business_id=[BUSINESS])):
        response = caller.get("?" + urlencode({**query, "count": "estimated"}, doseq=True))
        assert (response.status_int, response.headers["X-Total-Count"].isdecimal()) == (200, True)


SEARCHES = [
    ("ștefan", {"Ștefan Mare", "stefan mare", "STEFAN MARE", "Ștefan"}),
    ("STEFAN mare", {"Ștefan Mare", "stefan mare", "STEFAN MARE"}),
    ("mar tef", {"Ștefan Mare", "stefan mare", "STEFAN MARE"}),
    ("s\u0326tefan ma\u0301re", {"Ștefan Mare", "stefan mare", "STEFAN MARE"}),
    ("ana", {"Ana Pop", "ÁNA POPA"}),
    ("zak\u00a0  eva\t", {"Éva Žák", "eva zak"}),
    ("王", {"王秀英"}),
    ("ґала", {"Олександр Ґалаґан"}),
    ("%", {"100% Sure_Name"}),
    ("_", {"100% Sure_Name"}),
    ("\\", {"O'Brien \\ Sons"}),
    ("'", {"O'Brien \\ Sons"}),
    ("0%", {"100% Sure_Name"}),
    ("%sure", set()),
    ("sure_name", {"100% Sure_Name"}),
    ("sureXname", set()),
    ("brien' OR '1'='1", set()),
    ("nobody", set()),
    ("ana nobody", set()),
]
JUNK = [
    '"',
    "''",
    "\\%",
    "\\_",
    "a\\",
    "(",
    "[a-z]",
    ".*",
    "^",
    "$",
    "a & !b",
    "a | b",
    ":*",
    "<->",
    "--",
    ";",
    "{}",
]
JUNK += ["$1", "%s", "%(word_0)s", "{0}", "\x07", "\u202e", "😀", "?", "::int", "/*", "%%", "\\\\", "~"]


@pytest.mark.parametrize(("search", "expected"), SEARCHES)
def test_search_finds_words_without_case_and_accents(
    admin: Client, people: list[Customer], search: str, expected: set[str]
) -> None:
    assert names(admin, search=search) == expected


@pytest.mark.parametrize("junk", JUNK)
def test_search_takes_every_sign_for_itself(admin: Client, internal: Client, junk: str) -> None:
    new_customer(internal, full_name="xyx xx")
    assert names(admin, search=f"x{junk}x") == set()
    assert admin.get(f"?search={quote(junk)}&count=estimated").status_int == 200
    if junk.isprintable():
        new_customer(internal, full_name=f"x{junk}x")
        assert names(admin, search=f"x{junk}x") == {f"x{junk}x"}


def test_an_empty_search_leaves_all(admin: Client, people: list[Customer]) -> None:
    assert len(names(admin, search="")) == len(names(admin, search="  ")) == len(people)


@pytest.mark.parametrize(
    "search",
    [
        "+40722123456",
        "0722123456",
        "722 123 456",
        "+40 722 123 456",
        "0722-123-456",
        "0722.123.456",
        "(0722) 123 456",
        "0040722123456",
    ],
)
def test_a_phone_number_is_found_however_it_is_written(admin: Client, internal: Client, search: str) -> None:
    new_customer(internal, full_name="Wanted", phone="+40722123456")
    new_customer(internal, full_name="Other", phone="+40733999888")
    assert names(admin, search=search) == {"Wanted"}


@pytest.mark.parametrize(
    "search", ["MÜLLER@", "muller@bucher.example", "wanted bucher", "mu\u0308ller@bu\u0308cher"]
)
def test_an_email_is_found_without_case_and_accents(admin: Client, internal: Client, search: str) -> None:
    new_customer(internal, full_name="Wanted", email="Müller@bücher.example")
    new_customer(internal, full_name="Other")
    assert names(admin, search=search) == {"Wanted"}


def test_search_follows_a_change(admin: Client, customer: Customer) -> None:
    admin.merge(f"/{customer['id']}", {"full_name": "Ana", "email": None, "phone": "+40733000111"})
    assert names(admin, search="ana 0733000111") == {"Ana"}
    assert names(admin, search="ionut") == set()


def test_an_unknown_parameter_and_bad_values_are_named_together(admin: Client) -> None:
    query = "limit=0&gender=x&sort=name&min_orders=-1&shoe_size=43&created_from=now&business_id=1&count=all"
    expected = {"limit", "gender", "sort", "min_orders", "shoe_size", "created_from", "business_id", "count"}
    assert pointers(admin.get(f"?{query}")) == expected
