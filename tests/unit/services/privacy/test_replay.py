"""A restored backup brings nobody back for long."""

import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from bee_customers.db.engine import Database
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import ledger_file
from bee_customers.services.privacy.erased import ErasedSubjects
from bee_customers.services.privacy.erasure_ledger import Entry
from bee_customers.services.privacy.replay import BroughtBack, Replay, find
from bee_customers.services.privacy.subjects import Subject
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.functional import rows
from tests.unit.services.privacy.erasing import HASHES, Eraser

ANA, BEN = uuid.uuid4(), uuid.uuid4()
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def replay(database: Database, eraser: Eraser) -> Replay:
    return Replay(database, eraser.erasures, HASHES)


def ledger(database: Database) -> list[Entry]:
    return list(ledger_file.read((line.encode() for line in ledger_file.lines(database, HASHES)), HASHES))


@pytest.fixture
def erase_and_restore(database: Database, eraser: Eraser) -> Callable[..., list[Entry]]:
    """Erases subjects, and then everything is as it was; gives the ledger that was kept elsewhere."""

    def run(*subjects: dict[str, Any]) -> list[Entry]:
        with database.shared.begin_nested() as backup:
            for one in subjects:
                eraser.erase(**one)
            kept = ledger(database)
            backup.rollback()
        return kept

    return run


def erased_again(database: Database, replay: Replay, entries: list[Entry]) -> BroughtBack:
    found = find(database, entries, HASHES)
    replay.remember(entries)
    outcomes = [outcome.status for batch in replay.erase(found.subjects) for outcome in batch]
    assert outcomes == ["done"] * len(found.subjects)
    return found


def test_who_was_erased_is_erased_again(
    admin: Client, internal: Client, database: Database, replay: Replay, erase_and_restore: Any
) -> None:
    lonely = new_customer(internal, user_id=None)
    gone = [new_customer(internal, user_id=str(ANA), business_id=name) for name in (BUSINESS, OTHER_BUSINESS)]
    kept = new_customer(internal, user_id=str(BEN))
    entries = erase_and_restore({"user_id": ANA}, {"customer_id": lonely["id"]})
    assert rows.count(database, "erasure") == 0
    assert all(admin.get(f"/{one['id']}").json == one for one in (lonely, *gone, kept))
    found = erased_again(database, replay, entries)
    assert found.subjects == [Subject(user_id=ANA), Subject(customer_id=uuid.UUID(lonely["id"]))]
    assert [admin.get(f"/{one['id']}").status_int for one in (lonely, *gone, kept)] == [404, 404, 404, 200]
    assert rows.told(database, gone[0]["id"])[-1] == "CustomerDeletedEvent"
    assert find(database, entries, HASHES) == BroughtBack([], {})


def test_the_ledger_is_given_back_and_has_the_second_erasure_too(
    internal: Client, database: Database, eraser: Eraser, replay: Replay, erase_and_restore: Any
) -> None:
    made = new_customer(internal, user_id=str(ANA))
    entries = erase_and_restore({"user_id": ANA})
    erased_again(database, replay, entries)
    both = ledger(database)
    assert len(both) == 2
    assert entries[0] in both
    erased = ErasedSubjects(HASHES)
    assert erased.refresh(database.transaction())
    assert erased.holds(None, made["id"], BUSINESS, None)


def test_a_request_that_waits_again_is_carried_out(
    internal: Client, database: Database, eraser: Eraser, replay: Replay, erase_and_restore: Any
) -> None:
    """The backup is from the week in which it waited."""
    new_customer(internal, user_id=str(ANA))
    waiting = eraser.ask(ANA, grace=datetime.timedelta(days=7))
    entries = erase_and_restore({"user_id": ANA})
    assert eraser.request(waiting.id).status == "scheduled"
    erased_again(database, replay, entries)
    assert eraser.request(waiting.id).status == "done"
    assert [entry.id for entry in ledger(database)] == [waiting.id]


def test_who_was_only_named_as_staff_is_forgotten_again(
    admin: Client, customer: dict[str, Any], database: Database, replay: Replay, erase_and_restore: Any
) -> None:
    staff = admin.as_("admin", subject=str(ANA))
    staff.merge(f"/{customer['id']}", {"full_name": "Somebody"})
    entries = erase_and_restore({"user_id": ANA})
    assert admin.get(f"/{customer['id']}/events").json[0]["actor"] == str(ANA)
    assert erased_again(database, replay, entries).subjects == [Subject(user_id=ANA)]
    assert admin.get(f"/{customer['id']}/events").json[0]["actor"] == "erased"


def test_who_came_back_after_its_erasure_stays(
    admin: Client, internal: Client, database: Database, eraser: Eraser, replay: Replay
) -> None:
    """The backup is younger than the erasure."""
    new_customer(internal, user_id=str(ANA))
    eraser.erase(ANA)
    again = new_customer(internal, user_id=str(ANA))
    admin.as_("admin", subject=str(ANA)).merge(f"/{again['id']}", {"full_name": "Ana again"})
    assert erased_again(database, replay, ledger(database)) == BroughtBack([], {})
    assert admin.get(f"/{again['id']}").status_int == 200


def test_who_was_taken_in_again_by_a_file_with_an_old_date_stays(
    admin: Client, internal: Client, database: Database, eraser: Eraser, replay: Replay
) -> None:
    new_customer(internal, user_id=str(ANA))
    eraser.erase(ANA)
    again = new_customer(internal, user_id=str(ANA))
    rows.set_customer(database, again["id"], created_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert erased_again(database, replay, ledger(database)) == BroughtBack([], {})
    assert admin.get(f"/{again['id']}").status_int == 200


def test_who_came_back_and_has_old_customers_too_is_left_to_a_person(
    admin: Client, internal: Client, database: Database, replay: Replay, erase_and_restore: Any
) -> None:
    old = new_customer(internal, user_id=str(ANA))
    entries = erase_and_restore({"user_id": ANA})
    young = new_customer(internal, user_id=str(ANA), business_id=OTHER_BUSINESS)
    found = erased_again(database, replay, entries)
    assert found == BroughtBack([], {ANA: [uuid.UUID(young["id"])]})
    assert [admin.get(f"/{one['id']}").status_int for one in (old, young)] == [200, 200]


def test_a_customer_that_the_ledger_does_not_name_is_known_by_its_user(
    admin: Client, internal: Client, database: Database, replay: Replay
) -> None:
    """One that was deleted before the erasure, and is older."""
    deleted = new_customer(internal, user_id=str(ANA))
    entry = Entry(
        id=uuid.uuid4(),
        subject_hash=HASHES.of(f"user:{ANA}"),
        started_at=utc_now() + HOUR,
        identities=(HASHES.of(f"user:{ANA}"),),
    )
    erased_again(database, replay, [entry])
    assert admin.get(f"/{deleted['id']}").status_int == 404


def test_the_later_of_two_erasures_counts(internal: Client, database: Database) -> None:
    made = new_customer(internal, user_id=str(ANA))
    digest = HASHES.of(f"user:{ANA}")

    def entry(at: datetime.datetime) -> Entry:
        return Entry(id=uuid.uuid4(), subject_hash=digest, started_at=at, completed_at=at, identities=(digest,))

    created_at = datetime.datetime.fromisoformat(made["created_at"])
    before, after = entry(created_at - HOUR), entry(created_at + HOUR)
    assert find(database, [before], HASHES).subjects == []
    for entries in ([before, after], [after, before]):
        assert find(database, entries, HASHES).subjects == [Subject(user_id=ANA)]


def test_names_that_are_no_ids_are_passed_over(database: Database, customer: dict[str, Any]) -> None:
    rows.run(
        database, "UPDATE event SET actor = :name", name="a-service-name-of-thirty-six-letters"[:36].ljust(36, "x")
    )
    assert find(database, [], HASHES) == BroughtBack([], {})


def test_the_ledger_names_nobody(internal: Client, database: Database, eraser: Eraser) -> None:
    made = new_customer(internal, user_id=str(ANA))
    eraser.erase(ANA)
    written = "".join(ledger_file.lines(database, HASHES))
    for value in (*(made[name] for name in ("id", "user_id", "business_id", "full_name", "email", "phone")),):
        assert value not in written
        assert json.dumps(value)[1:-1] not in written
