"""What becomes of a customer that is there already, and who is told."""

import contextlib
import datetime
from typing import Any

import psycopg2
import pytest

from bee_customers.errors import ImportStopped
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS
from tests.imports.desk import Desk, own_id, row, update, user
from tests.servers import wait_until


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
