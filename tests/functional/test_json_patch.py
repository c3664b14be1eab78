"""PATCH /v1/customers/{customer_id} by JSON Patch (RFC 6902): what it changes"""

from typing import Any

import pytest

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import new_customer
from tests.functional import rows
from tests.functional.edits import NEW_VALUES, Customer, op, unchanged
from tests.functional.problem_details import pointers


@pytest.mark.parametrize("kind", ["replace", "add"])
@pytest.mark.parametrize(("path", "sent", "kept"), NEW_VALUES)
def test_every_writable_field_can_be_set(
    admin: Client, customer: Customer, kind: str, path: str, sent: Any, kept: Any
) -> None:
    response = admin.patch(f"/{customer['id']}", [op(kind, path, sent)])
    assert response.status_int == 200
    assert response.headers["ETag"] == '"2"'
    shown = response.json
    assert shown["updated_at"] > customer["updated_at"]
    assert shown == customer | {path[1:]: kept, "version": 2, "updated_at": shown["updated_at"]}
    assert admin.get(f"/{customer['id']}").json == shown


@pytest.mark.parametrize("field", ["email", "phone", "gender"])
def test_a_removed_field_is_null(admin: Client, customer: Customer, field: str) -> None:
    assert admin.patch(f"/{customer['id']}", [op("remove", f"/{field}")]).json[field] is None


def test_the_event_holds_what_changed_and_nothing_else(
    admin: Client, customer: Customer, database: Database
) -> None:
    operations = [
        op("replace", "/full_name", "Ana"),
        op("remove", "/email"),
        op("add", "/gender", customer["gender"]),
    ]
    admin.as_("admin", subject="boss").patch(f"/{customer['id']}", [*operations, op("add", "/tags/-", "b2b")])
    event = rows.events(database, customer["id"])[-1]
    assert (event.type, event.routing_key, event.actor) == ("CustomerUpdatedEvent", "customers.updated", "boss")
    assert event.customer_version == 2
    assert event.payload["changes"] == {"full_name": "Ana", "email": None, "tags": ["b2b", "VIP"]}


def test_any_field_can_be_tested(admin: Client, customer: Customer) -> None:
    tests = [op("test", f"/{name}", value) for name, value in customer.items()]
    response = admin.patch(f"/{customer['id']}", [*tests, op("test", "", customer), op("test", "/tags/0", "VIP")])
    assert response.status_int == 200
    assert unchanged(admin, customer)


def test_a_number_is_tested_by_its_value(admin: Client, customer: Customer) -> None:
    assert admin.patch(f"/{customer['id']}", b'[{"op":"test","path":"/version","value":1.0}]').status_int == 200


def test_a_test_sees_what_was_done_before_it(admin: Client, customer: Customer) -> None:
    operations = [
        op("replace", "/full_name", "Ana"),
        op("test", "/full_name", "Ana"),
        op("copy", "/tags/-", **{"from": "/full_name"}),
    ]
    assert admin.patch(f"/{customer['id']}", operations).json["tags"] == ["Ana", "VIP"]


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([op("add", "/tags/-", "new")], ["a", "b", "c", "new"]),
        ([op("add", "/tags/0", "z")], ["a", "b", "c", "z"]),
        ([op("add", "/tags/3", "z")], ["a", "b", "c", "z"]),
        ([op("replace", "/tags/1", "z")], ["a", "c", "z"]),
        ([op("remove", "/tags/1")], ["a", "c"]),
        ([op("remove", "/tags/0"), op("remove", "/tags/0")], ["c"]),
        ([op("remove", "/tags")], []),
        ([op("move", "/tags/0", **{"from": "/tags/2"}), op("remove", "/tags/0")], ["a", "b"]),
        ([op("replace", "/tags", ["C", "d", "D"])], ["c", "d"]),
    ],
)
def test_tags_can_be_changed_item_by_item(
    admin: Client, internal: Client, operations: list[Any], expected: list[str]
) -> None:
    customer = new_customer(internal, tags=["a", "b", "c"])
    response = admin.patch(f"/{customer['id']}", operations)
    assert (response.status_int, response.json["tags"]) == (200, expected)


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [op("replace", "/full_name", "  Ionuț Popescu ")],
        [op("replace", "/full_name", "Ionut\u0326 Popescu")],
        [op("replace", "/phone", "0722 123 456")],
        [op("add", "/tags/-", "vip")],
        [op("add", "/tags/-", "VÍP")],
        [op("replace", "/tags", ["b2b", "VIP", "vip"])],
        [op("move", "/tags/0", **{"from": "/tags/1"})],
        [op("replace", "/gender", "other"), op("replace", "/gender", "male")],
        [op("add", "/tags/-", "x"), op("remove", "/tags/2")],
    ],
)
def test_a_patch_without_a_change_writes_nothing(admin: Client, internal: Client, operations: list[Any]) -> None:
    customer = new_customer(internal, full_name="Ionuț Popescu", tags=["VIP", "B2B"])
    response = admin.patch(f"/{customer['id']}", operations)
    assert (response.status_int, response.json, response.headers["ETag"]) == (200, customer, '"1"')
    assert unchanged(admin, customer)


def test_swapping_two_fields_by_moves_works(admin: Client, customer: Customer) -> None:
    moves = [op("move", "/gender", **{"from": "/email"}), op("test", "/gender", customer["email"])]
    restore = [op("move", "/email", **{"from": "/gender"}), op("add", "/gender", "other")]
    shown = admin.patch(f"/{customer['id']}", moves + restore).json
    assert (shown["email"], shown["gender"]) == (customer["email"], "other")


def test_fifty_operations_are_taken(admin: Client, customer: Customer) -> None:
    operations = [op("add", "/tags/-", f"t{number:02}") for number in range(49)]
    response = admin.patch(f"/{customer['id']}", [op("test", "/version", 1), *operations])
    assert (response.status_int, len(response.json["tags"])) == (200, 50)


def test_a_patch_may_grow_past_the_bound_of_tags_on_its_way(admin: Client, internal: Client) -> None:
    customer = new_customer(internal, tags=[f"t{number:02}" for number in range(50)])
    operations = [op("add", "/tags/-", "VIP"), op("remove", "/tags/0")]
    assert admin.patch(f"/{customer['id']}", operations).status_int == 200


def test_old_data_that_breaks_a_rule_does_not_stand_in_the_way(
    admin: Client, customer: Customer, database: Database
) -> None:
    rows.set_customer(database, customer["id"], email="not an address", phone="12")
    response = admin.patch(f"/{customer['id']}", [op("replace", "/full_name", "Ana")])
    assert (response.status_int, response.json["email"], response.json["phone"]) == (200, "not an address", "12")
    assert pointers(admin.patch(f"/{customer['id']}", [op("replace", "/email", "still not")])) == {"/email"}


def test_unknown_members_of_an_operation_are_ignored(admin: Client, customer: Customer) -> None:
    # RFC 6902, 4: members that are not defined for the operation must be ignored
    operation = op("replace", "/full_name", "Ana", comment="why", **{"from": "nowhere"})
    assert admin.patch(f"/{customer['id']}", [operation]).json["full_name"] == "Ana"


@pytest.mark.parametrize(
    "media_type", ["Application/JSON-Patch+JSON", "application/json-patch+json; charset=UTF-8"]
)
def test_the_media_type_is_read_without_case_and_charset(
    admin: Client, customer: Customer, media_type: str
) -> None:
    operations = [op("replace", "/full_name", "Ana")]
    assert admin.patch(f"/{customer['id']}", operations, Content_Type=media_type).status_int == 200
