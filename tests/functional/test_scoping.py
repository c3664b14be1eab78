"""Whose customers are shown to whom; who may do what at all: tests/hostile/test_authorisation.py"""

import uuid
from typing import Any

import pytest

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.functional.pages import every_page, ids
from tests.functional.people import SORTS, gather
from tests.functional.problem_details import check_problem


def test_a_customer_that_is_also_staff_of_another_business_sees_itself_without_tags(
    anyone: Client, internal: Client
) -> None:
    subject = str(uuid.uuid4())
    own = new_customer(internal, user_id=subject)
    both = anyone.as_("customer", "admin", subject=subject, business_id=OTHER_BUSINESS)
    assert "tags" not in both.get(f"/{own['id']}").json
    for reply in (both.merge(f"/{own['id']}", {"full_name": "X"}), both.delete(f"/{own['id']}")):
        check_problem(reply, 404, "not-found")
    assert both.get("").json == []


def test_a_service_that_comes_as_a_customer_reads_only_itself(anyone: Client, internal: Client) -> None:
    subject = str(uuid.uuid4())
    own, other = new_customer(internal, user_id=subject), new_customer(internal)
    both = anyone.as_("customer", "internal_service", subject=subject)
    assert both.get(f"/{own['id']}").status_int == 200
    check_problem(both.get(f"/{other['id']}"), 404, "not-found")


@pytest.mark.parametrize("subject", ["not a uuid", "{id}", "urn:uuid:{id}", "{id} "])
def test_another_writing_of_a_subject_shows_nobody_else(
    anyone: Client, customer: dict[str, Any], subject: str
) -> None:
    visitor = anyone.as_("customer", subject=subject.format(id=customer["id"]))
    check_problem(visitor.get(f"/{customer['id']}"), 404, "not-found")


def test_a_customer_is_found_in_every_business(anyone: Client, internal: Client) -> None:
    subject = str(uuid.uuid4())
    owned = [new_customer(internal, user_id=subject, business_id=name) for name in (BUSINESS, OTHER_BUSINESS)]
    me = anyone.as_("customer", subject=subject)
    assert [me.get(f"/{one['id']}").json["business_id"] for one in owned] == [BUSINESS, OTHER_BUSINESS]


def test_a_limited_admin_lists_only_its_businesses(admin: Client, internal: Client, database: Database) -> None:
    people = gather(internal, database)
    limited = admin.as_("admin", business_id=OTHER_BUSINESS)
    expected = {one["id"] for one in people if one["business_id"] == OTHER_BUSINESS}
    for sort in SORTS:
        assert set(ids(every_page(limited, f"?limit=2&sort={sort}"))) == expected
    for query in (
        f"business_id={BUSINESS}",
        "tag=new",
        "search=%E7%8E%8B",
        "min_orders=12",
        "max_lifetime_value=1",
    ):
        response = limited.get(f"?{query}&count=exact")
        assert (response.json, response.headers["X-Total-Count"]) == ([], "0")
    assert limited.get("?count=exact").headers["X-Total-Count"] == str(len(expected))
    assert limited.get("?count=exact&tag=vip&gender=male").headers["X-Total-Count"] == "1"


def test_an_admin_of_no_business_sees_an_empty_list(admin: Client, customer: dict[str, Any]) -> None:
    response = admin.as_("admin", business_id=[]).get("?count=exact")
    assert (response.json, response.headers["X-Total-Count"]) == ([], "0")


def test_staff_of_one_business_gets_no_more_of_another_by_also_being_its_customer(
    anyone: Client, internal: Client
) -> None:
    subject = str(uuid.uuid4())
    own = new_customer(internal, user_id=subject, tags=["blacklisted"])
    mixed = anyone.as_("admin", "customer", subject=subject, business_id=OTHER_BUSINESS)
    assert mixed.get(f"/{own['id']}/events").status_int == 404
    assert mixed.get("").json == []
    assert "tags" not in mixed.get(f"/{own['id']}").json
