"""/v1/customers/{customer_id}/notes"""

import uuid
from typing import Any

import pytest

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import OTHER_BUSINESS, new_customer
from tests.functional import rows
from tests.functional.edits import unchanged
from tests.functional.pages import every_page, ids, link, links
from tests.functional.problem_details import check_problem, pointers

Customer = dict[str, Any]


def add(admin: Client, customer: Customer, content: Any = "x", **headers: str) -> dict[str, Any]:
    response = admin.post({"content": content}, f"/{customer['id']}/notes", **headers)
    assert response.status_int == 201, response.body
    document: dict[str, Any] = response.json
    return document


def test_a_note_is_added_with_its_author(admin: Client, customer: Customer) -> None:
    boss = admin.as_("admin", subject="the boss")
    response = boss.post({"content": "Likes tea"}, f"/{customer['id']}/notes")
    note = response.json
    assert (response.status_int, set(note)) == (201, {"id", "content", "author", "created_at"})
    assert (note["content"], note["author"]) == ("Likes tea", "the boss")
    assert response.headers["Location"].endswith(f"/v1/customers/{customer['id']}/notes/{note['id']}")
    assert admin.get(f"/{customer['id']}/notes").json == [note]


@pytest.mark.parametrize("name", ["author", "id", "created_at", "customer_id"])
def test_what_the_service_sets_cannot_be_sent(admin: Client, customer: Customer, name: str) -> None:
    reply = admin.post({"content": "x", name: "y"}, f"/{customer['id']}/notes")
    assert pointers(reply) == {f"/{name}"}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 200])
def test_pages_hold_each_note_once_newest_first(admin: Client, customer: Customer, limit: int) -> None:
    added = [add(admin, customer, str(number))["id"] for number in range(7)]
    pages = every_page(admin, f"/{customer['id']}/notes?limit={limit}")
    assert ids(pages) == added[::-1]
    assert {len(page) for page in pages[:-1]} <= {limit}


def test_a_new_note_does_not_shift_a_page(admin: Client, customer: Customer) -> None:
    added = [add(admin, customer)["id"] for _ in range(4)]
    first = admin.get(f"/{customer['id']}/notes?limit=2")
    add(admin, customer)
    admin.delete(f"/{customer['id']}/notes/{added[2]}")
    second = admin.get(link(first, "next"))
    assert [note["id"] for note in second.json] == [added[1], added[0]]
    assert links(second) == {}


def test_there_are_no_notes_at_first(admin: Client, customer: Customer) -> None:
    assert admin.get(f"/{customer['id']}/notes").json == []


def test_a_cursor_of_another_customer_is_refused(admin: Client, internal: Client, customer: Customer) -> None:
    for _ in range(2):
        add(admin, customer)
    path = link(admin.get(f"/{customer['id']}/notes?limit=1"), "next")
    check_problem(admin.get(path.replace(customer["id"], new_customer(internal)["id"])), 400, "unreadable")


@pytest.mark.parametrize(
    "content",
    [
        "s\u0327tefan e\u0301",
        "\u0219tefan \u00e9",
        "👩\u200d👩\u200d👧 🇷🇴",
        "\u202bשלום\u202c مرحبا",
        "a\nb\r\nc\rd\te",
        "  around \n",
        " ",
        "\ufeffmark",
        "'; DROP TABLE customer_note; -- %s %(id)s",
        "<script>alert(1)</script>",
        "\u2028\ufffe\U0010ffff",
    ],
)
def test_content_is_given_back_byte_for_byte(admin: Client, customer: Customer, content: str) -> None:
    assert add(admin, customer, content)["content"].encode() == content.encode()
    assert admin.get(f"/{customer['id']}/notes").json[0]["content"].encode() == content.encode()


@pytest.mark.parametrize("char", ["x", "é", "🐝"])
def test_ten_thousand_characters_are_the_most(admin: Client, customer: Customer, char: str) -> None:
    assert add(admin, customer, char * 10_000)["content"] == char * 10_000
    assert pointers(admin.post({"content": char * 10_001}, f"/{customer['id']}/notes")) == {"/content"}


@pytest.mark.parametrize("content", ["", "a\x01b", "\x1b[31m", "\x7f", "\x85", "\x0b", None, 1, ["x"], {}])
def test_what_is_no_text_is_refused(admin: Client, customer: Customer, database: Database, content: Any) -> None:
    assert pointers(admin.post({"content": content}, f"/{customer['id']}/notes")) == {"/content"}
    assert rows.count(database, "customer_note") == 0


def test_a_note_without_content_is_refused(admin: Client, customer: Customer) -> None:
    assert pointers(admin.post({}, f"/{customer['id']}/notes")) == {"/content"}


def test_a_deleted_note_is_gone(admin: Client, customer: Customer) -> None:
    kept, gone = add(admin, customer), add(admin, customer)
    path = f"/{customer['id']}/notes/{gone['id']}"
    response = admin.delete(path.upper().replace("/NOTES/", "/notes/"))
    assert (response.status_int, response.body) == (204, b"")
    check_problem(admin.delete(path), 404, "not-found")
    assert admin.get(f"/{customer['id']}/notes").json == [kept]


def test_a_note_is_reached_only_through_its_customer(admin: Client, internal: Client, customer: Customer) -> None:
    note, other = add(admin, customer), new_customer(internal)
    for path in (
        f"/{other['id']}/notes/{note['id']}",
        f"/{uuid.uuid4()}/notes/{note['id']}",
        f"/{customer['id']}/notes/{uuid.uuid4()}",
        f"/{customer['id']}/notes/1",
    ):
        check_problem(admin.delete(path), 404, "not-found")
    assert admin.get(f"/{customer['id']}/notes").json == [note]
    assert admin.get(f"/{other['id']}/notes").json == []


def test_notes_of_another_business_are_out_of_reach(admin: Client, customer: Customer, database: Database) -> None:
    note = add(admin, customer)
    limited, path = admin.as_("admin", business_id=OTHER_BUSINESS), f"/{customer['id']}/notes"
    for reply in (
        limited.get(path),
        limited.post({"content": "x"}, path),
        limited.delete(f"{path}/{note['id']}"),
    ):
        check_problem(reply, 404, "not-found")
    assert rows.count(database, "customer_note") == 1


def test_a_note_is_no_change_of_the_customer(admin: Client, customer: Customer) -> None:
    note = add(admin, customer)
    assert unchanged(admin, customer)
    admin.delete(f"/{customer['id']}/notes/{note['id']}")
    assert unchanged(admin, customer)


def test_a_repeated_request_adds_one_note(admin: Client, customer: Customer, database: Database) -> None:
    path = f"/{customer['id']}/notes"
    first, second = (admin.post({"content": "x"}, path, Idempotency_Key="key") for _ in range(2))
    assert (second.status_int, second.body, second.headers["Location"]) == (
        201,
        first.body,
        first.headers["Location"],
    )
    assert second.headers["Idempotency-Replayed"] == "true"
    check_problem(admin.post({"content": "y"}, path, Idempotency_Key="key"), 422, "idempotency-key-reused")
    assert rows.count(database, "customer_note") == 1


def test_one_key_is_not_replayed_for_another_customer(admin: Client, internal: Client, customer: Customer) -> None:
    add(admin, customer, Idempotency_Key="key")
    other = admin.post({"content": "x"}, f"/{new_customer(internal)['id']}/notes", Idempotency_Key="key")
    check_problem(other, 422, "idempotency-key-reused")


def test_a_deleted_customer_takes_its_notes_along(
    admin: Client, internal: Client, customer: Customer, database: Database
) -> None:
    keeper = new_customer(internal)
    add(admin, customer, "secret", Idempotency_Key="key")
    kept = add(admin, keeper)
    admin.delete(f"/{customer['id']}")
    check_problem(admin.get(f"/{customer['id']}/notes"), 404, "not-found")
    check_problem(admin.post({"content": "x"}, f"/{customer['id']}/notes"), 404, "not-found")
    assert rows.count(database, "customer_note") == rows.count(database, "customer_note", id=uuid.UUID(kept["id"]))
    assert rows.count(database, "idempotency_key") == 0


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "sort=id", "limit=1&limit=2"])
def test_a_parameter_that_does_not_hold_is_named(admin: Client, customer: Customer, query: str) -> None:
    assert pointers(admin.get(f"/{customer['id']}/notes?{query}")) == {query.partition("=")[0]}
