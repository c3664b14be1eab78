"""Which customer a row is of."""

import unicodedata
import uuid

import pytest

from tests.factories import BUSINESS, OTHER_BUSINESS
from tests.imports.desk import Desk, named, own_id, row, update, user

UNKNOWN = own_id(999)


def test_a_row_is_of_the_customer_with_its_id(desk: Desk) -> None:
    desk.bring([row(1, id=own_id(1)), row(2, id=own_id(2))])
    done = update(desk, {"id": own_id(1), "full_name": "Ana"}, {"id": own_id(2).upper(), "full_name": "Ion"})
    assert done.counts == {"updated": 2}
    assert [person["full_name"] for person in desk.people()] == ["Ana", "Ion"]


def test_an_id_goes_before_user_and_email(desk: Desk) -> None:
    desk.bring([row(1, id=own_id(1)), row(2, id=own_id(2))])
    done = update(desk, {"id": own_id(1), "email": "ionut2@example.com"})
    assert done.counts == {"updated": 1}
    assert [person["email"] for person in desk.people()] == ["ionut2@example.com"] * 2


def test_else_of_the_one_with_its_business_and_user(desk: Desk) -> None:
    desk.bring([row(1), row(1, business_id=OTHER_BUSINESS, email="other@example.com")])
    done = update(desk, row(1, full_name="Ana", email="new@example.com"))
    assert done.counts == {"updated": 1}
    assert named(desk) == {"new@example.com": "Ana", "other@example.com": "Ionuț Popescu 1"}


def test_a_user_goes_before_an_email(desk: Desk) -> None:
    desk.bring([row(1), row(2)])
    done = update(desk, row(3, email="ionut1@example.com"), row(2, email="ionut1@example.com"))
    assert done.counts == {"created": 1, "updated": 1}
    assert [person["email"] for person in desk.people()] == ["ionut1@example.com"] * 3


@pytest.mark.parametrize(
    ("known", "given"),
    [
        ("ionut1@example.com", "ionut1@example.com"),
        ("Ionut1@Example.COM", "iONUT1@eXAMPLE.com"),
        ("ionuț@exemplu.ro", unicodedata.normalize("NFD", "IONUȚ@exemplu.ro")),
        ("straße@example.com", "STRASSE@example.com"),
    ],
)
def test_else_of_the_one_with_its_business_and_email(known: str, given: str, desk: Desk) -> None:
    desk.bring([row(1, email=known), row(2), row(3, business_id=OTHER_BUSINESS, email=known)])
    done = update(desk, row(user_id=..., email=given, full_name="Ana"))
    assert done.counts == {"updated": 1}
    assert [person["full_name"] for person in desk.people()] == ["Ana", "Ionuț Popescu 2", "Ionuț Popescu 3"]


@pytest.mark.parametrize("given", ["ionut@exemplu.ro", "i.onuț@exemplu.ro", "ionuț+x@exemplu.ro"])
def test_accents_dots_and_additions_make_another_address(given: str, desk: Desk) -> None:
    desk.bring([row(1, email="ionuț@exemplu.ro")])
    assert update(desk, row(user_id=..., email=given)).counts == {"created": 1}


def test_an_email_that_several_have_tells_nobody_apart(desk: Desk) -> None:
    desk.bring([row(1, email="Info@example.com"), row(2, email="info@example.com"), row(3)])
    before = desk.everything()
    for on_conflict in ("skip", "update", "fail"):
        done = desk.bring([row(user_id=..., email="INFO@example.com")], on_conflict=on_conflict)
        assert done.told == ["line 1: email several customers of the business have this e-mail address"]
        assert done.counts == {"rejected": 1}
    assert desk.everything() == before


def test_a_row_without_any_key_is_new(desk: Desk) -> None:
    rows = [row(1, user_id=..., email=...), row(1, user_id=None, email=None)]
    assert update(desk, *rows).counts == {"created": 2}
    assert update(desk, *rows).counts == {"created": 2}


@pytest.mark.parametrize("on_conflict", ["skip", "update", "fail"])
def test_a_customer_of_another_business_is_not_touched(on_conflict: str, desk: Desk) -> None:
    desk.bring([row(1, id=own_id(1))])
    before = desk.everything()
    done = desk.bring([row(1, id=own_id(1), business_id=OTHER_BUSINESS)], on_conflict=on_conflict)
    assert done.told == ["line 1: business_id the customer is of another business"]
    assert desk.everything() == before


@pytest.mark.parametrize("known", [user(1), None])
@pytest.mark.parametrize("on_conflict", ["skip", "update", "fail"])
def test_a_user_id_never_changes(known: str | None, on_conflict: str, desk: Desk) -> None:
    desk.bring([row(1, id=own_id(1), user_id=known)])
    before = desk.everything()
    done = desk.bring([{"id": own_id(1), "user_id": user(2), "full_name": "Ana"}], on_conflict=on_conflict)
    assert done.told == ["line 1: user_id the customer has another one, or none, which does not change"]
    assert desk.everything() == before


def test_a_row_that_names_no_user_leaves_it(desk: Desk) -> None:
    desk.bring([row(1, id=own_id(1))])
    for fields in ({"user_id": None}, {}, {"user_id": user(1)}):
        assert update(desk, {"id": own_id(1), "full_name": f"Ana {len(fields)}", **fields}).counts
        assert desk.person()["user_id"] == user(1)


def test_an_id_that_is_not_known_is_given_to_a_new_customer(desk: Desk) -> None:
    done = update(desk, row(1, id=own_id(7).upper()))
    assert done.counts == {"created": 1}
    assert desk.person()["id"] == own_id(7)
    assert desk.events()[0]["customer_id"] == own_id(7)


@pytest.mark.parametrize("on_conflict", ["skip", "update", "fail"])
def test_an_unknown_id_with_a_known_user_is_refused(on_conflict: str, desk: Desk) -> None:
    desk.bring([row(1)])
    before = desk.everything()
    done = desk.bring([row(1, id=UNKNOWN)], on_conflict=on_conflict)
    assert done.told == ["line 1: user_id the business has another customer with this user_id"]
    assert desk.everything() == before


@pytest.mark.parametrize("missing", ["business_id", "full_name"])
def test_what_a_new_customer_must_have_is_told(missing: str, desk: Desk) -> None:
    for fields in ({missing: ...}, {missing: ..., "id": UNKNOWN}):
        assert update(desk, row(1, **fields)).told == [f"line 1: {missing} must be there"]
    assert desk.people() == []


def test_a_known_customer_needs_neither_name_nor_business(desk: Desk) -> None:
    desk.bring([row(1, id=own_id(1))])
    assert update(desk, {"id": own_id(1), "gender": "other"}).counts == {"updated": 1}
    assert (desk.person()["gender"], desk.person()["full_name"]) == ("other", "Ionuț Popescu 1")


def test_a_name_cannot_be_emptied(desk: Desk) -> None:
    desk.bring([row(1)])
    assert update(desk, row(1, full_name=None)).told == ["line 1: full_name must be there"]


def test_the_business_of_the_command_is_that_of_rows_that_name_none(desk: Desk) -> None:
    given = uuid.UUID(OTHER_BUSINESS)
    rows = [row(1), row(2, business_id=...), row(3, business_id=None), row(4, user_id=..., business_id=...)]
    desk.bring(rows, business=given)
    assert [person["business_id"] for person in desk.people()] == [BUSINESS] + [OTHER_BUSINESS] * 3
    assert update(desk, row(2, business_id=..., full_name="Ana"), business=given).counts == {"updated": 1}
    assert update(desk, row(4, user_id=..., business_id=..., full_name="Ana"), business=given).counts == {
        "updated": 1
    }


def test_the_business_of_the_command_holds_for_rows_with_an_id_too(desk: Desk) -> None:
    desk.bring([row(1, id=own_id(1))])
    done = update(desk, {"id": own_id(1), "full_name": "Ana"}, business=uuid.UUID(OTHER_BUSINESS))
    assert done.told == ["line 1: business_id the customer is of another business"]
