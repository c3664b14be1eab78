"""What goes when its time is over, and what must stay."""

import datetime
import uuid
from typing import Any

import pytest

from bee_customers.db.engine import Database
from bee_customers.services import inactive_customers, old_rows, retention
from bee_customers.settings import load
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import new_customer
from tests.functional import rows
from tests.functional.uploading import keys
from tests.unit.services.retaining import DAY, LATELY, LONG_AGO, NOW, SETTINGS, age, policy, run


@pytest.mark.parametrize("setting", SETTINGS)
def test_nothing_is_due_of_what_is_kept_for_ever(database: Database, storage: LocalStorage, setting: str) -> None:
    found = retention.policies(database, storage, load({}, {setting: "0"}))
    kept = next(one for one in found if one.setting == setting)
    far = NOW + 40_000 * DAY
    assert (kept.kept_for, kept.count(far), list(kept.remove(far))) == (None, 0, [])


def test_every_policy_gives_its_reason_and_names_its_setting(database: Database, storage: LocalStorage) -> None:
    found = retention.policies(database, storage, load({}, {}))
    assert [one.name for one in found if not one.reason] == []
    assert {one.setting for one in found} == {*SETTINGS, "EXPORT_TTL", ""}


@pytest.fixture
def note(admin: Client, customer: dict[str, Any]) -> dict[str, Any]:
    note: dict[str, Any] = admin.post({"content": "likes honey"}, f"/{customer['id']}/notes").json
    return note


def set_time(database: Database, table: str, column: str, at: datetime.datetime) -> None:
    with database.session() as session:
        session.execute(rows.text(f"UPDATE {table} SET {column} = :at"), {"at": at})
        session.commit()


@pytest.mark.parametrize(("at", "left"), [(LONG_AGO, 0), (LATELY, 1)])
def test_notes_go_and_their_customer_stays(
    admin: Client,
    customer: dict[str, Any],
    note: dict[str, Any],
    database: Database,
    storage: LocalStorage,
    at: datetime.datetime,
    left: int,
) -> None:
    set_time(database, "customer_note", "created_at", at)
    run("notes", database, storage)
    assert len(admin.get(f"/{customer['id']}/notes").json) == left
    assert admin.get(f"/{customer['id']}").json == customer


@pytest.mark.parametrize(("at", "left"), [(LONG_AGO, 0), (LATELY, 1)])
def test_stored_replies_go(
    admin: Client,
    customer: dict[str, Any],
    database: Database,
    storage: LocalStorage,
    at: datetime.datetime,
    left: int,
) -> None:
    admin.post({"content": "x"}, f"/{customer['id']}/notes", Idempotency_Key="a-key")
    set_time(database, "idempotency_key", "created_at", at)
    run("stored replies", database, storage)
    assert rows.count(database, "idempotency_key") == left


@pytest.mark.parametrize(
    ("occurred", "published", "left"), [(LONG_AGO, LONG_AGO, 0), (LATELY, LATELY, 1), (LONG_AGO, None, 1)]
)
def test_events_go_once_the_broker_has_them(
    customer: dict[str, Any],
    database: Database,
    storage: LocalStorage,
    occurred: datetime.datetime,
    published: datetime.datetime | None,
    left: int,
) -> None:
    set_time(database, "event", "occurred_at", occurred)
    set_time(database, "event", "published_at", published)  # type: ignore[arg-type]
    run("published events", database, storage)
    assert rows.count(database, "event") == left


@pytest.mark.parametrize(
    ("completed", "expires", "left"), [(LONG_AGO, None, 0), (LATELY, None, 1), (LONG_AGO, NOW, 1), (None, None, 1)]
)
def test_requests_go_once_they_are_over_and_name_no_file(
    database: Database,
    storage: LocalStorage,
    completed: datetime.datetime | None,
    expires: datetime.datetime | None,
    left: int,
) -> None:
    rows.run(
        database,
        "INSERT INTO privacy_request (id, kind, user_id, subject_hash, status, requested_at, due_at, completed_at,"
        " expires_at) VALUES (:id, 'export', :id, 'h', 'done', now(), now(), :completed, :expires)",
        id=uuid.uuid4(),
        completed=completed,
        expires=expires,
    )
    run("finished requests", database, storage)
    assert rows.count(database, "privacy_request") == left


def test_files_of_exports_go_when_their_time_is_over(database: Database, storage: LocalStorage) -> None:
    for number, expires in enumerate((NOW - datetime.timedelta(minutes=1), NOW + datetime.timedelta(minutes=1))):
        storage.put(f"exports/xx/{number}", b"a copy", "application/zip")
        rows.run(
            database,
            "INSERT INTO privacy_request (id, kind, subject_hash, status, requested_at, due_at, completed_at,"
            " expires_at, details) VALUES (:id, 'export', 'h', 'done', now(), now(), now(), :expires,"
            " jsonb_build_object('key', CAST(:key AS text)))",
            id=uuid.uuid4(),
            expires=expires,
            key=f"exports/xx/{number}",
        )
    assert run("export files", database, storage) == 1
    assert keys(storage) == ["exports/xx/1"]


def test_what_is_due_goes_in_bounded_batches(
    admin: Client,
    internal: Client,
    database: Database,
    storage: LocalStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(old_rows, "BATCH", 2)
    monkeypatch.setattr(inactive_customers, "BATCH", 2)
    for one in [new_customer(internal) for _ in range(5)]:
        admin.post({"content": "x"}, f"/{one['id']}/notes")
        age(database, one)
    set_time(database, "customer_note", "created_at", LONG_AGO)
    assert list(policy("notes", database, storage).remove(NOW)) == [2, 2, 1]
    assert list(policy("inactive customers", database, storage).remove(NOW)) == [2, 2, 1]
