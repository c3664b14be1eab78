"""/v1/customers/{customer_id}/orders and /stats"""

import datetime
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import time_machine

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import OTHER_BUSINESS, new_customer
from tests.functional import rows
from tests.functional.crowd import all_at_once, another
from tests.functional.edits import unchanged
from tests.functional.ledgers import ORDER, aggregates, put, recount
from tests.functional.pages import every_page, link
from tests.functional.problem_details import check_problem, pointers

Customer = dict[str, Any]
EMPTY = {
    "total_orders": 0,
    "total_bookings": 0,
    "lifetime_value": "0.00",
    "average_order_value": None,
    "returned_orders": 0,
    "return_rate": None,
    "first_order_date": None,
    "last_order_date": None,
    "days_since_last_order": None,
}


def ledger(admin: Client, customer: Customer) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = admin.get(f"/{customer['id']}/orders").json
    return entries


def stats(admin: Client, customer: Customer) -> dict[str, Any]:
    response = admin.get(f"/{customer['id']}/stats")
    assert response.status_int == 200, response.body
    document: dict[str, Any] = response.json
    return document


class TestPutting:
    def test_an_order_is_new_once(self, admin: Client, internal: Client, customer: Customer) -> None:
        first = put(internal, customer)
        assert (first.status_int, first.json) == (201, {"order_id": "A-1", **ORDER})
        second = put(internal, customer, status="returned", updated_at="2026-02-01T12:00:00Z")
        assert (second.status_int, second.json["status"]) == (200, "returned")
        assert ledger(admin, customer) == [second.json]

    def test_a_repetition_is_harmless(self, admin: Client, internal: Client, customer: Customer) -> None:
        put(internal, customer)
        after = admin.get(f"/{customer['id']}").json
        assert after["version"] == 2
        for again in ({}, {"amount": "10"}, {"ordered_at": "2026-01-31T14:00:00+02:00"}):
            assert put(internal, customer, **again).status_int == 200
        assert unchanged(admin, after)
        assert ledger(admin, customer) == [{"order_id": "A-1", **ORDER}]

    def test_an_older_writing_is_passed_over(self, admin: Client, internal: Client, customer: Customer) -> None:
        stands = put(internal, customer).json
        after = admin.get(f"/{customer['id']}").json
        late = put(internal, customer, amount="99.00", updated_at="2026-01-31T11:59:59.999999Z")
        assert (late.status_int, late.json) == (200, stands)
        assert unchanged(admin, after)
        assert ledger(admin, customer) == [stands]

    def test_a_newer_writing_of_the_same_moves_only_the_ledger(
        self, admin: Client, internal: Client, customer: Customer
    ) -> None:
        put(internal, customer)
        after = admin.get(f"/{customer['id']}").json
        newer = put(internal, customer, updated_at="2026-03-01T00:00:00Z").json
        assert unchanged(admin, after)
        assert ledger(admin, customer) == [newer]

    def test_two_customers_may_have_one_order_id(
        self, admin: Client, internal: Client, customer: Customer
    ) -> None:
        other = new_customer(internal)
        assert put(internal, customer, amount="1.00").status_int == 201
        assert put(internal, other, amount="2.00").status_int == 201
        assert [ledger(admin, one)[0]["amount"] for one in (customer, other)] == ["1.00", "2.00"]
        assert [stats(admin, one)["lifetime_value"] for one in (customer, other)] == ["1.00", "2.00"]

    def test_events_tell_the_aggregates_that_changed(
        self, admin: Client, internal: Client, customer: Customer, database: Database
    ) -> None:
        shop = internal.as_("internal_service", subject="shop")
        put(shop, customer, status="placed")
        put(shop, customer, updated_at="2026-02-01T00:00:00Z")
        put(shop, customer, "B", kind="booking", amount="5.5", ordered_at="2025-01-01T00:00:00Z")
        put(shop, customer, "C", status="returned", ordered_at="2026-02-02T00:00:00Z")
        told = rows.events(database, customer["id"])[1:]
        assert [event.payload["changes"] for event in told] == [
            {"total_orders": 1, "first_order_date": "2026-01-31", "last_order_date": "2026-01-31"},
            {"lifetime_value": "10.00"},
            {"total_bookings": 1, "lifetime_value": "15.50"},
            {"total_orders": 2, "returned_orders": 1, "last_order_date": "2026-02-02"},
        ]
        assert {(event.type, event.actor) for event in told} == {("CustomerUpdatedEvent", "shop")}
        assert [event.customer_version for event in told] == [2, 3, 4, 5]
        now = admin.get(f"/{customer['id']}").json
        assert (now["total_orders"], now["lifetime_value"], now["version"]) == (2, "15.50", 5)

    @pytest.mark.parametrize("order_id", ["1", "A/1", "!~", "%", "x" * 100, "../x", "'--", "stats"])
    def test_the_orders_systems_ids_are_kept(
        self, admin: Client, internal: Client, customer: Customer, order_id: str
    ) -> None:
        assert put(internal, customer, quote(order_id, safe="")).status_int == 201
        assert [entry["order_id"] for entry in ledger(admin, customer)] == [order_id]

    @pytest.mark.parametrize("order_id", ["a%20b", "%C3%A9", "x" * 101, "%E7%8E%8B"])
    def test_what_is_no_order_id_is_told(
        self, admin: Client, internal: Client, customer: Customer, order_id: str
    ) -> None:
        assert pointers(put(internal, customer, order_id)) == {"/order_id"}
        assert ledger(admin, customer) == []

    def test_another_businesss_service_puts_nothing(
        self, admin: Client, internal: Client, customer: Customer
    ) -> None:
        foreign = internal.as_("internal_service", business_id=OTHER_BUSINESS)
        check_problem(put(foreign, customer), 404, "not-found")
        check_problem(put(internal, {"id": str(uuid.uuid4())}), 404, "not-found")
        assert unchanged(admin, customer)


class TestRefusals:
    @pytest.mark.parametrize(
        "amount",
        [
            "-1",
            "-0.00",
            "NaN",
            "Infinity",
            "1.234",
            "1e3",
            "1000000000000",
            "",
            " 1",
            "1,5",
            "+1",
            ".5",
            "1.",
            "١",
        ],
    )
    def test_what_is_no_amount(self, admin: Client, internal: Client, customer: Customer, amount: str) -> None:
        assert pointers(put(internal, customer, amount=amount)) == {"/amount"}
        assert unchanged(admin, customer)

    @pytest.mark.parametrize("amount", [1, 1.5, 0, None, True, ["1"], {"value": "1"}])
    def test_an_amount_is_a_string(self, internal: Client, customer: Customer, amount: Any) -> None:
        assert pointers(put(internal, customer, amount=amount)) == {"/amount"}

    @pytest.mark.parametrize("field", ["ordered_at", "updated_at"])
    @pytest.mark.parametrize(
        "time",
        [
            "0000-01-01T00:00:00Z",
            "2026-01-31T12:00:00",
            "2026-02-30T12:00:00Z",
            "2026-01-31T24:00:01Z",
            "2026-01-31T12:00:60Z",
            "2026-01-31",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "2026-01-31T12:00:00+25:00",
            "2026-01-31T12:00:00.1234567Z",
            "infinity",
            1769860800,
            None,
        ],
    )
    def test_what_is_no_time(self, internal: Client, customer: Customer, field: str, time: Any) -> None:
        assert pointers(put(internal, customer, **{field: time})) == {f"/{field}"}

    @pytest.mark.parametrize(
        ("field", "value"),
        [("kind", "gift"), ("kind", None), ("kind", []), ("status", "lost"), ("status", 1), ("shoe", 1)],
    )
    def test_what_is_not_known(self, internal: Client, customer: Customer, field: str, value: Any) -> None:
        assert pointers(put(internal, customer, **{field: value})) == {f"/{field}"}

    def test_everything_must_be_there(self, internal: Client, customer: Customer) -> None:
        reply = internal.put(f"/{customer['id']}/orders/A", {})
        assert pointers(reply) == {f"/{name}" for name in ORDER}

    def test_a_value_past_what_can_be_kept(self, admin: Client, internal: Client, customer: Customer) -> None:
        most = "999999999999.99"
        assert put(internal, customer, amount=most).status_int == 201
        after = admin.get(f"/{customer['id']}").json
        assert after["lifetime_value"] == most
        assert pointers(put(internal, customer, "B", amount="0.01")) == {"/amount"}
        assert unchanged(admin, after)
        assert [entry["order_id"] for entry in ledger(admin, customer)] == ["A-1"]
        assert put(internal, customer, "B", amount=most, status="placed").status_int == 201

    @pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
    def test_the_ends_of_time_are_kept(
        self, admin: Client, internal: Client, customer: Customer, time: str
    ) -> None:
        for order_id in ("A", "B"):
            assert put(internal, customer, order_id, ordered_at=time, updated_at=time).status_int == 201
        pages = every_page(admin, f"/{customer['id']}/orders?limit=1")
        assert [entry["ordered_at"] for page in pages for entry in page] == [time, time]
        assert stats(admin, customer)["first_order_date"] == time[:10]
        assert admin.get("?sort=-last_order_date").status_int == 200


class TestListing:
    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 200])
    def test_pages_hold_each_entry_once_latest_first(
        self, admin: Client, internal: Client, customer: Customer, limit: int
    ) -> None:
        for order_id, day in (("b", 2), ("a", 2), ("B", 2), ("z", 1), ("c", 3), ("d", 2)):
            put(internal, customer, order_id, ordered_at=f"2026-01-0{day}T00:00:00.000001Z")
        pages = every_page(admin, f"/{customer['id']}/orders?limit={limit}")
        shown = [(entry["ordered_at"], entry["order_id"]) for page in pages for entry in page]
        assert len(set(shown)) == len(shown) == 6
        assert (shown[0][1], shown[-1][1]) == ("c", "z")
        assert [time for time, _ in shown] == sorted((time for time, _ in shown), reverse=True)
        assert {len(page) for page in pages[:-1]} <= {limit}

    def test_new_entries_do_not_shift_a_page(self, admin: Client, internal: Client, customer: Customer) -> None:
        for day in range(1, 5):
            put(internal, customer, str(day), ordered_at=f"2026-01-0{day}T00:00:00Z")
        first = admin.get(f"/{customer['id']}/orders?limit=2")
        put(internal, customer, "5", ordered_at="2026-01-05T00:00:00Z")
        assert [entry["order_id"] for entry in admin.get(link(first, "next")).json] == ["2", "1"]

    def test_what_is_out_of_reach_is_not_found(self, admin: Client, internal: Client, customer: Customer) -> None:
        put(internal, customer)
        limited = admin.as_("admin", business_id=OTHER_BUSINESS)
        for below in ("orders", "stats"):
            check_problem(limited.get(f"/{customer['id']}/{below}"), 404, "not-found")
            check_problem(admin.get(f"/{uuid.uuid4()}/{below}"), 404, "not-found")

    def test_a_cursor_of_another_customer_is_refused(
        self, admin: Client, internal: Client, customer: Customer
    ) -> None:
        for order_id in ("A", "B"):
            put(internal, customer, order_id)
        path = link(admin.get(f"/{customer['id']}/orders?limit=1"), "next")
        check_problem(admin.get(path.replace(customer["id"], new_customer(internal)["id"])), 400, "unreadable")

    @pytest.mark.parametrize("query", ["limit=0", "limit=201", "sort=amount", "limit=1&limit=2"])
    def test_a_parameter_that_does_not_hold_is_named(self, admin: Client, customer: Customer, query: str) -> None:
        assert pointers(admin.get(f"/{customer['id']}/orders?{query}")) == {query.partition("=")[0]}


class TestStatistics:
    def test_of_nothing(self, admin: Client, customer: Customer) -> None:
        shown = stats(admin, customer)
        assert {name: shown[name] for name in EMPTY} == EMPTY
        assert set(shown) == {*EMPTY, "computed_at"}

    def test_who_was_brought_in_without_a_history_is_as_one_who_is_new(
        self, admin: Client, internal: Client, customer: Customer, database: Database
    ) -> None:
        rows.run(database, "DELETE FROM customer_history")
        shown = stats(admin, customer)
        assert {name: shown[name] for name in EMPTY} == EMPTY
        assert put(internal, customer, status="completed").status_int == 201
        after = stats(admin, customer)
        assert (after["total_orders"], after["lifetime_value"]) == (1, ORDER["amount"])
        assert after["first_order_date"] == ORDER["ordered_at"][:10]

    def test_of_a_few_known_orders(self, admin: Client, internal: Client, customer: Customer) -> None:
        for order_id, kind, status, amount, ordered_at in (
            ("1", "order", "completed", "100.00", "2026-01-10T23:30:00-02:00"),  # the 11th in UTC
            ("2", "order", "completed", "0.01", "2026-03-01T00:30:00+02:00"),  # the last of February in UTC
            ("3", "order", "returned", "50.00", "2026-02-01T00:00:00Z"),
            ("4", "order", "placed", "70.00", "2026-02-02T00:00:00Z"),
            ("5", "order", "cancelled", "999.00", "2025-01-01T00:00:00Z"),
            ("6", "booking", "completed", "20.00", "2024-01-01T00:00:00Z"),
            ("7", "booking", "returned", "30.00", "2027-01-01T00:00:00Z"),
            ("8", "booking", "cancelled", "40.00", "2024-01-01T00:00:00Z"),
        ):
            reply = put(
                internal, customer, order_id, kind=kind, status=status, amount=amount, ordered_at=ordered_at
            )
            assert reply.status_int == 201
        with time_machine.travel(datetime.datetime(2026, 3, 10, 23, 59, tzinfo=datetime.UTC), tick=False):
            later = admin.as_("admin")
            shown = stats(later, customer)
        assert shown == {
            "total_orders": 4,
            "total_bookings": 2,
            "lifetime_value": "120.01",
            "average_order_value": "20.00",
            "returned_orders": 1,
            "return_rate": 0.25,
            "first_order_date": "2026-01-11",
            "last_order_date": "2026-02-28",
            "days_since_last_order": 10,
            "computed_at": "2026-03-10T23:59:00Z",
        }

    def test_of_bookings_only(self, admin: Client, internal: Client, customer: Customer) -> None:
        put(internal, customer, kind="booking", amount="0.05")
        put(internal, customer, "B", kind="booking", status="placed")
        shown = stats(admin, customer)
        assert (shown["average_order_value"], shown["return_rate"]) == ("0.03", None)
        assert (shown["last_order_date"], shown["days_since_last_order"]) == (None, None)

    def test_a_cancelled_order_is_as_if_it_never_was(
        self, admin: Client, internal: Client, customer: Customer
    ) -> None:
        put(internal, customer)
        put(internal, customer, status="cancelled", updated_at="2026-02-01T00:00:00Z")
        shown = stats(admin, customer)
        assert {name: shown[name] for name in EMPTY} == EMPTY


def test_a_deleted_customer_takes_its_orders_along(
    admin: Client, internal: Client, customer: Customer, database: Database
) -> None:
    put(internal, customer)
    admin.delete(f"/{customer['id']}")
    assert rows.count(database, "customer_order") == 0
    check_problem(put(internal, customer), 404, "not-found")


def test_orders_put_at_once_are_all_counted(committing_app: Client, committing_database: Database) -> None:
    internal = committing_app.as_("internal_service")
    customer = new_customer(internal)
    statuses, kinds = ("completed", "placed", "returned", "cancelled"), ("order", "order", "booking")

    def putting(thread: int) -> Callable[[], list[int]]:
        caller = another(internal)
        # ten of its own, and ten that all threads fight over
        entries = [(f"{thread}-{n}", n) for n in range(10)] + [(f"shared-{n}", n + thread) for n in range(10)]
        return lambda: [
            put(
                caller,
                customer,
                order_id,
                kind=kinds[n % 3],
                status=statuses[n % 4],
                amount=f"{n}.{thread}0",
                ordered_at=f"2026-01-{n + 1:02}T00:00:00Z",
                updated_at=f"2026-02-{thread + 1:02}T00:00:00Z",
            ).status_int
            for order_id, n in entries
        ]

    replies = [status for part in all_at_once(*map(putting, range(8))) for status in part]
    assert sorted(replies) == [200] * 70 + [201] * 90
    assert rows.count(committing_database, "customer_order") == 90
    assert aggregates(committing_database, customer["id"]) == recount(committing_database, customer["id"])
    versions = [event.customer_version for event in rows.events(committing_database, customer["id"])]
    assert versions == list(range(1, len(versions) + 1))
