"""Which customer a row is of, and what becomes of that one."""

import contextlib
import datetime
import unicodedata
import uuid
from typing import Any

import psycopg2
import pytest

from bee_customers.errors import ImportStopped
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.imports.desk import Desk, own_id, row, user
from tests.servers import wait_until

UNKNOWN = own_id(999)


def update(desk: Desk, *rows: dict[str, Any], **options: Any) -> Any:
    return desk.bring(rows, on_conflict="update", **options)


def named(desk: Desk) -> dict[str, str]:
    """E-mail or name of each customer, and what it is called now."""
    return {person["email"] or person["full_name"]: person["full_name"] for person in desk.people()}


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


def test_what_is_there_stays_where_the_operator_says_so(desk: Desk) -> None:
    desk.bring([row(1)])
    before = desk.everything()
    done = desk.bring([row(1, full_name="Ana", tags=["new"]), row(1, full_name="Eva")], on_conflict="skip")
    assert done.counts == {"skipped": 2}
    assert desk.everything() == before


def test_what_is_there_stops_the_import_where_the_operator_says_so(desk: Desk) -> None:
    desk.bring([row(2)])
    with pytest.raises(ImportStopped, match=r", line 2: the customer is there already; nothing was imported$"):
        desk.bring([row(1), row(2), row(3)], on_conflict="fail")
    assert [person["user_id"] for person in desk.people()] == [user(2)]
    stopped = r", line 2: the customer is there already; all up to line 1 is imported, and --resume goes on behind"
    with pytest.raises(ImportStopped, match=stopped):
        desk.bring([row(1), row(2), row(3)], on_conflict="fail", batch=1)
    assert [person["user_id"] for person in desk.people()] == [user(2), user(1)]


def test_all_new_rows_pass_where_none_may_be_there(desk: Desk) -> None:
    assert desk.bring([row(1), row(2)], on_conflict="fail").counts == {"created": 2}


def test_an_empty_field_is_emptied_and_a_missing_one_left(desk: Desk) -> None:
    desk.bring([row(1)])
    update(desk, row(1, email=..., phone=None, gender=..., tags=...))
    person = desk.person()
    assert [person[name] for name in ("email", "phone", "gender", "tags")] == [
        "ionut1@example.com",
        None,
        "male",
        ["VIP"],
    ]
    update(desk, row(1, email=None, phone=..., gender=None, tags=None))
    person = desk.person()
    assert [person[name] for name in ("email", "email_key", "phone", "gender", "tags")] == [None] * 4 + [[]]


def test_the_cells_of_a_csv_file_mean_the_same(desk: Desk) -> None:
    desk.bring([row(1)])
    header, values = "business_id,user_id", f"{BUSINESS},{user(1)}"
    update_csv = f"{header},phone,tags\n{values},,a;b\n".encode()
    assert desk.bring(update_csv, on_conflict="update").counts == {"updated": 1}
    assert [desk.person()[name] for name in ("email", "phone", "tags")] == [
        "ionut1@example.com",
        None,
        ["a", "b"],
    ]
    assert desk.bring(f"{header},tags\n{values},\n".encode(), on_conflict="update").counts == {"updated": 1}
    assert desk.person()["tags"] == []


def test_search_and_sorting_follow(desk: Desk) -> None:
    desk.bring([row(1, full_name="Ștefan", email="A@ex.com")])
    assert desk.person()["search_text"] == "stefan\na@ex.com\n40722123456"
    update(desk, row(1, full_name="Čapek", email=..., phone=None))
    assert (desk.person()["search_text"], desk.person()["name_key"]) == ("capek\na@ex.com\n", "capek")
    update(desk, row(1, full_name=..., email=None, phone="0733123456"))
    assert (desk.person()["search_text"], desk.person()["email_key"]) == ("capek\n\n40733123456", None)


def test_tags_replace_those_that_were_there(desk: Desk) -> None:
    desk.bring([row(1, tags=["VIP", "B2B"])])
    update(desk, row(1, tags=["b2b", "new"]))
    assert desk.person()["tags"] == ["B2B", "new"]


def test_tags_of_the_command_come_on_top(desk: Desk) -> None:
    desk.bring([row(1), row(2, tags=...), row(3, tags=["summer"])], tags=("Summer", "2026"))
    assert [person["tags"] for person in desk.people()] == [
        ["2026", "Summer", "VIP"],
        ["2026", "Summer"],
        ["2026", "Summer"],
    ]
    # what stands in the file replaces; what does not leaves
    update(desk, row(1, tags=["B2B"]), row(2, tags=...), row(3, tags=None), tags=("winter",))
    assert [person["tags"] for person in desk.people()] == [
        ["B2B", "winter"],
        ["2026", "Summer", "winter"],
        ["winter"],
    ]


def test_a_customer_carries_no_more_than_fifty(desk: Desk) -> None:
    fifty = [f"t{number}" for number in range(50)]
    desk.bring([row(1, tags=fifty), row(2, tags=fifty[1:]), row(3)])
    before = desk.people()
    done = update(desk, row(1, tags=..., full_name="Ana"), row(2, tags=...), row(3, tags=...), tags=("extra",))
    assert done.told == ["line 1: tags the customer would carry more than 50 tags"]
    assert done.counts == {"updated": 2, "rejected": 1}
    assert desk.people()[0] == before[0]
    assert [len(person["tags"]) for person in desk.people()] == [50, 50, 2]
    # those that are carried already do not count twice
    assert update(desk, row(1, tags=...), tags=("T7",)).counts == {"unchanged": 1}
    assert update(desk, row(4, tags=fifty), tags=("extra",)).told == ["line 1: tags must be at most 50 tags"]


def test_a_tag_is_written_as_it_was_first(desk: Desk) -> None:
    desk.bring([row(1, tags=["Fidèle"]), row(2, tags=["FIDELE"]), row(3, tags=["fidele", "x"])])
    assert [person["tags"] for person in desk.people()] == [["Fidèle"], ["Fidèle"], ["Fidèle", "x"]]
    assert desk.events()[1]["payload"]["changes"]["tags"] == ["Fidèle"]


def test_the_first_of_many_spellings_in_a_file_stands(desk: Desk) -> None:
    spellings = ["a" * 10, *("A" * number + "a" * (10 - number) for number in range(1, 10))]
    desk.bring([row(number, tags=[f"t{number}", name]) for number, name in enumerate(spellings)])
    assert "a" * 10 in desk.tags()


def test_tags_that_nobody_comes_to_carry_are_not_left_in_the_catalogue(desk: Desk) -> None:
    desk.bring([row(1, id=own_id(1))])
    update(
        desk,
        row(1, id=own_id(1), business_id=OTHER_BUSINESS, tags=["refused"]),
        row(2, full_name=..., tags=["refused too"]),
        row(3, tags=["new"]),
    )
    desk.bring([row(1, tags=["skipped"])], on_conflict="skip")
    assert desk.tags() == ["new", "VIP"]


def test_a_time_of_creation_is_taken_for_new_customers_only(desk: Desk) -> None:
    desk.bring([row(1, created_at="2020-02-29T12:00:00+02:00"), row(2)])
    old, new = (person["created_at"] for person in desk.people())
    assert old == datetime.datetime(2020, 2, 29, 10, tzinfo=datetime.UTC)
    assert new > datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    update(desk, row(1, created_at="2021-01-01T00:00:00Z", full_name="Ana"), row(2, created_at=None))
    assert [person["created_at"] for person in desk.people()] == [old, new]
    assert update(desk, row(1, created_at="2021-01-01T00:00:00Z", full_name="Ana")).counts == {"unchanged": 1}


@pytest.mark.parametrize("time", ["2999-01-01T00:00:00Z", "yesterday", 7, "2026-01-01"])
def test_a_time_of_creation_is_one_and_has_been(time: Any, desk: Desk) -> None:
    (told,) = desk.bring([row(1, created_at=time)]).told
    assert told.startswith("line 1: created_at must ")


def test_rows_that_change_nothing_write_nothing(desk: Desk) -> None:
    rows = [row(1, id=own_id(1)), row(2, tags=["a", "b"]), row(3, email=None, phone=None, gender=None, tags=[])]
    desk.bring(rows)
    before = desk.everything()
    rows[1]["tags"] = ["B", " a ", "A"]
    rows[2]["tags"] = None
    assert update(desk, *rows).counts == {"unchanged": 3}
    assert desk.everything() == before


def test_a_change_is_one_version_and_one_event(desk: Desk) -> None:
    desk.bring([row(1)])
    update(desk, row(1, full_name="Ana", email=None, tags=["x"]))
    (created, changed) = desk.events()
    assert (created["customer_version"], changed["customer_version"], desk.person()["version"]) == (1, 2, 2)
    assert (changed["type"], changed["routing_key"]) == ("CustomerUpdatedEvent", "customers.updated")
    assert changed["payload"] == {
        "business_id": BUSINESS,
        "changes": {"full_name": "Ana", "email": None, "tags": ["x"]},
    }
    assert changed["occurred_at"] == desk.person()["updated_at"]
    run = desk.rows("SELECT id FROM import_run ORDER BY started_at DESC LIMIT 1")[0]["id"]
    assert (changed["actor"], changed["trace_id"]) == ("cli:import", run.hex)
    assert len({event["id"] for event in desk.events()}) == 2


CHANGES: list[dict[str, Any]] = [
    {"full_name": "Ana Ștefan"},
    {"email": "NEW@example.com"},
    {"email": "Ionut1@example.com"},
    {"email": None},
    {"phone": "0733 123 456"},
    {"phone": None},
    {"gender": "other"},
    {"gender": None},
    {"tags": ["b", "a", "A"]},
    {"tags": []},
    {"tags": ["vip", "a"]},
    {"full_name": "X", "email": None, "phone": None, "gender": "female", "tags": ["z", "Y"]},
    {"full_name": " Ionuț Popescu 1 "},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_an_update_is_what_a_patch_would_have_made(changes: dict[str, Any], desk: Desk, admin: Client) -> None:
    # the same customer twice: one is patched, the other's row is imported
    desk.bring(
        [row(1, id=own_id(1)), row(2, id=own_id(2), full_name="Ionuț Popescu 1", email="ionut1@example.com")]
    )
    desk.do("DELETE FROM event")
    patched = admin.merge(f"/{own_id(1)}", changes)
    assert patched.status_int == 200
    update(desk, {"id": own_id(2), **changes})
    events = {event["customer_id"]: event for event in desk.events()}
    told = [events.get(one) and events[one]["payload"] for one in (own_id(1), own_id(2))]
    assert told[0] == told[1]
    people = [{name: person[name] for name in person if name not in ("id", "user_id", "updated_at")}
              for person in desk.people()]  # fmt: skip
    assert people[0] == people[1]


def test_without_events_nothing_is_told(desk: Desk) -> None:
    desk.bring([row(1)], with_events=False)
    assert update(desk, row(1, full_name="Ana"), with_events=False).counts == {"updated": 1}
    assert (desk.events(), desk.person()["version"]) == ([], 2)


# Rows of one customer, found by different keys: what it is called, and how often that changed, must not depend on
# how the file is cut into batches.
BY_ID = {"id": own_id(1), "business_id": BUSINESS}
BY_USER = {"user_id": user(1), "business_id": BUSINESS}
BY_EMAIL = {"email": "ionut1@example.com", "business_id": BUSINESS}
KEYS = {"id": BY_ID, "user": BY_USER, "email": BY_EMAIL}


@pytest.mark.parametrize("batch", [1, 2, 1000])
@pytest.mark.parametrize("order", ["email id user", "id id user", "id id email email", "user email id user id"])
@pytest.mark.parametrize("is_new", [False, True])
def test_rows_of_one_customer_go_in_the_order_of_the_file(
    order: str, batch: int, is_new: bool, desk: Desk
) -> None:
    first = row(1, id=own_id(1))
    rows = [{**KEYS[key], "full_name": f"row {n}"} for n, key in enumerate(order.split())]
    done = [] if is_new else [desk.bring([first])]
    done = update(desk, *([first] if is_new else []), *rows, batch=batch)
    assert done.told == []
    assert [person["full_name"] for person in desk.people()] == [rows[-1]["full_name"]]
    names = [event["payload"]["changes"]["full_name"] for event in desk.events()]
    assert names == [first["full_name"], *(one["full_name"] for one in rows)]
    assert [event["customer_version"] for event in desk.events()] == [*range(1, len(rows) + 2)]


@pytest.mark.parametrize("batch", [1, 1000])
@pytest.mark.parametrize("on_conflict", ["skip", "update"])
class TestRowsThatDependOnEachOther:
    """They end as they would one by one."""

    def bring(
        self, desk: Desk, batch: int, on_conflict: str, *rows: dict[str, Any]
    ) -> tuple[list[str], list[Any]]:
        done = desk.bring(rows, on_conflict=on_conflict, batch=batch)
        return done.told, [(person["full_name"], person["email"]) for person in desk.people()]

    def test_a_new_user_twice_once_with_an_id(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(desk, batch, on_conflict, row(1, id=own_id(1)), row(1, full_name="Ana"))
        assert told == []
        assert people == [("Ana" if on_conflict == "update" else "Ionuț Popescu 1", "ionut1@example.com")]

    def test_a_new_user_with_two_ids(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(desk, batch, on_conflict, row(1, id=own_id(1)), row(1, id=own_id(2)))
        assert told == ["line 2: user_id the business has another customer with this user_id"]
        assert len(people) == 1

    def test_an_id_for_a_user_that_came_before(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(desk, batch, on_conflict, row(1), row(1, id=own_id(2)))
        assert told == ["line 2: user_id the business has another customer with this user_id"]
        assert len(people) == 1

    def test_an_email_of_a_customer_that_is_new_itself(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(desk, batch, on_conflict, row(1), row(user_id=..., full_name="Ana"))
        assert told == []
        assert people == [("Ana" if on_conflict == "update" else "Ionuț Popescu 1", "ionut1@example.com")]

    def test_an_email_that_comes_to_be_of_two(self, desk: Desk, batch: int, on_conflict: str) -> None:
        told, people = self.bring(
            desk, batch, on_conflict, row(1), row(2, email="IONUT1@example.com"), row(user_id=..., full_name="Ana")
        )
        assert told == ["line 3: email several customers of the business have this e-mail address"]
        assert len(people) == 2

    def test_an_email_that_is_taken_over(self, desk: Desk, batch: int, on_conflict: str) -> None:
        desk.bring([row(1, id=own_id(1))])
        told, people = self.bring(
            desk,
            batch,
            on_conflict,
            {"id": own_id(1), "email": "new@example.com"},
            row(user_id=..., email="new@example.com", full_name="Ana"),
            row(user_id=..., email="ionut1@example.com", full_name="Eva"),
        )
        assert told == []
        if on_conflict == "update":
            assert people == [("Ana", "new@example.com"), ("Eva", "ionut1@example.com")]
        else:
            assert people == [("Ionuț Popescu 1", "ionut1@example.com"), ("Ana", "new@example.com")]

    def test_an_email_that_is_not_of_two_any_more(self, desk: Desk, batch: int, on_conflict: str) -> None:
        desk.bring([row(1, email="info@example.com"), row(2, email="info@example.com")])
        told, people = self.bring(
            desk,
            batch,
            on_conflict,
            row(1, email="own@example.com"),
            row(user_id=..., email="info@example.com", full_name="Ana"),
        )
        if on_conflict == "update":
            assert (told, people) == ([], [("Ionuț Popescu 1", "own@example.com"), ("Ana", "info@example.com")])
        else:
            assert told == ["line 2: email several customers of the business have this e-mail address"]

    def test_a_refused_row_holds_nobody_up(self, desk: Desk, batch: int, on_conflict: str) -> None:
        desk.bring([row(1, id=own_id(1))])
        told, people = self.bring(
            desk,
            batch,
            on_conflict,
            {"id": own_id(1), "business_id": OTHER_BUSINESS, "full_name": "Nobody"},
            {"id": own_id(1), "full_name": "Ana"},
            row(1, full_name="Eva"),
        )
        assert told == ["line 1: business_id the customer is of another business"]
        assert people[0][0] == ("Eva" if on_conflict == "update" else "Ionuț Popescu 1")


def test_many_rows_of_one_address_that_are_skipped_take_no_time(desk: Desk) -> None:
    rows = [row(number, user_id=..., email="info@example.com") for number in range(2000)]
    done = desk.bring(rows)
    assert done.counts == {"created": 1, "skipped": 1999}
    assert done.report.seconds < 3


def test_orders_of_one_customer_go_in_the_order_of_the_file(desk: Desk, internal: Client) -> None:
    customer = new_customer(internal)
    whose = [
        {"customer_id": customer["id"]},
        {"customer_id": customer["id"]},
        {"business_id": customer["business_id"], "user_id": customer["user_id"]},
        {"business_id": customer["business_id"], "email": customer["email"].upper()},
    ]
    time = "2026-01-31T12:00:00Z"
    order = {"order_id": "A-1", "kind": "order", "status": "placed", "ordered_at": time, "updated_at": time}
    for batch in (1, 2, 1000):
        rows = [order | one | {"amount": f"{n}.00"} for n, one in enumerate(whose)]
        done = desk.bring(rows, "orders", batch=batch)
        assert done.counts == {"created": 1, "updated": 3}
        assert [one["amount"] for one in desk.orders()] == ["3.00"]
        desk.do("DELETE FROM customer_order")


def _payloads(connection: Any) -> list[str]:
    connection.poll()
    return [notify.payload for notify in connection.notifies]


def test_the_relay_is_woken_by_the_commit(real_desk: Desk) -> None:
    url = real_desk.database.writer.url.render_as_string(hide_password=False).replace("+psycopg2", "")
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("LISTEN bee_customers_event")
            for options, heard in (({}, ["", "end"]), ({"with_events": False}, ["end"])):
                real_desk.bring([row(len(heard))], **options)
                cursor.execute("NOTIFY bee_customers_event, 'end'")
                wait_until(lambda: _payloads(connection)[-1:] == ["end"], 10, "the end to be heard")
                assert _payloads(connection) == heard
                connection.notifies.clear()
