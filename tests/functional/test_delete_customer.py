"""DELETE /v1/customers/{customer_id}"""

import json
import uuid
from typing import Any

import pytest

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import OTHER_BUSINESS, new_body, new_customer
from tests.functional import rows
from tests.functional.problem_details import check_problem, pointers

Customer = dict[str, Any]


def test_a_deleted_customer_is_gone(admin: Client, customer: Customer) -> None:
    response = admin.delete(f"/{customer['id']}")
    assert (response.status_int, response.body) == (204, b"")
    assert "Content-Type" not in response.headers
    for reply in (
        admin.get(f"/{customer['id']}"),
        admin.get(f"/{customer['id']}/events"),
        admin.patch(f"/{customer['id']}", []),
        admin.delete(f"/{customer['id']}"),
    ):
        check_problem(reply, 404, "not-found")
    assert admin.get("").json == []


@pytest.mark.parametrize(("tag", "status"), [("..", 404), (".", 405)])
def test_an_address_that_a_program_folded_deletes_nothing(
    admin: Client, customer: Customer, tag: str, status: int
) -> None:
    """Browsers and others by themselves make /v1/customers/ID/ of /v1/customers/ID/tags/.., and so on."""
    folded = {"..": f"/{customer['id']}/", ".": f"/{customer['id']}/tags/"}[tag]
    check_problem(admin.delete(folded), status)
    assert admin.get(f"/{customer['id']}/").json == admin.get(f"/{customer['id']}").json


def test_nothing_of_the_customer_stays(admin: Client, internal: Client, database: Database) -> None:
    internal.post(new_body(), Idempotency_Key="kept-reply")
    customer = admin.get("").json[0]
    keeper = new_customer(internal)
    admin.delete(f"/{customer['id']}")
    for table in ("customer_history", "customer_tag"):
        assert rows.count(database, table, customer_id=uuid.UUID(keeper["id"])) == 1
        assert rows.count(database, table) == 1
    assert rows.count(database, "idempotency_key") == 0
    assert rows.count(database, "tag", name="VIP") == 1


def test_the_event_of_a_deletion_names_no_personal_data(
    admin: Client, customer: Customer, database: Database
) -> None:
    admin.merge(f"/{customer['id']}", {"full_name": "Somebody Else", "email": "else@example.com"})
    admin.as_("admin", subject="the boss").delete(f"/{customer['id']}")
    *earlier, last = rows.events(database, customer["id"])
    assert (last.type, last.routing_key, last.customer_version, last.actor) == (
        "CustomerDeletedEvent",
        "customers.deleted",
        3,
        "the boss",
    )
    assert last.payload == {"business_id": customer["business_id"], "reason": "deleted"}
    assert [event.type for event in earlier] == ["CustomerCreatedEvent", "CustomerUpdatedEvent"]
    told = json.dumps([event.payload for event in (*earlier, last)])
    for value in (customer["full_name"], customer["email"], customer["phone"], customer["user_id"], "else@"):
        assert value not in told


def test_the_user_can_be_created_again(admin: Client, internal: Client, customer: Customer) -> None:
    admin.delete(f"/{customer['id']}")
    again = new_customer(internal, user_id=customer["user_id"])
    assert again["id"] != customer["id"]
    assert again["version"] == 1


def test_a_foreign_customer_is_not_deleted(admin: Client, internal: Client) -> None:
    foreign = new_customer(internal)
    limited = admin.as_("admin", business_id=OTHER_BUSINESS)
    check_problem(limited.delete(f"/{foreign['id']}"), 404, "not-found")
    assert admin.get(f"/{foreign['id']}").json == foreign


def test_a_parameter_stops_a_deletion(admin: Client, customer: Customer) -> None:
    assert pointers(admin.delete(f"/{customer['id']}?dry_run=true")) == {"dry_run"}
    assert admin.get(f"/{customer['id']}").status_int == 200


@pytest.mark.parametrize(
    "customer_id", ["1", "x", "0190d3a4-6f5b-7c1e-9a53", "{0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d}"]
)
def test_what_is_no_id_is_not_found(admin: Client, customer_id: str) -> None:
    check_problem(admin.delete(f"/{customer_id}"), 404, "not-found")


def test_an_id_is_read_in_either_case(admin: Client, customer: Customer) -> None:
    assert admin.delete(f"/{customer['id'].upper()}").status_int == 204
