"""JSON Patch (RFC 6902, with the examples of its appendix that apply) and merge patch (RFC 7396)."""

import contextlib
import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bee_customers.errors import InvalidDocument, MalformedPatch, PatchConflict, PatchTooLarge
from bee_customers.services.patches import DOCUMENT_BYTES_MOST, OPERATIONS_MOST, json_patch, merge_patch

DOCUMENT = {
    "id": "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d",
    "full_name": "Ionuț Popescu",
    "email": "ionut@example.com",
    "phone": None,
    "gender": None,
    "total_orders": 0,
    "tags": ["B2B", "VIP"],
    "version": 1,
}
NAMED = (MalformedPatch, InvalidDocument, PatchConflict, PatchTooLarge)


def patched(*operations):
    before = copy.deepcopy(DOCUMENT)
    after = json_patch(list(operations))(before)
    assert before == DOCUMENT
    return after


def op(kind, path, **members):
    return {"op": kind, "path": path, **{name.rstrip("_"): value for name, value in members.items()}}


@pytest.mark.parametrize(
    ("operations", "changed"),
    [
        ([], {}),
        ([op("add", "/email", value="new@example.com")], {"email": "new@example.com"}),
        ([op("add", "/tags/1", value="new")], {"tags": ["B2B", "new", "VIP"]}),
        ([op("add", "/tags/-", value="new")], {"tags": ["B2B", "VIP", "new"]}),
        ([op("add", "/tags/2", value="new")], {"tags": ["B2B", "VIP", "new"]}),
        ([op("add", "/tags/-", value=["a", "b"])], {"tags": ["B2B", "VIP", ["a", "b"]]}),
        ([op("add", "/email", value=None)], {"email": None}),
        ([op("remove", "/tags/0")], {"tags": ["VIP"]}),
        ([op("replace", "/full_name", value="Ana")], {"full_name": "Ana"}),
        ([op("replace", "/tags/1", value="new")], {"tags": ["B2B", "new"]}),
        ([op("move", "/tags/1", from_="/tags/0")], {"tags": ["VIP", "B2B"]}),
        ([op("copy", "/phone", from_="/email")], {"phone": "ionut@example.com"}),
        ([op("copy", "/full_name", from_="/id")], {"full_name": DOCUMENT["id"]}),
        ([op("test", "/tags/1", value="VIP"), op("test", "/version", value=1)], {}),
        ([op("test", "/phone", value=None)], {}),
        ([op("test", "", value=DOCUMENT)], {}),
        ([op("add", "/email", value="x", xyz=123)], {"email": "x"}),
        ([op("add", "/tags/-", value="a"), op("remove", "/tags/0")], {"tags": ["VIP", "a"]}),
    ],
)
def test_a_patch_changes_what_it_names_and_nothing_else(operations, changed):
    assert patched(*operations) == DOCUMENT | changed


def test_a_removed_member_is_gone():
    assert "email" not in patched(op("remove", "/email"))


def test_a_moved_member_is_at_its_new_place_only():
    after = patched(op("move", "/phone", from_="/email"))
    assert after["phone"] == DOCUMENT["email"]
    assert "email" not in after


@pytest.mark.parametrize("operations", [None, {}, "", 7, True, op("remove", "/email")], ids=repr)
def test_what_is_no_array_is_no_patch(operations):
    with pytest.raises(MalformedPatch):
        json_patch(operations)


@pytest.mark.parametrize(
    "operation",
    [
        None,
        [],
        "remove",
        {},
        {"path": "/email"},
        {"op": "remove"},
        op("spam", "/email"),
        op("ADD", "/email", value=1),
        op(None, "/email"),
        op(["add"], "/email", value=1),
        op("add", "/email"),
        op("replace", "/email"),
        op("test", "/email"),
        op("move", "/email"),
        op("copy", "/email"),
        op("move", "/email", from_=7),
        op("copy", "/email", from_=None),
        op("copy", "/email", from_="phone"),
        op("remove", None),
        op("remove", 7),
        op("remove", ["/email"]),
        op("remove", "email"),
        op("remove", "/~2"),
        op("remove", "/email~"),
        op("remove", "/a~3b"),
        op("remove", "#/email"),
    ],
    ids=repr,
)
def test_what_is_no_operation_is_malformed(operation):
    with pytest.raises(MalformedPatch):
        json_patch([op("test", "/version", value=1), operation])


def test_50_operations_are_taken_and_51_are_not():
    assert patched(*[op("add", "/tags/-", value="x")] * OPERATIONS_MOST)["tags"][2:] == ["x"] * 50
    with pytest.raises(MalformedPatch):
        json_patch([op("add", "/tags/-", value="x")] * (OPERATIONS_MOST + 1))


READ_ONLY = ["", "/", "/id", "/version", "/total_orders", "/lifetime_value", "/business_id/0"]
UNKNOWN = ["/unknown", "/ID", "/tags~1-", "/full_name~0", "//tags", "/ tags"]


@pytest.mark.parametrize("path", READ_ONLY + UNKNOWN)
@pytest.mark.parametrize(
    "operation",
    [
        lambda path: op("add", path, value="x"),
        lambda path: op("remove", path),
        lambda path: op("replace", path, value="x"),
        lambda path: op("copy", path, from_="/email"),
        lambda path: op("move", path, from_="/email"),
        lambda path: op("move", "/email", from_=path),
    ],
    ids=["add", "remove", "replace", "copy", "move", "move_from"],
)
def test_a_read_only_path_is_named_by_a_pointer_into_the_patch(operation, path):
    with pytest.raises(InvalidDocument) as refused:
        json_patch([op("test", "/version", value=1), operation(path)])
    assert {fault.pointer for fault in refused.value.faults} <= {"/1/path", "/1/from"}


def test_every_read_only_path_of_a_patch_is_named_at_once():
    with pytest.raises(InvalidDocument) as refused:
        json_patch([op("remove", "/id"), op("remove", "/email"), op("move", "/version", from_="/created_at")])
    assert [fault.pointer for fault in refused.value.faults] == ["/0/path", "/2/path", "/2/from"]


@pytest.mark.parametrize(
    "operation",
    [
        op("test", "/email", value="other"),
        op("test", "/missing", value=None),
        op("test", "/version", value=True),
        op("test", "/total_orders", value=False),
        op("test", "/version", value="1"),
        op("test", "/tags", value=["VIP", "B2B"]),
        op("test", "/full_name/0", value="I"),
        op("remove", "/tags/2"),
        op("remove", "/tags/-"),
        op("replace", "/tags/-", value="x"),
        op("replace", "/tags/2", value="x"),
        op("add", "/tags/3", value="x"),
        op("add", "/tags/01", value="x"),
        op("add", "/tags/-1", value="x"),
        op("add", "/tags/1e0", value="x"),
        op("add", "/tags/²", value="x"),
        op("add", "/tags/٣", value="x"),
        op("add", "/tags/" + "9" * 5000, value="x"),
        op("remove", "/tags/99999999999999999999"),
        op("add", "/email/x", value="x"),
        op("add", "/phone/0", value="x"),
        op("remove", "/full_name/0"),
        op("replace", "/full_name/0", value="x"),
        op("add", "/tags/0/x", value="x"),
        op("copy", "/email", from_="/missing"),
        op("copy", "/email", from_="/full_name/0"),
        op("copy", "/email", from_="/tags/-"),
        op("move", "/email", from_="/tags/7"),
        op("move", "/tags/0", from_="/tags"),
    ],
    ids=lambda operation: f"{operation['op']} {operation.get('from', '')} {operation['path']}"[:60],
)
def test_what_does_not_fit_the_document_is_a_conflict(operation):
    with pytest.raises(PatchConflict):
        patched(op("add", "/full_name", value="Ana"), operation)


def test_a_copy_bomb_stops_at_the_bound():
    with pytest.raises(PatchTooLarge):
        patched(op("add", "/tags", value=["x" * 1000]), *[op("copy", "/tags/-", from_="/tags")] * 40)


def test_a_document_may_grow_up_to_the_bound():
    assert patched(op("add", "/full_name", value="x" * (DOCUMENT_BYTES_MOST - 300)))
    with pytest.raises(PatchTooLarge):
        patched(op("add", "/full_name", value="x" * DOCUMENT_BYTES_MOST))


def test_a_document_that_shrinks_again_was_too_large_all_the_same():
    with pytest.raises(PatchTooLarge):
        patched(op("add", "/full_name", value="x" * DOCUMENT_BYTES_MOST), op("remove", "/full_name"))


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [2**64, -(2**70), 10**4000], ids=["2^64", "-2^70", "10^4000"])
def test_a_number_of_any_size_ends_in_a_named_error_or_a_document(value):
    with contextlib.suppress(*NAMED):
        assert patched(op("add", "/tags/-", value=value))["tags"][-1] == value


def test_layers_that_pile_up_end_in_a_named_error():
    layers = [op("add", "/tags" + "/0" * (30 * number), value=nested(31)) for number in range(OPERATIONS_MOST)]
    with pytest.raises(NAMED):
        patched(*layers)


def test_messages_repeat_no_value():
    for operation in (op("test", "/email", value="secret@example.com"), op("add", "/email/x", value="secret")):
        with pytest.raises(PatchConflict) as refused:
            patched(operation)
        assert "secret" not in str(refused.value)
        assert "ionut" not in str(refused.value)


paths = st.one_of(
    st.sampled_from(["", "/full_name", "/email", "/phone", "/gender", "/tags", "/tags/-", "/tags/0", "/tags/1"]),
    st.sampled_from(["/id", "/version", "/full_name/0", "/email/x", "/tags/0/0", "/tags/01", "/tags/-/x", "/~2"]),
    st.text(max_size=8).map("/".__add__),
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
operation_lists = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": paths},
        optional={"value": values, "from": paths},
    )
    | values,
    max_size=6,
)


@given(operation_lists | values)
@settings(max_examples=300, deadline=None)
def test_any_json_ends_in_a_named_error_or_a_document_and_leaves_its_input_alone(operations):
    sent, before = copy.deepcopy(operations), copy.deepcopy(DOCUMENT)
    try:
        result = json_patch(operations)(before)
    except NAMED:
        pass
    else:
        assert isinstance(result, dict)
        assert {name: value for name, value in result.items() if name in ("id", "version", "total_orders")} == {
            "id": DOCUMENT["id"],
            "version": 1,
            "total_orders": 0,
        }
    assert (operations, before) == (sent, DOCUMENT)


def test_a_merge_patch_replaces_members_and_empties_with_null():
    before = copy.deepcopy(DOCUMENT)
    after = merge_patch({"email": None, "tags": ["a"]})(before)
    assert after == DOCUMENT | {"email": None, "tags": ["a"]}
    assert before == DOCUMENT


@pytest.mark.parametrize("patch", [None, [], "x", 7, True], ids=repr)
def test_a_merge_patch_is_an_object(patch):
    with pytest.raises(InvalidDocument):
        merge_patch(patch)


def test_a_merge_patch_names_every_member_that_may_not_be_written():
    with pytest.raises(InvalidDocument) as refused:
        merge_patch({"id": 1, "email": "x", "a/b": 1, "m~n": None})
    assert [fault.pointer for fault in refused.value.faults] == ["/id", "/a~1b", "/m~0n"]
