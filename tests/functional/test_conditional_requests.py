"""ETag, If-Match and If-None-Match"""

from typing import Any

import pytest

from tests.client import Client
from tests.factories import new_body
from tests.functional.edits import op, unchanged
from tests.functional.problem_details import check_problem

Customer = dict[str, Any]
RENAME = [op("replace", "/full_name", "Ana")]
STALE = [
    '"2"',
    '"0"',
    'W/"1"',
    "1",
    '"1',
    '"01"',
    '"x"',
    '""',
    "",
    '"2", "3"',
    '"1" "2"',
    '"9999999999999999999999"',
    ",",
]


def test_the_etag_is_the_same_on_every_way_to_a_customer(admin: Client, internal: Client) -> None:
    created = internal.post(new_body())
    path = f"/{created.json['id']}"
    assert created.headers["ETag"] == admin.get(path).headers["ETag"] == '"1"'
    assert admin.patch(path, RENAME).headers["ETag"] == admin.get(path).headers["ETag"] == '"2"'


@pytest.mark.parametrize("header", STALE)
def test_a_patch_of_another_version_is_refused(admin: Client, customer: Customer, header: str) -> None:
    response = admin.patch(f"/{customer['id']}", RENAME, If_Match=header)
    check_problem(response, 412, "version-mismatch")
    assert response.headers["ETag"] == '"1"'
    assert unchanged(admin, customer)


@pytest.mark.parametrize("header", STALE)
def test_a_deletion_of_another_version_is_refused(admin: Client, customer: Customer, header: str) -> None:
    response = admin.delete(f"/{customer['id']}", If_Match=header)
    check_problem(response, 412, "version-mismatch")
    assert response.headers["ETag"] == '"1"'
    assert unchanged(admin, customer)


@pytest.mark.parametrize("header", ['"1"', "*", ' "1" ', '"7", "1"', 'W/"9","1"'])
def test_the_present_version_may_be_changed_and_deleted(admin: Client, customer: Customer, header: str) -> None:
    assert admin.patch(f"/{customer['id']}", [], If_Match=header).status_int == 200
    assert admin.delete(f"/{customer['id']}", If_Match=header).status_int == 204


def test_of_two_patches_upon_one_version_the_second_is_refused(admin: Client, customer: Customer) -> None:
    path = f"/{customer['id']}"
    assert admin.patch(path, RENAME, If_Match='"1"').status_int == 200
    second = admin.patch(path, [op("remove", "/email")], If_Match='"1"')
    check_problem(second, 412, "version-mismatch")
    assert second.headers["ETag"] == '"2"'
    assert admin.get(path).json["email"] == customer["email"]


def test_a_merge_patch_heeds_if_match_too(admin: Client, customer: Customer) -> None:
    check_problem(admin.merge(f"/{customer['id']}", {"full_name": "Ana"}, If_Match='"5"'), 412, "version-mismatch")


def test_a_condition_on_nobody_is_not_found(admin: Client) -> None:
    for header in ("*", '"1"'):
        check_problem(
            admin.patch("/0190d3a4-0000-7000-8000-000000000000", RENAME, If_Match=header), 404, "not-found"
        )


@pytest.mark.parametrize("header", ['"1"', 'W/"1"', "*", '"3", "1"'])
def test_a_known_version_is_not_sent_again(admin: Client, customer: Customer, header: str) -> None:
    response = admin.get(f"/{customer['id']}", If_None_Match=header)
    assert (response.status_int, response.body, response.headers["ETag"]) == (304, b"", '"1"')
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("header", ['"2"', "1", '"1', "", '"01"', 'junk, "1"'])
def test_another_version_is_sent(admin: Client, customer: Customer, header: str) -> None:
    response = admin.get(f"/{customer['id']}", If_None_Match=header)
    assert (response.status_int, response.json) == (200, customer)


def test_a_foreign_customer_is_not_found_by_its_etag(admin: Client, customer: Customer) -> None:
    stranger = admin.as_("customer")
    check_problem(stranger.get(f"/{customer['id']}", If_None_Match='"1"'), 404, "not-found")
