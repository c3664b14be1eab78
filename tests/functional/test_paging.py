"""GET /v1/customers page by page: each row once, in both directions, whatever happens meanwhile"""

import base64
import dataclasses
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from webtest import TestApp

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import BUSINESS, new_customer
from tests.functional.pages import back_to_start, cursor, every_page, ids, link, links
from tests.functional.people import SORTS, Customer, gather, in_order
from tests.functional.problem_details import check_problem


@pytest.fixture
def people(internal: Client, database: Database) -> list[Customer]:
    return gather(internal, database)


@pytest.mark.parametrize("sort", SORTS)
def test_paging_visits_every_row_once_in_order_and_back(admin: Client, people: list[Customer], sort: str) -> None:
    for limit in (1, 2, 3, 4, 5, 7, 11, 12, 13, 200):
        path = f"?sort={sort}&limit={limit}"
        pages = every_page(admin, path)
        assert ids(pages) == in_order(people, sort)
        assert {len(page) for page in pages[:-1]} <= {limit}
        assert back_to_start(admin, path) == pages


@pytest.mark.parametrize("sort", ["full_name", "-lifetime_value", "last_order_date"])
def test_filters_hold_on_every_page(admin: Client, people: list[Customer], sort: str) -> None:
    wanted = [one for one in people if one["business_id"] == BUSINESS and one["gender"]]
    pages = [
        page
        for gender in ("male", "female", "other", "unspecified")
        for page in every_page(admin, f"?limit=2&sort={sort}&business_id={BUSINESS}&gender={gender}")
    ]
    assert sorted(ids(pages)) == sorted(one["id"] for one in wanted)


@pytest.mark.parametrize("sort", ["lifetime_value", "-lifetime_value", "total_orders", "-total_orders"])
@pytest.mark.parametrize(
    ("query", "is_wanted"),
    [
        ("min_orders=1", lambda one: one["total_orders"] >= 1),
        ("max_lifetime_value=100", lambda one: float(one["lifetime_value"]) <= 100),
        (
            "min_lifetime_value=0.01&min_orders=1",
            lambda one: float(one["lifetime_value"]) > 0 and one["total_orders"] >= 1,
        ),
    ],
)
def test_who_is_found_by_the_index_alone_is_in_order_on_every_page(
    admin: Client, people: list[Customer], sort: str, query: str, is_wanted: Callable[[Customer], bool]
) -> None:
    wanted = list(filter(is_wanted, people))
    assert 2 < len(wanted) < len(people)
    path = f"?sort={sort}&limit=2&{query}"
    pages = every_page(admin, path)
    assert ids(pages) == in_order(wanted, sort)
    assert back_to_start(admin, path) == pages


@pytest.mark.parametrize("seed", range(8))
def test_what_comes_and_goes_meanwhile_moves_no_other_row(
    admin: Client, internal: Client, database: Database, people: list[Customer], seed: int
) -> None:
    chance = random.Random(seed)
    sort, limit = chance.choice(SORTS), chance.randint(1, 4)
    doomed = chance.sample(people, 4)
    staying = [one for one in people if one not in doomed]
    seen, path = [], f"?sort={sort}&limit={limit}"
    for _ in range(100):
        response = admin.get(path)
        seen += [item["id"] for item in response.json]
        if doomed:
            admin.delete(f"/{doomed.pop()['id']}")
            new_customer(internal, full_name=chance.choice("AMSZ"))
        if "next" not in links(response):
            break
        path = link(response, "next")
    kept = {one["id"] for one in staying}
    assert len(seen) == len(set(seen))
    assert [seen_id for seen_id in seen if seen_id in kept] == in_order(staying, sort)


def test_a_page_reached_again_backwards_is_the_same(admin: Client, people: list[Customer]) -> None:
    first = admin.get("?limit=4&sort=full_name")
    second = admin.get(link(first, "next"))
    assert admin.get(link(second, "prev")).json == first.json
    assert "prev" not in links(first)
    assert set(links(second)) == {"next", "prev"}


def test_links_keep_the_filters_and_drop_the_count(admin: Client, people: list[Customer]) -> None:
    response = admin.get("?tag=VIP&limit=1&search=%C8%98tefan&count=exact&sort=full_name")
    assert response.headers["X-Total-Count"] == "2"
    target = urlsplit(link(response, "next"))
    query = dict(parse_qsl(target.query))
    del query["cursor"]
    assert target.path == "/v1/customers"
    assert query == {"tag": "VIP", "limit": "1", "search": "Ștefan", "sort": "full_name"}


def test_the_limit_may_change_on_the_way(admin: Client, people: list[Customer]) -> None:
    first = admin.get("?limit=2&sort=full_name")
    rest = admin.get(f"?limit=200&sort=full_name&cursor={cursor(first)}")
    assert ids([first.json, rest.json]) == in_order(people, "full_name")


def test_a_cursor_tells_nothing_of_whom_it_stands_behind(admin: Client, people: list[Customer]) -> None:
    sealed = cursor(admin.get("?limit=1&sort=full_name&search=stefan"))
    opened = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    assert b"stefan" not in opened


@pytest.mark.parametrize(
    "query",
    [
        "sort=-full_name",
        "",
        "sort=full_name&gender=male",
        "sort=full_name&tag=VIP",
        "sort=full_name&search=ana",
        f"sort=full_name&business_id={BUSINESS}",
    ],
)
def test_a_cursor_with_other_filters_is_refused(admin: Client, people: list[Customer], query: str) -> None:
    issued = cursor(admin.get("?limit=1&sort=full_name"))
    check_problem(admin.get(f"?{query}&cursor={issued}".replace("?&", "?")), 400, "unreadable")


def test_every_tampered_cursor_is_refused(admin: Client, people: list[Customer]) -> None:
    issued = cursor(admin.get("?limit=1"))
    for place in range(0, len(issued) - 2, 5):
        other = "A" if issued[place] != "A" else "B"
        check_problem(admin.get(f"?cursor={issued[:place]}{other}{issued[place + 1 :]}"), 400, "unreadable")


@pytest.mark.parametrize(
    "made_up", ["", "x", "AAAA", "%20", "%E2%98%83", "....", "gAAAAAB", "W10", "null", "-1", "A" * 2000]
)
def test_a_made_up_cursor_is_refused(admin: Client, people: list[Customer], made_up: str) -> None:
    check_problem(admin.get(f"?cursor={made_up}"), 400, "unreadable")


def with_secrets(settings: Settings, database: Database, storage: LocalStorage, *secrets: str) -> TestApp:
    changed = dataclasses.replace(settings, secret_key=secrets)
    return TestApp(wsgi.application(changed, database, storage))


def test_a_cursor_of_another_secret_is_refused(
    admin: Client, people: list[Customer], settings: Settings, database: Database, shared_storage: LocalStorage
) -> None:
    path = link(admin.get("?limit=1"), "next")
    old, new = settings.secret_key[0], "another secret of thirty-two characters"
    check_problem(
        Client(with_secrets(settings, database, shared_storage, new), admin.token).get(path), 400, "unreadable"
    )
    both = Client(with_secrets(settings, database, shared_storage, new, old), admin.token)
    assert both.get(path).json == admin.get(path).json


def test_a_cursor_gives_no_rights(admin: Client, anyone: Client, people: list[Customer]) -> None:
    path = link(admin.get("?limit=1"), "next")
    check_problem(anyone.get(path), 401, "unauthenticated")
    nowhere: Any = anyone.as_("admin", business_id=[])
    assert nowhere.get(path).json == []
