"""Others write to the same customers and tags while an import does: on real connections."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2
import pytest
from webtest import TestApp

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.errors import ImportUnderWay
from bee_customers.services.imports import customer_merge
from bee_customers.services.tags import TagService
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.functional.between import Elsewhere, after_first, before_first
from tests.imports.desk import Desk, Listener, own_id, row

# As a request has it done halfway: locked, changed, not yet committed.
PATCH = """
    UPDATE customer SET full_name = 'By hand', version = version + 1, updated_at = now() WHERE id = %s;
    INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, actor, occurred_at)
    VALUES (gen_random_uuid(), 'CustomerUpdatedEvent', 'customers.updated', %s, 2, '{}', 't', 'ana', now())
"""


@pytest.fixture
def desk(real_desk: Desk) -> Desk:
    return real_desk


@pytest.fixture
def elsewhere(real_database: Database) -> Iterator[Elsewhere]:
    with ThreadPoolExecutor(1) as thread:
        yield Elsewhere(thread, real_database)


@pytest.fixture
def internal(settings: Settings, real_database: Database, shared_storage: LocalStorage) -> Client:
    app = TestApp(wsgi.application(settings, real_database, shared_storage))
    return Client(app).as_("internal_service")


@pytest.fixture
def other(desk: Desk) -> Iterator[Any]:
    """Somebody else's transaction."""
    url = desk.database.writer.url.render_as_string(hide_password=False).replace("+psycopg2", "")
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        yield cursor


def test_a_tag_that_is_removed_at_this_moment_is_created_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.bring([row(1, tags=["VIP"]), row(2, tags=[])])
    desk.do("DELETE FROM customer_tag")
    after_first(monkeypatch, TagService, "ensure", lambda: desk.do("DELETE FROM tag"))
    done = desk.bring([row(2, tags=["vip"]), row(3, tags=["vip", "new"])], on_conflict="update")
    assert done.counts == {"created": 1, "updated": 1}
    assert [person["tags"] for person in desk.people()] == [[], ["vip"], ["new", "vip"]]


def test_a_tag_that_is_created_at_this_moment_is_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = "INSERT INTO tag (id, name, name_key, created_at) VALUES (gen_random_uuid(), 'Vip', 'vip', now())"
    before_first(monkeypatch, TagService, "_create", lambda: desk.do(statement))
    assert desk.bring([row(1, tags=["VIP"])]).counts == {"created": 1}
    assert desk.person()["tags"] == desk.events()[0]["payload"]["changes"]["tags"] == ["Vip"]


@pytest.mark.parametrize(("on_conflict", "outcome"), [("skip", "skipped"), ("update", "updated")])
def test_a_customer_that_is_created_at_this_moment_is_there(
    on_conflict: str, outcome: str, desk: Desk, internal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = []
    before_first(
        monkeypatch,
        customer_merge._Round,
        "_create",
        lambda: statuses.append(internal.post(row(1, full_name="By hand")).status_int),
    )
    done = desk.bring([row(1), row(2)], on_conflict=on_conflict)
    assert (statuses, done.counts) == ([201], {"created": 1, outcome: 1})
    first = "By hand" if on_conflict == "skip" else "Ionuț Popescu 1"
    assert sorted(person["full_name"] for person in desk.people()) == sorted([first, "Ionuț Popescu 2"])
    versions = [(event["customer_id"], event["customer_version"]) for event in desk.events()]
    assert sorted(versions) == sorted(
        (person["id"], version) for person in desk.people() for version in range(1, person["version"] + 1)
    )


def test_a_customer_that_is_being_created_is_waited_for(desk: Desk, other: Any, elsewhere: Elsewhere) -> None:
    desk.bring([row(1)])
    other.execute(
        "INSERT INTO customer (id, user_id, business_id, full_name, name_key, search_text, created_at, updated_at)"
        " SELECT gen_random_uuid(), %s, business_id, 'By hand', '', '', now(), now() FROM customer",
        (row(2)["user_id"],),
    )
    done = elsewhere.do_until_it_waits(lambda: desk.bring([row(2), row(3)]))
    other.connection.commit()
    assert done.result(20).counts == {"created": 1, "skipped": 1}


def test_a_customer_that_is_being_removed_is_made_anew(desk: Desk, other: Any, elsewhere: Elsewhere) -> None:
    desk.bring([row(1, id=own_id(1)), row(2)])
    other.execute("DELETE FROM customer WHERE id = %s", (own_id(1),))
    done = elsewhere.do_until_it_waits(lambda: desk.bring([row(1, full_name="Ana")], on_conflict="update"))
    other.connection.commit()
    assert done.result(20).counts == {"created": 1}
    assert sorted(person["full_name"] for person in desk.people()) == ["Ana", "Ionuț Popescu 2"]


def test_a_change_that_is_under_way_is_built_upon(desk: Desk, other: Any, elsewhere: Elsewhere) -> None:
    desk.bring([row(1, id=own_id(1))])
    other.execute(PATCH, (own_id(1), own_id(1)))
    done = elsewhere.do_until_it_waits(
        lambda: desk.bring([{"id": own_id(1), "phone": None}], on_conflict="update")
    )
    other.connection.commit()
    assert done.result(20).counts == {"updated": 1}
    person = desk.person()
    assert (person["full_name"], person["phone"], person["version"]) == ("By hand", None, 3)
    assert [event["customer_version"] for event in desk.events()] == [1, 2, 3]
    assert desk.events()[2]["payload"]["changes"] == {"phone": None}


def test_who_has_another_address_at_this_moment_is_not_found_by_the_old_one(
    desk: Desk, other: Any, elsewhere: Elsewhere
) -> None:
    desk.bring([row(1, id=own_id(1))])
    other.execute("UPDATE customer SET email = 'new@example.com', email_key = 'new@example.com'")
    done = elsewhere.do_until_it_waits(
        lambda: desk.bring([row(1, user_id=..., full_name="Ana")], on_conflict="update")
    )
    other.connection.commit()
    assert done.result(20).counts == {"created": 1}
    assert sorted((person["full_name"], person["email"]) for person in desk.people()) == [
        ("Ana", "ionut1@example.com"),
        ("Ionuț Popescu 1", "new@example.com"),
    ]


def test_who_is_skipped_is_not_waited_for(desk: Desk, other: Any) -> None:
    desk.bring([row(1, id=own_id(1))])
    other.execute(PATCH, (own_id(1), own_id(1)))
    assert desk.bring([row(1), row(2)]).counts == {"created": 1, "skipped": 1}
    other.connection.rollback()


def test_two_imports_with_the_same_customers_in_opposite_order_both_end(desk: Desk) -> None:
    numbers = range(1, 301)
    desk.bring([row(number) for number in numbers])
    files = [
        [row(number, full_name=f"{name} {number}", tags=[f"{name} {number % 7}"]) for number in order]
        for name, order in (("Ana", numbers), ("Ion", reversed(numbers)))
    ]
    with ThreadPoolExecutor(2) as threads:
        ends = list(threads.map(lambda rows: desk.bring(rows, on_conflict="update", batch=50), files))
    assert [end.counts for end in ends] == [{"updated": 300}] * 2
    assert {person["version"] for person in desk.people()} == {3}
    versions = [(event["customer_id"], event["customer_version"]) for event in desk.events()]
    assert len(versions) == len(set(versions)) == 900


def test_the_same_file_is_not_imported_twice_at_once(desk: Desk, other: Any, elsewhere: Elsewhere) -> None:
    desk.bring([row(1, id=own_id(1))])
    other.execute(PATCH, (own_id(1), own_id(1)))
    path = desk.write([row(1, phone=None)])
    first = elsewhere.do_until_it_waits(
        lambda: desk.job(path, on_conflict="update").run(Listener(), lambda: False)
    )
    with pytest.raises(ImportUnderWay, match="is being imported at this moment"):
        desk.job(path, on_conflict="skip").run(Listener(), lambda: False)
    other.connection.commit()
    assert first.result(20).counts["updated"] == 1
