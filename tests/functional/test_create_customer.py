"""POST /v1/customers"""

import datetime
import unicodedata
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_body, new_customer
from tests.functional import rows
from tests.functional.problem_details import check_problem, pointers


def test_a_created_customer_is_returned_whole_with_its_address(internal: Client) -> None:
    body = new_body(phone="0722 123 456", tags=["VIP", "B2B"])
    response = internal.post(body)
    shown = response.json
    assert response.status_int == 201
    assert urlsplit(response.headers["Location"]).path == f"/v1/customers/{shown['id']}"
    assert response.headers["ETag"] == '"1"'
    assert response.content_type == "application/json"
    assert {name: shown[name] for name in body} == body | {"phone": "+40722123456", "tags": ["B2B", "VIP"]}
    assert (shown["total_orders"], shown["lifetime_value"], shown["version"]) == (0, "0.00", 1)
    assert shown["avatar_url"] is None
    assert uuid.UUID(shown["id"]).version == 7


def test_times_are_utc_with_z(customer: dict[str, Any]) -> None:
    assert customer["created_at"] == customer["updated_at"]
    assert customer["created_at"].endswith("Z")
    created = datetime.datetime.fromisoformat(customer["created_at"])
    assert abs(datetime.datetime.now(datetime.UTC) - created) < datetime.timedelta(minutes=5)


def test_only_business_and_name_are_required(internal: Client) -> None:
    shown = internal.post({"business_id": BUSINESS, "full_name": "A"}).json
    assert [shown[name] for name in ("user_id", "email", "phone", "gender", "tags")] == [
        None,
        None,
        None,
        None,
        [],
    ]


def test_null_is_the_same_as_absent(internal: Client) -> None:
    nulls = dict.fromkeys(["user_id", "email", "phone", "gender", "tags"])
    response = internal.post({"business_id": BUSINESS, "full_name": "A", **nulls})
    assert response.status_int == 201
    assert response.json["tags"] == []


def test_the_event_tells_of_the_new_customer(internal: Client, database: Database) -> None:
    shown = new_customer(internal.as_("internal_service", subject="orders-service"))
    (event,) = rows.events(database, shown["id"])
    assert (event.type, event.routing_key, event.actor) == (
        "CustomerCreatedEvent",
        "customers.created",
        "orders-service",
    )
    assert (event.customer_version, event.published_at) == (1, None)
    changes = {name: shown[name] for name in ("user_id", "full_name", "email", "phone", "gender", "tags")}
    assert event.payload == {"business_id": BUSINESS, "changes": changes}


@pytest.mark.parametrize("path", ["", "/"])
def test_a_trailing_slash_is_the_same_address(internal: Client, path: str) -> None:
    assert internal.post(new_body(), path).status_int == 201


@pytest.mark.parametrize(
    "name",
    [
        "王秀英",
        "Олександр",
        "محمد بن سلمان",
        "O'Brien-Łukasz",
        "राम",
        "👩‍👩‍👧 Family",
        "Z" * 200,
        "Ⅷ",
        "ไทย",
        "a\u0301",
    ],
)
def test_names_of_any_script_are_kept_in_nfc(internal: Client, name: str) -> None:
    for form in ("NFC", "NFD"):
        shown = new_customer(internal, full_name=unicodedata.normalize(form, name))
        assert shown["full_name"] == unicodedata.normalize("NFC", name)


def test_blanks_around_a_name_are_dropped(internal: Client) -> None:
    assert new_customer(internal, full_name="  Ana Pop\u00a0")["full_name"] == "Ana Pop"


BAD_VALUES = [
    *[
        ("full_name", value)
        for value in ("", " \t ", "\u200b", "a\nb", "a\u202eb", "a\x7fb", "Z" * 201, 7, True, [], {})
    ],
    *[("full_name", value) for value in (None, "\u2066a", "a\u2028b", "Z" * 1_000_000)],
    *[
        ("email", value)
        for value in ("", "x", "a@b", "a@@b.example", "a b@c.example", "Ana <a@c.example>", 5, ["a"])
    ],
    *[("email", value) for value in ("a" * 50_000 + "@c.example", "a@" + "b" * 300 + ".example", "a@c.example\n")],
    *[("phone", value) for value in ("", "abc", "123", "+1", "+40722123456 ext. 5", 40722123456, "9" * 500, [])],
    *[("gender", value) for value in ("", "Male", "x", 1, True, ["male"])],
    *[("tags", value) for value in ("VIP", {"0": "VIP"}, 1, True, ["t"] * 51, [f"t{n}" for n in range(10_000)])],
    *[
        ("user_id", value)
        for value in ("", "x", 1, BUSINESS.replace("-", ""), "{" + BUSINESS + "}", "urn:uuid:" + BUSINESS)
    ],
    *[("business_id", value) for value in (None, "", "x", 1.9, True, [BUSINESS])],
]


@pytest.mark.parametrize(("field", "value"), BAD_VALUES, ids=lambda value: repr(value)[:30])
def test_a_value_that_breaks_its_rule_is_refused(internal: Client, field: str, value: Any) -> None:
    assert pointers(internal.post(new_body() | {field: value})) == {f"/{field}"}


@pytest.mark.parametrize("tag", ["", " ", "a\nb", "x" * 51, 1, None, ["VIP"], "\u0301", "a\u202eb"])
def test_a_bad_tag_is_named_by_its_index(internal: Client, tag: Any) -> None:
    assert pointers(internal.post(new_body() | {"tags": ["VIP", tag, "B2B"]})) == {"/tags/1"}


def test_every_fault_is_named_at_once(internal: Client) -> None:
    body = {
        "full_name": "",
        "email": "x",
        "phone": "y",
        "gender": "z",
        "tags": ["", "ok", 5],
        "shoe": 1,
        "a/b~c": 2,
    }
    expected = {
        "/business_id",
        "/full_name",
        "/email",
        "/phone",
        "/gender",
        "/tags/0",
        "/tags/2",
        "/shoe",
        "/a~1b~0c",
    }
    assert pointers(internal.post(body)) == expected


@pytest.mark.parametrize(
    "name", ["id", "version", "created_at", "updated_at", "avatar_url", "total_orders", "lifetime_value"]
)
def test_a_read_only_field_cannot_be_sent(internal: Client, name: str) -> None:
    assert pointers(internal.post(new_body() | {name: 1})) == {f"/{name}"}


@pytest.mark.parametrize("root", [[], [1], "text", 1, 1.5, True, None])
def test_a_root_of_the_wrong_kind_is_invalid(internal: Client, root: Any) -> None:
    check_problem(internal.post(root), 422, "invalid")


def test_two_spellings_of_a_tag_are_one(internal: Client) -> None:
    new_customer(internal, tags=["Fidèle"])
    spellings = ["fidele", unicodedata.normalize("NFD", "FIDÈLE"), "  Fidèle ", "B2B"]
    assert new_customer(internal, tags=spellings)["tags"] == ["B2B", "Fidèle"]


def test_fifty_tags_are_kept_in_order(internal: Client) -> None:
    tags = [f"tag {number:02}" for number in range(50)]
    assert new_customer(internal, tags=tags[::-1])["tags"] == tags


def test_an_international_email_is_kept_as_given(internal: Client) -> None:
    given = unicodedata.normalize("NFD", "Ünal.Öz@bücher.example")
    assert new_customer(internal, email=given)["email"] == unicodedata.normalize("NFC", given)


@pytest.mark.parametrize(
    "written", ["0722123456", "+40 722 123 456", "0040722123456", "(0722) 123-456", "tel:+40722123456"]
)
def test_a_phone_number_is_kept_in_one_form(internal: Client, written: str) -> None:
    assert new_customer(internal, phone=written)["phone"] == "+40722123456"


def test_the_same_user_twice_in_a_business_is_named(internal: Client) -> None:
    first = new_customer(internal)
    problem = check_problem(internal.post(new_body(user_id=first["user_id"])), 409, "already-exists")
    assert problem["customer_id"] == first["id"]


def test_an_id_in_upper_case_is_the_same_id(internal: Client, customer: dict[str, Any]) -> None:
    upper = new_body(user_id=customer["user_id"].upper(), business_id=BUSINESS.upper())
    check_problem(internal.post(upper), 409, "already-exists")


def test_the_same_user_in_another_business_is_another_customer(internal: Client, customer: dict[str, Any]) -> None:
    body = new_body(user_id=customer["user_id"], business_id=OTHER_BUSINESS)
    assert internal.post(body).status_int == 201


def test_without_a_user_there_may_be_many(internal: Client) -> None:
    assert [internal.post(new_body(user_id=None)).status_int for _ in range(3)] == [201] * 3


def test_a_refused_create_leaves_nothing(internal: Client, customer: dict[str, Any], database: Database) -> None:
    internal.post(new_body(user_id=customer["user_id"], tags=["never made"]))
    internal.post(new_body(full_name="", tags=["never made"]))
    assert rows.count(database, "customer") == 1
    assert rows.count(database, "event") == 1
    assert rows.count(database, "tag", name="never made") == 0


def test_a_service_of_one_business_does_not_create_for_another(anyone: Client, database: Database) -> None:
    limited = anyone.as_("internal_service", business_id=OTHER_BUSINESS)
    response = limited.post(new_body())
    check_problem(response, 403, "forbidden")
    assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    assert limited.post(new_body(business_id=OTHER_BUSINESS)).status_int == 201
    assert rows.count(database, "customer") == 1


def test_a_parameter_is_refused(internal: Client) -> None:
    assert pointers(internal.post(new_body(), "?dry_run=1")) == {"dry_run"}
