"""PATCH /v1/customers/{customer_id} by JSON Patch (RFC 6902): what is refused, and changes nothing"""

from typing import Any

import pytest

from tests.client import Client
from tests.factories import new_customer
from tests.functional.edits import READ_ONLY, Customer, op, unchanged
from tests.functional.problem_details import check_problem, pointers


@pytest.mark.parametrize("field", [*READ_ONLY, "", "unknown", "full_name~0", "Full_name", "tags~1-"])
@pytest.mark.parametrize("kind", ["add", "replace", "remove"])
def test_patch_of_a_read_only_path_changes_nothing(
    admin: Client, customer: Customer, field: str, kind: str
) -> None:
    operations = [op("replace", "/full_name", "Ana"), op(kind, f"/{field}", 7)]
    assert pointers(admin.patch(f"/{customer['id']}", operations)) == {"/1/path"}
    assert unchanged(admin, customer)


def test_every_path_that_may_not_be_written_is_named_at_once(admin: Client, customer: Customer) -> None:
    operations = [
        op("replace", "/id", 1),
        op("test", "/id", 1),
        op("remove", "/nowhere"),
        op("move", "/version", **{"from": "/tags"}),
    ]
    assert pointers(admin.patch(f"/{customer['id']}", operations)) == {"/0/path", "/2/path", "/3/path"}


@pytest.mark.parametrize("field", READ_ONLY)
def test_a_read_only_field_cannot_be_moved_away(admin: Client, customer: Customer, field: str) -> None:
    operations = [op("move", "/full_name", **{"from": f"/{field}"})]
    assert pointers(admin.patch(f"/{customer['id']}", operations)) == {"/0/from"}
    assert unchanged(admin, customer)


@pytest.mark.parametrize("field", READ_ONLY[:9])
@pytest.mark.parametrize("kind", ["move", "copy"])
def test_nothing_can_be_put_onto_a_read_only_field(
    admin: Client, customer: Customer, field: str, kind: str
) -> None:
    operations = [op(kind, f"/{field}", **{"from": "/full_name"})]
    assert pointers(admin.patch(f"/{customer['id']}", operations)) == {"/0/path"}
    assert unchanged(admin, customer)


def test_the_whole_document_cannot_be_replaced(admin: Client, customer: Customer) -> None:
    for operation in (op("replace", "", {}), op("remove", ""), op("copy", "", **{"from": "/tags"})):
        assert pointers(admin.patch(f"/{customer['id']}", [operation])) == {"/0/path"}
    assert unchanged(admin, customer)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/full_name", "x"),
        ("/version", 2),
        ("/version", "1"),
        ("/version", True),
        ("/total_orders", False),
        ("/total_orders", None),
        ("/lifetime_value", 0),
        ("/lifetime_value", "0"),
        ("/created_at", "2020-01-01T00:00:00Z"),
        ("/tags", ["vip"]),
        ("/tags/0", "vip"),
        ("/tags/1", "VIP"),
        ("/tags/-", "VIP"),
        ("/tags/00", "VIP"),
        ("/nowhere", None),
        ("/full_name/0", "I"),
        ("", {}),
    ],
)
def test_a_failing_test_stops_the_whole_patch(admin: Client, customer: Customer, path: str, value: Any) -> None:
    operations = [op("replace", "/full_name", "Ana"), op("test", path, value), op("remove", "/email")]
    check_problem(admin.patch(f"/{customer['id']}", operations), 409, "conflict")
    assert unchanged(admin, customer)


@pytest.mark.parametrize(
    "index", ["01", "00", "-1", "2", "1e0", "٠", "999999999999999999999999", "x", " 0", "0 ", "+0", ""]
)
@pytest.mark.parametrize("kind", ["replace", "remove", "add"])
def test_an_index_that_is_not_there_is_a_conflict(
    admin: Client, customer: Customer, index: str, kind: str
) -> None:
    check_problem(admin.patch(f"/{customer['id']}", [op(kind, f"/tags/{index}", "x")]), 409, "conflict")
    assert unchanged(admin, customer)


@pytest.mark.parametrize(
    "operation",
    [
        op("remove", "/tags/-"),
        op("replace", "/tags/-", "x"),
        op("move", "/full_name", **{"from": "/tags/9"}),
        op("copy", "/full_name", **{"from": "/nowhere"}),
        op("copy", "/full_name", **{"from": "/tags/-"}),
        op("move", "/tags/0/x", **{"from": "/tags/0"}),
        op("add", "/full_name/0", "x"),
        op("add", "/full_name/first", "x"),
        op("remove", "/full_name/0"),
        op("replace", "/phone/0", "x"),
        op("add", "/tags/0/1", "x"),
        op("remove", "/tags/0/a/b/c"),
    ],
    ids=str,
)
def test_a_path_that_does_not_fit_is_a_conflict(admin: Client, customer: Customer, operation: Any) -> None:
    check_problem(admin.patch(f"/{customer['id']}", [operation]), 409, "conflict")
    assert unchanged(admin, customer)


@pytest.mark.parametrize("kind", ["add", "replace", "remove", "test"])
def test_an_index_of_thousands_of_digits_is_a_conflict(admin: Client, customer: Customer, kind: str) -> None:
    operation = op(kind, "/tags/" + "9" * 5000, "x")
    check_problem(admin.patch(f"/{customer['id']}", [operation]), 409, "conflict")
    assert unchanged(admin, customer)


@pytest.mark.parametrize("kind", ["copy", "move"])
def test_a_source_of_thousands_of_digits_or_levels_is_a_conflict(
    admin: Client, customer: Customer, kind: str
) -> None:
    for source in ("/tags/" + "9" * 5000, "/tags" + "/0" * 20_000):
        operation = op(kind, "/tags/-", **{"from": source})
        check_problem(admin.patch(f"/{customer['id']}", [operation]), 409, "conflict")


def test_a_member_of_null_is_a_conflict(admin: Client, internal: Client) -> None:
    customer = new_customer(internal, email=None)
    for operation in (op("add", "/email/x", 1), op("remove", "/email/x"), op("replace", "/email/0", 1)):
        check_problem(admin.patch(f"/{customer['id']}", [operation]), 409, "conflict")


def test_what_was_removed_cannot_be_removed_again(admin: Client, customer: Customer) -> None:
    operations = [op("remove", "/email"), op("remove", "/email")]
    check_problem(admin.patch(f"/{customer['id']}", operations), 409, "conflict")
    assert unchanged(admin, customer)


@pytest.mark.parametrize(
    "document",
    [
        {"op": "remove", "path": "/email"},
        "remove",
        None,
        [None],
        [[]],
        [{}],
        [{"op": "remove"}],
        [{"path": "/email"}],
        [{"op": 1, "path": "/email"}],
        [{"op": "Remove", "path": "/email"}],
        [{"op": "delete", "path": "/email"}],
        [{"op": "remove", "path": None}],
        [{"op": "remove", "path": ["email"]}],
        [{"op": "remove", "path": "email"}],
        [{"op": "remove", "path": "/email~2"}],
        [{"op": "remove", "path": "/email~"}],
        [{"op": "add", "path": "/email"}],
        [{"op": "test", "path": "/email"}],
        [{"op": "replace", "path": "/email"}],
        [{"op": "move", "path": "/email"}],
        [{"op": "copy", "path": "/email", "from": 3}],
        [{"op": "copy", "path": "/email", "from": "phone"}],
        [{"op": "copy", "path": "/email", "from": "/phone~9"}],
        [op("test", "/version", 1)] * 51,
        [op("replace", "/id", 1), {"op": "bad"}],
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_json_patch_is_unreadable(admin: Client, customer: Customer, document: Any) -> None:
    check_problem(admin.patch(f"/{customer['id']}", document), 400, "unreadable")
    assert unchanged(admin, customer)


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([op("remove", "/full_name")], ["/full_name"]),
        ([op("add", "/full_name", None)], ["/full_name"]),
        ([op("move", "/email", **{"from": "/full_name"})], ["/email", "/full_name"]),
        (
            [op("add", "/full_name", ""), op("add", "/email", "x"), op("add", "/phone", "y")],
            ["/email", "/full_name", "/phone"],
        ),
        ([op("add", "/full_name", {"first": "Ana"})], ["/full_name"]),
        ([op("add", "/full_name", 2**63)], ["/full_name"]),
        ([op("add", "/full_name", 2**64)], ["/full_name"]),
        ([op("add", "/full_name", -(2**63) - 1)], ["/full_name"]),
        ([op("add", "/full_name", 10**4000)], ["/full_name"]),
        ([op("add", "/tags/-", 1.9)], ["/tags/1"]),
        ([op("add", "/tags/-", "")], ["/tags/1"]),
        ([op("add", "/tags", "VIP")], ["/tags"]),
        ([op("add", "/tags", {"0": "VIP"})], ["/tags"]),
        ([op("copy", "/tags/-", **{"from": ""})], ["/tags/1"]),
        ([op("add", "/tags", [f"t{number}" for number in range(51)])], ["/tags"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_invalid_result_is_refused_whole(
    admin: Client, customer: Customer, operations: list[Any], expected: list[str]
) -> None:
    response = admin.patch(f"/{customer['id']}", [op("replace", "/gender", "other"), *operations])
    assert sorted(pointers(response)) == expected
    assert unchanged(admin, customer)


def test_the_fifty_first_tag_is_refused(admin: Client, internal: Client) -> None:
    customer = new_customer(internal, tags=[f"t{number}" for number in range(50)])
    assert pointers(admin.patch(f"/{customer['id']}", [op("add", "/tags/-", "VIP")])) == {"/tags"}
    assert unchanged(admin, customer)


def test_a_chain_of_copies_is_stopped_before_it_grows(admin: Client, customer: Customer) -> None:
    copies = [op("copy", "/tags/-", **{"from": "/tags"}) for _ in range(48)]
    check_problem(admin.patch(f"/{customer['id']}", [op("add", "/tags/-", "x" * 1000), *copies]), 413, "too-large")
    assert unchanged(admin, customer)


def test_a_document_that_nests_ever_deeper_is_refused(admin: Client, customer: Customer) -> None:
    deep: Any = []
    for _ in range(28):
        deep = [deep]
    operations = [op("add", "/tags/1" + "/0" * (29 * level), deep) for level in range(20)]
    response = admin.patch(f"/{customer['id']}", operations)
    assert response.status_int in (400, 409, 413, 422), response.body[:300]
    assert unchanged(admin, customer)


@pytest.mark.parametrize(("size", "status"), [(65_536, 200), (65_537, 413)])
def test_a_patch_is_at_most_64_kib(admin: Client, customer: Customer, size: int, status: int) -> None:
    body = b'[{"op":"test","path":"/version","value":1}'
    assert admin.patch(f"/{customer['id']}", body + b" " * (size - len(body) - 1) + b"]").status_int == status


def test_a_patch_of_nobody_is_not_found(admin: Client) -> None:
    check_problem(admin.patch("/0190d3a4-0000-7000-8000-000000000000", []), 404, "not-found")
