"""RFC 6902 and 6901 over a document of a customer, sentence by sentence; what our own rules forbid is told too"""

from typing import Any

import pytest

from tests.client import Client
from tests.factories import new_customer
from tests.functional.edits import Customer, op, unchanged
from tests.functional.problem_details import check_problem

TAGS = ["a", "b", "c"]
ID = "/id"


@pytest.fixture
def tagged(internal: Client) -> Customer:
    return new_customer(internal, full_name="Ana", gender="female", tags=TAGS)


def from_(kind: str, path: str, source: str) -> dict[str, Any]:
    return op(kind, path, **{"from": source})


# Section, operations, and the fields that are other afterwards. Tags are a set that is shown in order.
APPLIED: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "3 in the order in which they stand": (
        [op("replace", "/full_name", "B"), op("replace", "/full_name", "C")],
        {"full_name": "C"},
    ),
    "3 each sees what the one before it did": (
        [op("replace", "/gender", "male"), op("test", "/gender", "male"), op("remove", "/gender")],
        {"gender": None},
    ),
    "3 none at all": ([], {}),
    "4 members in any order": ([{"value": "B", "path": "/full_name", "op": "replace"}], {"full_name": "B"}),
    "4 members that are not defined": (
        [op("replace", "/full_name", "B", xyz=1, **{"from": "~9"})],
        {"full_name": "B"},
    ),
    "4.1 add to a member that is there replaces it": ([op("add", "/gender", "male")], {"gender": "male"}),
    "4.1 add at an index moves those behind it": (
        [op("add", "/tags/1", "x"), op("test", "/tags", ["a", "x", "b", "c"])],
        {"tags": ["a", "b", "c", "x"]},
    ),
    "4.1 add at the length appends": (
        [op("add", "/tags/3", "x"), op("test", "/tags/3", "x")],
        {"tags": ["a", "b", "c", "x"]},
    ),
    "4.1 add at the hyphen appends": (
        [
            op("add", "/tags/-", "x"),
            op("test", "/tags/3", "x"),
            op("add", "/tags/-", "y"),
            op("test", "/tags/4", "y"),
        ],
        {"tags": ["a", "b", "c", "x", "y"]},
    ),
    "4.2 remove from an array moves those behind it": (
        [op("remove", "/tags/0"), op("test", "/tags/0", "b")],
        {"tags": ["b", "c"]},
    ),
    "4.3 replace is remove and add at one place": (
        [op("replace", "/tags/1", "x"), op("test", "/tags", ["a", "x", "c"])],
        {"tags": ["a", "c", "x"]},
    ),
    "4.3 replace with null": ([op("replace", "/gender", None)], {"gender": None}),
    "4.4 move removes first, so that the index counts without it": (
        [from_("move", "/tags/2", "/tags/0"), op("test", "/tags", ["b", "c", "a"])],
        {},
    ),
    "4.4 move to where it is": ([from_("move", "/tags/1", "/tags/1"), from_("move", "/gender", "/gender")], {}),
    "4.4 move to the end": ([from_("move", "/tags/-", "/tags/0"), op("test", "/tags/2", "a")], {}),
    "4.5 copy leaves the source": (
        [from_("copy", "/tags/-", "/full_name"), op("test", "/full_name", "Ana")],
        {"tags": ["a", "Ana", "b", "c"]},
    ),
    "4.5 a copy is no alias": (
        [from_("copy", "/full_name", "/tags/0"), op("replace", "/tags/0", "z"), op("test", "/full_name", "a")],
        {"full_name": "a", "tags": ["b", "c", "z"]},
    ),
    "4.5 copy out of a field that is read-only": (
        [from_("copy", "/full_name", "/lifetime_value")],
        {"full_name": "0.00"},
    ),
    "4.6 test of text": ([op("test", "/full_name", "Ana")], {}),
    "4.6 test of a number by its value": ([op("test", "/version", 1.0), op("test", "/total_orders", -0.0)], {}),
    "4.6 test of null": ([op("test", "/avatar_url", None)], {}),
    "4.6 test of an array": ([op("test", "/tags", TAGS)], {}),
}
CONFLICTS: dict[str, list[dict[str, Any]]] = {
    "4.1 add into what is not there": [op("add", "/tags/0/x", 1)],
    "4.1 add past the end": [op("add", "/tags/4", "x")],
    "4.1 add at an index with a zero before it": [op("add", "/tags/01", "x")],
    "4.1 add at an index below zero": [op("add", "/tags/-1", "x")],
    "4.1 add at an index of Python": [op("add", "/tags/1_0", "x")],
    "4.1 add at an index that is no digit": [op("add", "/tags/¹", "x")],
    "4.2 remove what is not there": [op("remove", "/tags/3")],
    "4.2 remove what was removed": [op("remove", "/gender"), op("remove", "/gender")],
    "4.2 remove at the hyphen": [op("remove", "/tags/-")],
    "4.3 replace what was removed": [op("remove", "/gender"), op("replace", "/gender", "male")],
    "4.3 replace past the end": [op("replace", "/tags/3", "x")],
    "4.3 replace at the hyphen": [op("replace", "/tags/-", "x")],
    "4.4 move into itself": [from_("move", "/tags/0", "/tags")],
    "4.4 move from nowhere": [from_("move", "/gender", "/tags/3")],
    "4.5 copy from nowhere": [from_("copy", "/gender", "/nothing")],
    "4.5 copy from the hyphen": [from_("copy", "/gender", "/tags/-")],
    "4.6 text is no number": [op("test", "/version", "1")],
    "4.6 a number is no truth": [op("test", "/version", True)],
    "4.6 nothing is no falsehood": [op("test", "/avatar_url", False)],
    "4.6 an array is its order": [op("test", "/tags", ["b", "a", "c"])],
    "4.6 and its length": [op("test", "/tags", TAGS[:2])],
    "4.6 text is its letters": [op("test", "/full_name", "ana")],
    "4.6 and not its normal form": [op("replace", "/full_name", "\u00e1"), op("test", "/full_name", "a\u0301")],
    "4.6 what is not there equals nothing": [op("test", "/nothing", None)],
    "4.6 not the array but its item": [op("test", "/tags/0", ["a"])],
    "5 one that fails undoes those before it": [op("replace", "/full_name", "B"), op("test", "/version", 9)],
    "6901 names are told apart by case": [op("test", "/Full_name", "Ana")],
    "6901 the pointer of the member without a name": [op("test", "/", "Ana")],
    "6901 a percent sign is a letter": [op("test", "/full%5Fname", "Ana")],
    "6901 ~01 is ~1 and no slash": [op("test", "/tags~010", "a")],
    "6901 ~1 is a slash within a name": [op("test", "/tags~10", "a")],
    "6901 a slash at the end is one more name": [op("test", "/tags/", TAGS)],
    "6901 no index of text": [op("test", "/full_name/0", "A")],
}
MALFORMED: dict[str, Any] = {
    "3 an object": op("remove", "/gender"),
    "3 text": "[]",
    "3 an array within": [[op("remove", "/gender")]],
    "4 no op": [{"path": "/gender"}],
    "4 an op that is none": [op("spam", "/gender")],
    "4 an op in capitals": [op("REMOVE", "/gender")],
    "4 an op that is no text": [{"op": ["remove"], "path": "/gender"}],
    "4 no path": [{"op": "remove"}],
    "4 a path that is no text": [{"op": "remove", "path": 1}],
    "4.1 add without a value": [op("add", "/gender")],
    "4.3 replace without a value": [op("replace", "/gender")],
    "4.4 move without from": [op("move", "/gender")],
    "4.5 copy without from": [op("copy", "/gender")],
    "4.5 from that is no text": [op("copy", "/gender", **{"from": None})],
    "4.6 test without a value": [op("test", "/gender")],
    "4.6 a good one before one that is none": [op("replace", "/full_name", "B"), {"op": "test"}],
    "6901 no slash in front": [op("remove", "gender")],
    "6901 as a fragment": [op("remove", "#/gender")],
    "6901 a tilde alone": [op("remove", "/gender~")],
    "6901 a tilde and another digit": [op("remove", "/~2gender")],
    "6901 in from": [from_("copy", "/gender", "/~")],
}
FORBIDDEN: dict[str, list[dict[str, Any]]] = {
    "the whole document replaced": [op("replace", "", {})],
    "the whole document added": [op("add", "", {})],
    "the whole document moved": [from_("move", "/full_name", "")],
    "a field that is read-only": [op("replace", ID, "x")],
    "behind one that fails": [op("test", "/version", 9), op("replace", ID, "x")],
    "moved away": [from_("move", "/full_name", ID)],
    "copied onto": [from_("copy", ID, "/full_name")],
    "a field that there is not": [op("add", "/nickname", "x")],
    "the name of one, escaped": [op("add", "/full~0name", "x")],
    "within one that is read-only": [op("add", f"{ID}/x", "x")],
    "a result without a name": [op("remove", "/full_name")],
    "a result that is no text": [op("add", "/full_name", 1)],
    "an array within the array": [op("add", "/tags/0", [])],
    "an object for the array": [op("add", "/tags", {"0": "a"})],
}


@pytest.mark.parametrize("name", APPLIED)
def test_what_the_standard_allows_is_done(admin: Client, tagged: Customer, name: str) -> None:
    operations, changes = APPLIED[name]
    shown = admin.patch(f"/{tagged['id']}", operations)
    assert shown.status_int == 200, shown.body
    moved = {"version": 2, "updated_at": shown.json["updated_at"]} if changes else {}
    assert shown.json == tagged | changes | moved


@pytest.mark.parametrize("name", CONFLICTS)
def test_what_does_not_fit_the_document_is_a_conflict(admin: Client, tagged: Customer, name: str) -> None:
    problem = check_problem(admin.patch(f"/{tagged['id']}", CONFLICTS[name]), 409, "conflict")
    assert "Ana" not in problem["detail"]
    assert unchanged(admin, tagged)


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_patch_is_unreadable(admin: Client, tagged: Customer, name: str) -> None:
    check_problem(admin.patch(f"/{tagged['id']}", MALFORMED[name]), 400, "unreadable")
    assert unchanged(admin, tagged)


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_our_rules_forbid_is_invalid(admin: Client, tagged: Customer, name: str) -> None:
    check_problem(admin.patch(f"/{tagged['id']}", FORBIDDEN[name]), 422, "invalid")
    assert unchanged(admin, tagged)
