"""Rows that depend on each other go in the order of the file, however it is cut into batches."""

from typing import Any

import pytest

from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.imports.desk import Desk, own_id, row, update, user

# Rows of one customer, found by different keys: what it is called, and how often that changed, must not depend on
# how the file is cut into batches.
BY_ID = {"id": own_id(1), "business_id": BUSINESS}
BY_USER = {"user_id": user(1), "business_id": BUSINESS}
BY_EMAIL = {"email": "ionut1@example.com", "business_id": BUSINESS}
KEYS = {"id": BY_ID, "user": BY_USER, "email": BY_EMAIL}


@pytest.mark.parametrize("batch", [1, 2, 1000])
@pytest.mark.parametrize("order", ["email id user", "id id user", "id id email email", "user email id user id"])
@pytest.mark.parametrize("is_new", [False, True])
def test_rows_of_one_customer_go_in_the_order_of_the_file(
    order: str, batch: int, is_new: bool, desk: Desk
) -> None:
    first = row(1, id=own_id(1))
    rows = [{**KEYS[key], "full_name": f"row {n}"} for n, key in enumerate(order.split())]
    done = [] if is_new else [desk.bring([first])]
    done = update(desk, *([first] if is_new else []), *rows, batch=batch)
    assert done.told == []
    assert [person["full_name"] for person in desk.people()] == [rows[-1]["full_name"]]
    names = [event["payload"]["changes"]["full_name"] for event in desk.events()]
    assert names == [first["full_name"], *(one["full_name"] for one in rows)]
    assert [event["customer_version"] for event in desk.events()] == [*range(1, len(rows) + 2)]


@pytest.mark.parametrize("batch", [1, 1000])
@pytest.mark.parametrize("on_conflict", ["skip", "update"])
class TestRowsThatDependOnEachOther:
    """They end as they would one by one."""

    def bring(
        self, desk: Desk, batch: int, on_conflict: str, *rows: dict[str, Any]
    ) -> tuple[list[str], list[Any]]:
        done = desk.bring(rows, on_conflict=on_conflict, batch=batch)
        return done.told, [(person["full_name"], person["email"]) for person in desk.people()]

    def test_a_new_user_twice_once_with_an_id(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(desk, batch, on_conflict, row(1, id=own_id(1)), row(1, full_name="Ana"))
        assert told == []
        assert people == [("Ana" if on_conflict == "update" else "Ionuț Popescu 1", "ionut1@example.com")]

    def test_a_new_user_with_two_ids(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(desk, batch, on_conflict, row(1, id=own_id(1)), row(1, id=own_id(2)))
        assert told == ["line 2: user_id the business has another customer with this user_id"]
        assert len(people) == 1

    def test_an_id_for_a_user_that_came_before(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(desk, batch, on_conflict, row(1), row(1, id=own_id(2)))
        assert told == ["line 2: user_id the business has another customer with this user_id"]
        assert len(people) == 1

    def test_an_email_of_a_customer_that_is_new_itself(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(desk, batch, on_conflict, row(1), row(user_id=..., full_name="Ana"))
        assert told == []
        assert people == [("Ana" if on_conflict == "update" else "Ionuț Popescu 1", "ionut1@example.com")]

    def test_an_email_that_comes_to_be_of_two(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(
            desk, batch, on_conflict, row(1), row(2, email="IONUT1@example.com"), row(user_id=..., full_name="Ana")
        )
        assert told == ["line 3: email several customers of the business have this e-mail address"]
        assert len(people) == 2

    def test_an_email_that_is_taken_over(self, desk: Desk, batch: int, on_conflict: str) -> None:
        desk.bring([row(1, id=own_id(1))])
        told, people = self.bring(
            desk,
            batch,
            on_conflict,
            {"id": own_id(1), "email": "new@example.com"},
            row(user_id=..., email="new@example.com", full_name="Ana"),
            row(user_id=..., email="ionut1@example.com", full_name="Eva"),
        )
        assert told == []
        if on_conflict == "update":
            assert people == [("Ana", "new@example.com"), ("Eva", "ionut1@example.com")]
        else:
            assert people == [("Ionuț Popescu 1", "ionut1@example.com"), ("Ana", "new@example.com")]

    def test_an_email_that_is_not_of_two_any_more(self, desk: Desk, batch: int, on_conflict: str) -> None:
        desk.bring([row(1, email="info@example.com"), row(2, email="info@example.com")])
        told, people = self.bring(
            desk,
            batch,
            on_conflict,
            row(1, email="own@example.com"),
            row(user_id=..., email="info@example.com", full_name="Ana"),
        )
        if on_conflict == "update":
            assert (told, people) == ([], [("Ionuț Popescu 1", "own@example.com"), ("Ana", "info@example.com")])
        else:
            assert told == ["line 2: email several customers of the business have this e-mail address"]

    def test_a_refused_row_holds_nobody_up(self, desk: Desk, batch: int, on_conflict: str) -> None:
        desk.bring([row(1, id=own_id(1))])
        told, people = self.bring(
            desk,
            batch,
            on_conflict,
            {"id": own_id(1), "business_id": OTHER_BUSINESS, "full_name": "Nobody"},
            {"id": own_id(1), "full_name": "Ana"},
            row(1, full_name="Eva"),
        )
        assert told == ["line 1: business_id the customer is of another business"]
        assert people[0][0] == ("Eva" if on_conflict == "update" else "Ionuț Popescu 1")


def test_many_rows_of_one_address_that_are_skipped_take_no_time(desk: Desk) -> None:
    rows = [row(number, user_id=..., email="info@example.com") for number in range(2000)]
    done = desk.bring(rows)
    assert done.counts == {"created": 1, "skipped": 1999}
    assert done.report.seconds < 3


def test_orders_of_one_customer_go_in_the_order_of_the_file(desk: Desk, internal: Client) -> None:
    customer = new_customer(internal)
    whose = [
        {"customer_id": customer["id"]},
        {"customer_id": customer["id"]},
        {"business_id": customer["business_id"], "user_id": customer["user_id"]},
        {"business_id": customer["business_id"], "email": customer["email"].upper()},
    ]
    time = "2026-01-31T12:00:00Z"
    order = {"order_id": "A-1", "kind": "order", "status": "placed", "ordered_at": time, "updated_at": time}
    for batch in (1, 2, 1000):
        rows = [order | one | {"amount": f"{n}.00"} for n, one in enumerate(whose)]
        done = desk.bring(rows, "orders", batch=batch)
        assert done.counts == {"created": 1, "updated": 3}
        assert [one["amount"] for one in desk.orders()] == ["3.00"]
        desk.do("DELETE FROM customer_order")
