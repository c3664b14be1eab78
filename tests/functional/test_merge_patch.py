"""PATCH /v1/customers/{customer_id} by merge patch (RFC 7396)"""

from typing import Any

import pytest

from bee_customers.db.engine import Database
from tests.client import Client
from tests.functional import rows
from tests.functional.edits import NEW_VALUES, READ_ONLY, Customer, unchanged
from tests.functional.problem_details import check_problem, pointers


@pytest.mark.parametrize(("path", "sent", "kept"), NEW_VALUES)
def test_every_writable_field_can_be_merged(
    admin: Client, customer: Customer, path: str, sent: Any, kept: Any
) -> None:
    response = admin.merge(f"/{customer['id']}", {path[1:]: sent})
    shown = response.json
    assert (response.status_int, response.headers["ETag"]) == (200, '"2"')
    assert shown == customer | {path[1:]: kept, "version": 2, "updated_at": shown["updated_at"]}


def test_several_fields_are_one_change(admin: Client, customer: Customer, database: Database) -> None:
    changes = {"full_name": "Ana", "email": None, "phone": "+40733000111", "gender": "female", "tags": ["B2B"]}
    assert admin.merge(f"/{customer['id']}", changes).json["version"] == 2
    created, updated = rows.events(database, customer["id"])
    assert (created.customer_version, updated.customer_version) == (1, 2)
    assert updated.payload["changes"] == changes


@pytest.mark.parametrize("field", [*READ_ONLY, "unknown", "", "/full_name"])
@pytest.mark.parametrize("value", [None, 1, "x"])
def test_merge_of_a_read_only_member_changes_nothing(
    admin: Client, customer: Customer, field: str, value: Any
) -> None:
    response = admin.merge(f"/{customer['id']}", {"full_name": "Ana", field: value})
    assert pointers(response) == {"/" + field.replace("/", "~1")}
    assert unchanged(admin, customer)


def test_read_only_members_are_refused_even_as_they_are(admin: Client, customer: Customer) -> None:
    response = admin.merge(f"/{customer['id']}", customer)
    assert pointers(response) == {f"/{name}" for name in READ_ONLY if name in customer}


def test_every_fault_of_a_merge_is_named(admin: Client, customer: Customer) -> None:
    patch = {"full_name": None, "email": "x", "phone": 5, "gender": "x", "tags": ["", "ok", None]}
    expected = {"/full_name", "/email", "/phone", "/gender", "/tags/0", "/tags/2"}
    assert pointers(admin.merge(f"/{customer['id']}", patch)) == expected
    assert unchanged(admin, customer)


@pytest.mark.parametrize("value", [{}, {"first": "Ana"}, [], 1, True, 2**64, 10**4000, 1.5])
def test_a_value_of_the_wrong_kind_is_refused(admin: Client, customer: Customer, value: Any) -> None:
    assert pointers(admin.merge(f"/{customer['id']}", {"full_name": value})) == {"/full_name"}
    assert unchanged(admin, customer)


@pytest.mark.parametrize("root", [[], "x", 1, None, True])
def test_a_root_that_is_no_object_is_invalid(admin: Client, customer: Customer, root: Any) -> None:
    check_problem(admin.merge(f"/{customer['id']}", root), 422, "invalid")


@pytest.mark.parametrize("same", [{}, {"tags": ["vip", "VÍP"]}, {"phone": "0722 123 456"}, {"gender": "male"}])
def test_a_merge_without_a_change_writes_nothing(admin: Client, customer: Customer, same: Any) -> None:
    assert admin.merge(f"/{customer['id']}", same).json == customer
    assert unchanged(admin, customer)


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_another_media_type_is_told_what_can_be_sent(admin: Client, customer: Customer, media_type: str) -> None:
    response = admin.merge(f"/{customer['id']}", {"full_name": "Ana"}, Content_Type=media_type)
    check_problem(response, 415, "unsupported-media-type")
    assert response.headers["Accept-Patch"] == "application/json-patch+json, application/merge-patch+json"
