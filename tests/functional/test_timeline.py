"""GET /v1/customers/{customer_id}/events"""

from typing import Any

import pytest

from tests.client import Client
from tests.factories import OTHER_BUSINESS, new_customer
from tests.functional.edits import op
from tests.functional.pages import every_page, link
from tests.functional.problem_details import check_problem, pointers

Customer = dict[str, Any]


def rename(admin: Client, customer: Customer, times: int) -> None:
    for number in range(times):
        admin.patch(f"/{customer['id']}", [op("replace", "/full_name", f"Ana {number}")])


def test_the_timeline_tells_what_changed_when_and_by_whom(admin: Client, customer: Customer) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    boss = admin.as_("admin", subject="boss")
    changed = boss.merge(
        f"/{customer['id']}", {"full_name": "Ana", "email": None}, traceparent=f"00-{trace}-00f067aa0ba902b7-01"
    ).json
    newest, oldest = admin.get(f"/{customer['id']}/events").json
    assert newest == {
        "id": newest["id"],
        "type": "CustomerUpdatedEvent",
        "customer_version": 2,
        "occurred_at": changed["updated_at"],
        "actor": "boss",
        "trace_id": trace,
        "changes": {"full_name": "Ana", "email": None},
    }
    assert (oldest["type"], oldest["customer_version"]) == ("CustomerCreatedEvent", 1)
    assert oldest["occurred_at"] == customer["created_at"]
    assert oldest["changes"]["full_name"] == customer["full_name"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8, 9, 200])
def test_pages_of_the_timeline_hold_each_event_once(admin: Client, customer: Customer, limit: int) -> None:
    rename(admin, customer, 8)
    pages = every_page(admin, f"/{customer['id']}/events?limit={limit}")
    assert [event["customer_version"] for page in pages for event in page] == list(range(9, 0, -1))
    assert {len(page) for page in pages[:-1]} <= {limit}


def test_new_events_do_not_shift_a_page(admin: Client, customer: Customer) -> None:
    rename(admin, customer, 4)
    first = admin.get(f"/{customer['id']}/events?limit=2")
    rename(admin, customer, 3)
    second = admin.get(link(first, "next"))
    assert [event["customer_version"] for event in second.json] == [3, 2]


def test_the_timeline_of_one_customer_holds_no_other(admin: Client, internal: Client, customer: Customer) -> None:
    new_customer(internal)
    assert len(admin.get(f"/{customer['id']}/events").json) == 1


def test_a_cursor_of_another_customer_is_refused(admin: Client, internal: Client, customer: Customer) -> None:
    rename(admin, customer, 3)
    other = new_customer(internal)
    path = link(admin.get(f"/{customer['id']}/events?limit=1"), "next")
    foreign = path.replace(customer["id"], other["id"])
    check_problem(admin.get(foreign), 400, "unreadable")
    check_problem(admin.get(path.replace(f"/{customer['id']}/events", "")), 400, "unreadable")


def test_nobody_elses_timeline_is_shown(admin: Client, customer: Customer) -> None:
    limited = admin.as_("admin", business_id=OTHER_BUSINESS)
    check_problem(limited.get(f"/{customer['id']}/events"), 404, "not-found")
    check_problem(admin.get("/0190d3a4-0000-7000-8000-000000000000/events"), 404, "not-found")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "sort=created_at", "limit=1&limit=2"])
def test_a_parameter_that_does_not_hold_is_named(admin: Client, customer: Customer, query: str) -> None:
    assert pointers(admin.get(f"/{customer['id']}/events?{query}")) == {query.partition("=")[0]}
