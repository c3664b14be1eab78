"""What goes when its time is over, and what must stay."""

import datetime
import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.services import inactive_customers, old_rows, retention
from bee_customers.services.customer_changes import utc_now
from bee_customers.settings import load
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import new_customer
from tests.functional import rows
from tests.functional.ledgers import put
from tests.functional.uploading import keys, upload
from tests.servers import wait_until

DAY = datetime.timedelta(days=1)
NOW = utc_now()
SETTINGS = {
    "RETENTION_INACTIVE_CUSTOMERS": "30",
    "RETENTION_NOTES": "30",
    "RETENTION_PUBLISHED_EVENTS": "30",
    "RETENTION_IDEMPOTENCY_REPLIES": "30",
    "RETENTION_IMPORT_REJECTS": "30",
    "RETENTION_FINISHED_REQUESTS": "30",
}
WAITING = "SELECT pid FROM pg_locks WHERE NOT granted"
LONG_AGO, LATELY = NOW - 31 * DAY, NOW - 29 * DAY


def policy(name: str, database: Database, storage: LocalStorage, **settings: str) -> retention.Policy:
    found = retention.policies(database, storage, load({}, SETTINGS | settings))
    return next(one for one in found if one.name == name)


def run(name: str, database: Database, storage: LocalStorage, **settings: str) -> int:
    """Remove what is due, after counting it: the two must agree."""
    due = policy(name, database, storage, **settings)
    count = due.count(NOW)
    assert sum(due.remove(NOW)) == count
    assert due.count(NOW) == 0
    return count


def age(database: Database, customer: dict[str, Any], at: datetime.datetime = LONG_AGO) -> None:
    rows.set_customer(database, customer["id"], updated_at=at)


def is_there(admin: Client, customer: dict[str, Any]) -> bool:
    return admin.get(f"/{customer['id']}").status_int == 200


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


def test_an_inactive_customer_goes_with_all_that_is_kept_about_it(
    admin: Client, internal: Client, customer: dict[str, Any], database: Database, storage: LocalStorage
) -> None:
    upload(admin, customer["id"], Idempotency_Key="a-key")
    admin.post({"content": "likes honey"}, f"/{customer['id']}/notes")
    put(internal, customer, ordered_at=LONG_AGO.isoformat(), updated_at=LONG_AGO.isoformat())
    age(database, customer)
    assert run("inactive customers", database, storage) == 1
    assert not is_there(admin, customer)
    assert keys(storage) == []
    for table in ("customer", "customer_history", "customer_note", "customer_order", "customer_tag"):
        assert rows.count(database, table) == 0
    assert rows.count(database, "idempotency_key") == 0


def test_its_event_follows_the_others_and_names_nobody(
    admin: Client, customer: dict[str, Any], database: Database, storage: LocalStorage
) -> None:
    admin.merge(f"/{customer['id']}", {"full_name": "Somebody Else"})
    age(database, customer)
    run("inactive customers", database, storage)
    assert rows.told(database, customer["id"]) == [
        "CustomerCreatedEvent",
        "CustomerUpdatedEvent",
        "CustomerDeletedEvent",
    ]
    *earlier, last = rows.events(database, customer["id"])
    business = {"business_id": customer["business_id"]}
    assert [event.payload for event in earlier] == [business, business]
    assert (last.payload, last.routing_key) == (business | {"reason": "retention"}, "customers.deleted")
    assert (last.published_at, last.attempts) == (None, 0)


@pytest.mark.parametrize(
    ("changed", "ordered", "stays"),
    [
        (LONG_AGO, None, False),
        (LATELY, None, True),
        (LONG_AGO, LONG_AGO, False),
        (LONG_AGO, LATELY, True),
        (LONG_AGO, NOW + DAY, True),
    ],
)
def test_a_customer_is_inactive_without_an_order_and_without_a_change(
    admin: Client,
    customer: dict[str, Any],
    database: Database,
    storage: LocalStorage,
    changed: datetime.datetime,
    ordered: datetime.datetime | None,
    stays: bool,
) -> None:
    rows.set_history(database, customer["id"], last_order_date=ordered and ordered.date())
    age(database, customer, changed)
    run("inactive customers", database, storage)
    assert is_there(admin, customer) == stays


BOOKED = text("""
INSERT INTO customer_order VALUES (:id, 'B-1', 'booking', 'placed', 10, :ordered, CAST(:recorded AS timestamptz))
""")
NOTED = text("INSERT INTO pending_stats VALUES (:id)")


@pytest.mark.parametrize(("ordered", "stays"), [(LONG_AGO, False), (LATELY, True), (NOW + DAY, True)])
def test_a_booking_counts_as_an_order_does(
    admin: Client,
    customer: dict[str, Any],
    database: Database,
    storage: LocalStorage,
    ordered: datetime.datetime,
    stays: bool,
) -> None:
    age(database, customer)
    write(database, BOOKED, id=customer["id"], ordered=ordered, recorded=LONG_AGO)
    run("inactive customers", database, storage)
    assert is_there(admin, customer) == stays


def test_a_customer_whose_orders_an_import_has_not_counted_yet_stays(
    admin: Client, customer: dict[str, Any], database: Database, storage: LocalStorage
) -> None:
    age(database, customer)
    write(database, NOTED, id=customer["id"])
    run("inactive customers", database, storage)
    assert is_there(admin, customer)


def write(database: Database, statement: Any, **values: Any) -> None:
    with database.session() as session:
        session.execute(statement, values)
        session.commit()


def test_a_customer_that_changes_after_it_was_found_stays(
    admin: Client, internal: Client, database: Database, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [new_customer(internal) for _ in range(3)]
    for one in people:
        age(database, one)
    remove = inactive_customers.customer_removal.remove

    def after_a_change(*arguments: Any, **options: Any) -> Any:
        age(database, people[1], NOW)
        return remove(*arguments, **options)

    monkeypatch.setattr(inactive_customers.customer_removal, "remove", after_a_change)
    assert sum(policy("inactive customers", database, storage).remove(NOW)) == 2
    assert [is_there(admin, one) for one in people] == [False, True, False]


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


@pytest.fixture
def rejects(database: Database, tmp_path: Path) -> Callable[..., Path]:
    """An import that is done or was left unfinished, with its file of refused rows."""

    def make(finished: datetime.datetime | None = LONG_AGO, written: datetime.datetime = LONG_AGO) -> Path:
        path = tmp_path / uuid.uuid4().hex
        path.write_text("refused rows")
        os.utime(path, (written.timestamp(), written.timestamp()))
        rows.run(
            database,
            "INSERT INTO import_run (id, kind, file_name, fingerprint, options, position, line, digest,"
            " rejects_file, rejects_position, counts, status, started_at, finished_at) VALUES (:id, 'customers',"
            " 'f', 'f', '{}', 0, 0, '', :path, 0, '{}', :status, :started, :finished)",
            id=uuid.uuid4(),
            path=str(path),
            status="done" if finished else "stopped",
            started=LONG_AGO,
            finished=finished,
        )
        return path

    return make


@pytest.mark.parametrize(
    ("finished", "written", "is_left"),
    [
        (LONG_AGO, LONG_AGO, False),
        (LATELY, LATELY, True),
        (LONG_AGO, LATELY, True),
        (None, LONG_AGO, False),
        (None, LATELY, True),
    ],
)
def test_refused_rows_go_unless_somebody_works_on_them_though_the_import_never_ended(
    database: Database, storage: LocalStorage, rejects: Any, finished: Any, written: Any, is_left: bool
) -> None:
    path = rejects(finished, written)
    assert run("import rejects", database, storage) == (0 if is_left else 1)
    assert path.exists() == is_left
    assert rows.count(database, "import_run", rejects_file=str(path)) == is_left


def test_refused_rows_of_another_machine_are_left_to_it(
    database: Database, storage: LocalStorage, rejects: Any
) -> None:
    rejects()
    rows.run(database, "UPDATE import_run SET rejects_file = '/nowhere/at/all/rejects.csv'")
    assert run("import rejects", database, storage) == 0
    assert rows.count(database, "import_run", rejects_file="/nowhere/at/all/rejects.csv") == 1


def test_refused_rows_that_somebody_removed_are_forgotten(
    database: Database, storage: LocalStorage, rejects: Any
) -> None:
    rejects().unlink()
    assert run("import rejects", database, storage) == 1


def test_refused_rows_that_cannot_be_removed_are_told_and_come_up_again(
    database: Database, storage: LocalStorage, rejects: Any, caplog: pytest.LogCaptureFixture
) -> None:
    kept, gone = rejects(), rejects()
    kept.unlink()
    kept.mkdir()
    os.utime(kept, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    due = policy("import rejects", database, storage)
    assert (due.count(NOW), sum(due.remove(NOW)), due.count(NOW)) == (2, 1, 1)
    assert "cannot be removed" in caplog.text
    assert (kept.exists(), gone.exists()) == (True, False)


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


def test_a_run_that_is_left_between_two_batches_is_finished_by_the_next(
    internal: Client, database: Database, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inactive_customers, "BATCH", 2)
    people = [new_customer(internal) for _ in range(5)]
    for one in people:
        age(database, one)
    assert next(policy("inactive customers", database, storage).remove(NOW)) == 2
    assert rows.count(database, "customer") == 3
    assert run("inactive customers", database, storage) == 3
    deleted = [rows.told(database, one["id"])[-1] for one in people]
    assert deleted == ["CustomerDeletedEvent"] * 5


def test_what_another_transaction_wrote_of_an_inactive_customer_is_waited_for(
    committing_database: Database, committing_app: Client, shared_storage: LocalStorage
) -> None:
    """A change that is under way when the customer is found saves it."""
    made = new_customer(committing_app.as_("internal_service"))
    rows.set_customer(committing_database, made["id"], updated_at=LONG_AGO)
    remove = policy("inactive customers", committing_database, shared_storage).remove(NOW)
    with committing_database.session() as session, ThreadPoolExecutor(1) as pool:
        change = rows.text("UPDATE customer SET updated_at = now() WHERE id = :id")
        session.execute(change, {"id": uuid.UUID(made["id"])})
        removed = pool.submit(lambda: sum(remove))
        wait_until(lambda: bool(committing_database.read(rows.text(WAITING))), 10, "the removal to wait")
        session.commit()
        assert removed.result(20) == 0
    assert committing_app.as_("admin").get(f"/{made['id']}").status_int == 200
