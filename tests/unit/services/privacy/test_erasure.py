"""Erasing a subject: everything of it, nothing of others, and a receipt."""

import datetime
import json
import re
import secrets
import uuid
from typing import Any

import pytest

from bee_customers.db.engine import Database
from bee_customers.db.statements import compiled
from bee_customers.db.transaction import Transaction
from bee_customers.errors import EventsUnderWay, FallbackUnavailable, RequestNotFound
from bee_customers.models import Base
from bee_customers.services import avatar_files
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import erasure_ledger, erasure_rows, export_files, receipts, scan, subjects
from bee_customers.services.privacy.erasure_steps import ErasureSteps
from bee_customers.services.privacy.subjects import Subject
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_body, new_customer
from tests.functional import rows
from tests.functional.ledgers import put
from tests.functional.uploading import keys
from tests.unit.services.privacy.erasing import HASHES, SIGNATURES, Eraser

NOW = utc_now()
USER = "7c1d5a2e-93f4-4b7a-8a61-2f3e4d5c6b7a"


@pytest.fixture
def staff(anyone: Client) -> Client:
    return anyone.as_("admin", "internal_service")


@pytest.fixture
def subject(staff: Client, eraser: Eraser) -> list[dict[str, Any]]:
    """The customers of one user in two businesses."""
    return [lived_in(eraser, staff, business_id=business) for business in (BUSINESS, OTHER_BUSINESS)]


def lived_in(eraser: Eraser, staff: Client, **fields: Any) -> dict[str, Any]:
    """A customer with something in every table, and an avatar."""
    body = new_body(**{"user_id": USER} | fields)
    customer: dict[str, Any] = staff.post(body, Idempotency_Key=secrets.token_hex(8)).json
    staff.post({"content": "likes honey"}, f"/{customer['id']}/notes", Idempotency_Key=secrets.token_hex(8))
    put(staff, customer)
    staff.merge(f"/{customer['id']}", {"full_name": "Ștefania Bălan"})
    key = avatar_files.new_key()
    eraser.storage.put(key, b"a portrait", "image/webp")
    rows.set_customer(eraser.database, customer["id"], avatar_url=f"/media/{key}")
    return customer


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with database.session() as session:
        return {
            table: [dict(row._mapping) for row in session.execute(rows.text(f"SELECT * FROM {table}"))]
            for table in Base.metadata.tables
        }


def test_nothing_of_a_user_is_left_in_any_business(
    admin: Client, database: Database, storage: LocalStorage, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    assert eraser.erase(USER).status == "done"
    told = json.dumps(everything(database), default=str)
    for customer in subject:
        assert admin.get(f"/{customer['id']}").status_int == 404
        for value in (USER, customer["full_name"], customer["email"], customer["phone"], "honey", "A-1", "Bălan"):
            assert value not in told
    assert keys(storage) == []


def test_others_keep_all_of_theirs(
    admin: Client,
    staff: Client,
    database: Database,
    storage: LocalStorage,
    eraser: Eraser,
    subject: list[dict[str, Any]],
) -> None:
    other = lived_in(eraser, staff, user_id=str(uuid.uuid4()))
    before = everything(database)
    eraser.erase(USER)
    after = everything(database)
    ours = {uuid.UUID(customer["id"]) for customer in subject}

    def of_others(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        return {
            table: [row for row in found[table] if not ours & {row.get("id"), row.get("customer_id")}]
            for table in found
            if table not in ("privacy_request", "erasure", "erased_identity")
        }

    assert of_others(after) == of_others(before)
    assert admin.get(f"/{other['id']}").status_int == 200
    assert len(keys(storage)) == 1


def test_each_customer_is_announced_as_gone_with_ids_only(
    database: Database, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    eraser.erase(USER)
    for customer in subject:
        *earlier, last = rows.events(database, customer["id"])
        assert rows.told(database, customer["id"])[-1] == "CustomerDeletedEvent"
        business = {"business_id": customer["business_id"]}
        assert (last.payload, last.actor) == (business | {"reason": "erasure"}, "erasure")
        assert last.routing_key == "customers.deleted"
        assert {json.dumps(event.payload) for event in earlier} == {json.dumps(business)}


def test_the_receipt_counts_what_there_was_and_names_nobody(
    database: Database, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    request_id = eraser.erase(USER).request_id
    text = erasure_ledger.receipt_of(database, request_id)
    told = receipts.check(text.encode(), SIGNATURES)
    assert told["erased"] == {
        "customer": 2,
        "customer_history": 2,
        "customer_note": 2,
        "customer_order": 2,
        "customer_tag": 2,
        "event": 6,
        "idempotency_key": 4,
        "avatar files": 2,
    }
    assert told["subject"] == HASHES.of(f"user:{USER}")
    assert told["request_id"] == str(request_id)
    assert {"customer", "event", "event.actor", "avatar files", "export files"} <= set(told["found_empty"])
    for customer in subject:
        for value in (USER, customer["id"], customer["full_name"], customer["email"], BUSINESS):
            assert value not in text


def test_what_is_told_beforehand_is_what_goes(
    database: Database, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    eraser.ask(USER)
    before = scan.survey(database, eraser.stores, HASHES, Subject(user_id=uuid.UUID(USER)))
    request_id = eraser.erase(USER).request_id
    assert before == json.loads(erasure_ledger.receipt_of(database, request_id))["erased"]
    assert scan.survey(database, eraser.stores, HASHES, Subject(user_id=uuid.UUID(USER))) == {}


def test_who_leaves_nothing_gets_a_receipt_that_says_so(database: Database, eraser: Eraser) -> None:
    outcome = eraser.erase(uuid.uuid4())
    told = receipts.check(erasure_ledger.receipt_of(database, outcome.request_id).encode(), SIGNATURES)
    assert (outcome.status, told["erased"]) == ("done", {})


def test_a_customer_without_a_user_is_erased_by_its_own_id(
    admin: Client, staff: Client, database: Database, eraser: Eraser
) -> None:
    made, other = (lived_in(eraser, staff, user_id=None) for _ in range(2))
    assert eraser.erase(customer_id=made["id"]).status == "done"
    assert [admin.get(f"/{one['id']}").status_int for one in (made, other)] == [404, 200]
    assert rows.told(database, made["id"])[-1] == "CustomerDeletedEvent"


def test_a_customer_of_a_user_is_not_erased_without_it(
    admin: Client, customer: dict[str, Any], eraser: Eraser
) -> None:
    outcome = eraser.erase(customer_id=customer["id"])
    assert (outcome.status, "name the user" in outcome.reason) == ("failed", True)
    assert admin.get(f"/{customer['id']}").status_int == 200


def test_staff_is_forgotten_as_who_did_something_to_others(
    admin: Client, staff: Client, customer: dict[str, Any], database: Database, eraser: Eraser
) -> None:
    colleague = str(uuid.uuid4())
    for name in (USER, colleague):
        staff = admin.as_("admin", subject=name)
        staff.merge(f"/{customer['id']}", {"full_name": f"Renamed by {name}"})
        staff.post({"content": "x"}, f"/{customer['id']}/notes", Idempotency_Key="a-key")
    outcome = eraser.erase(USER)
    assert USER not in json.dumps(
        everything(database)["customer_note"] + everything(database)["event"], default=str
    ).replace(f"Renamed by {USER}", "")
    authors = [note["author"] for note in admin.get(f"/{customer['id']}/notes").json]
    actors = [event["actor"] for event in admin.get(f"/{customer['id']}/events").json]
    assert authors == [colleague, "erased"]
    assert actors[:2] == [colleague, "erased"]
    told = json.loads(erasure_ledger.receipt_of(database, outcome.request_id))["erased"]
    assert told == {"event.actor": 1, "customer_note.author": 1, "idempotency_key": 1}


def test_staff_is_forgotten_as_who_called_off_an_erasure_of_others(eraser: Eraser) -> None:
    colleague = str(uuid.uuid4())
    called_off = [(eraser.ask(uuid.uuid4()).id, name) for name in (USER, colleague)]
    for request_id, name in called_off:
        eraser.cancel(request_id, by=name)
    outcome = eraser.erase(USER)
    assert [eraser.request(request_id).cancelled_by for request_id, _ in called_off] == ["erased", colleague]
    told = json.loads(erasure_ledger.receipt_of(eraser.database, outcome.request_id))["erased"]
    assert told == {"privacy_request.cancelled_by": 1}


def test_staff_that_did_much_is_forgotten_batch_by_batch(
    admin: Client, customer: dict[str, Any], database: Database, eraser: Eraser, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {
        place: rows.text(str(statement).replace(str(erasure_rows.NAMES_AT_ONCE), "2"))
        for place, statement in erasure_rows._FORGET_NAMES.items()
    }
    monkeypatch.setattr(erasure_rows, "_FORGET_NAMES", small)
    for _ in range(5):
        admin.as_("admin", subject=USER).post({"content": "x"}, f"/{customer['id']}/notes")
    request_id = eraser.erase(USER).request_id
    assert json.loads(erasure_ledger.receipt_of(database, request_id))["erased"] == {"customer_note.author": 5}
    assert rows.count(database, "customer_note", author="erased") == 5


def test_what_a_user_asked_before_is_forgotten_too(
    database: Database, storage: LocalStorage, eraser: Eraser
) -> None:
    subject_hash = HASHES.of(f"user:{USER}")
    key = export_files.new_key(subject_hash)
    storage.put(key, b"a copy", "application/zip")
    copy = eraser.add_request("export", USER, details={"key": key}, expires_at=NOW, status="done")
    called_off = eraser.ask(USER)
    eraser.cancel(called_off.id, by=USER)
    outcome = eraser.erase(USER)
    assert keys(storage) == []
    for request_id, status in ((copy.id, "expired"), (called_off.id, "cancelled"), (outcome.request_id, "done")):
        left = eraser.request(request_id)
        assert (left.status, left.user_id, left.requested_by, left.expires_at) == (status, None, None, None)
        assert left.cancelled_by is None
        assert (left.details, left.subject_hash) == ({}, subject_hash)
    told = json.loads(erasure_ledger.receipt_of(database, outcome.request_id))["erased"]
    assert told == {"privacy_request": 2, "export files": 1}


def test_who_comes_back_in_the_midst_is_erased_as_well(
    admin: Client, internal: Client, database: Database, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    returned: list[dict[str, Any]] = []

    class Comes(ErasureSteps):
        def wait_for_relay(self) -> None:
            if not returned:
                returned.append(new_customer(internal, user_id=USER))
            super().wait_for_relay()

    eraser.steps_class = Comes
    outcome = eraser.erase(USER)
    assert outcome.status == "done"
    assert admin.get(f"/{returned[0]['id']}").status_int == 404
    assert json.loads(erasure_ledger.receipt_of(database, outcome.request_id))["erased"]["customer"] == 3
    assert rows.count(database, "erased_identity", digest=HASHES.of(f"customer:{returned[0]['id']}")) == 1


def test_who_comes_back_again_and_again_is_left_for_the_next_run(internal: Client, eraser: Eraser) -> None:
    class ComesAlways(ErasureSteps):
        def wait_for_relay(self) -> None:
            new_customer(internal, user_id=USER)

    eraser.steps_class = ComesAlways
    outcome = eraser.erase(USER)
    assert (outcome.status, "came back" in outcome.reason) == ("failed", True)
    assert eraser.request(outcome.request_id).status == "failed"
    eraser.steps_class = ErasureSteps
    assert [one.status for one in eraser.run()] == ["done"]


def test_who_comes_back_afterwards_is_welcome(
    admin: Client, internal: Client, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    eraser.erase(USER)
    again = new_customer(internal, user_id=USER)
    assert eraser.run() == []
    assert admin.get(f"/{again['id']}").json == again


class AwayStore:
    """A store that cannot be asked."""

    name = "honey"
    covers = frozenset[str]()

    def scan(self, footprints: Any) -> list[int]:
        raise FallbackUnavailable("honey cannot be reached")


def test_a_store_that_is_away_leaves_the_erasure_to_the_next_run(
    database: Database, storage: LocalStorage, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    eraser.stores.append(AwayStore())  # type: ignore[arg-type]
    outcome = eraser.erase(USER)
    assert (outcome.status, outcome.reason) == ("failed", "honey cannot be reached")
    assert eraser.request(outcome.request_id).details["error"] == "honey cannot be reached"
    assert rows.count(database, "customer") == 0
    eraser.stores.pop()
    assert [one.status for one in eraser.run()] == ["done"]
    told = json.loads(erasure_ledger.receipt_of(database, outcome.request_id))["erased"]
    assert (told["customer"], told["avatar files"], told["event"]) == (2, 2, 6)


def test_what_fails_for_everybody_is_not_tried_for_each(eraser: Eraser, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    class Slow(ErasureSteps):
        def wait_for_relay(self) -> None:
            tried.append(1)
            raise EventsUnderWay("the relay is slow")

    eraser.steps_class = Slow
    for _ in range(5):
        eraser.ask(uuid.uuid4())
    assert [(one.status, one.reason) for one in eraser.run()] == [("failed", "the relay is slow")] * 5
    assert len(tried) == 1
    eraser.steps_class = ErasureSteps
    assert [one.status for one in eraser.run()] == ["done"] * 5


def test_a_request_of_a_customer_before_it_had_a_user_is_forgotten_with_the_user(
    database: Database, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    old = eraser.add_request("export", customer_id=subject[0]["id"], status="done")
    outcome = eraser.erase(USER)
    assert (outcome.status, eraser.request(old.id).customer_id) == ("done", None)
    assert json.loads(erasure_ledger.receipt_of(database, outcome.request_id))["erased"]["privacy_request"] == 1


def test_a_store_that_keeps_what_it_should_destroy_gets_no_receipt(
    database: Database,
    storage: LocalStorage,
    eraser: Eraser,
    subject: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storage, "delete", lambda key: None)
    outcome = eraser.erase(USER)
    assert (outcome.status, "still there" in outcome.reason) == ("failed", True)
    with pytest.raises(RequestNotFound):
        erasure_ledger.receipt_of(database, outcome.request_id)


def test_of_many_at_once_one_that_fails_fails_alone(
    staff: Client, customer: dict[str, Any], database: Database, eraser: Eraser
) -> None:
    people = [lived_in(eraser, staff, user_id=str(uuid.uuid4())) for _ in range(3)]
    asked = [eraser.ask(one["user_id"]) for one in people]
    wrong = eraser.ask(customer_id=customer["id"])
    outcomes = {outcome.request_id: outcome.status for outcome in eraser.run()}
    assert outcomes == {**{request.id: "done" for request in asked}, wrong.id: "failed"}
    for request in asked:
        told = json.loads(erasure_ledger.receipt_of(database, request.id))
        assert told["erased"]["customer"] == 1
        assert told["erased"]["event"] == 3


def test_counts_of_many_at_once_are_each_ones_own(
    admin: Client, staff: Client, database: Database, eraser: Eraser
) -> None:
    people = [lived_in(eraser, staff, user_id=str(uuid.uuid4())) for _ in range(3)]
    for number, one in enumerate(people):
        for _ in range(number):
            admin.post({"content": "x"}, f"/{one['id']}/notes")
    asked = [eraser.ask(one["user_id"]) for one in people]
    eraser.run()
    notes = [json.loads(erasure_ledger.receipt_of(database, one.id))["erased"]["customer_note"] for one in asked]
    assert notes == [1, 2, 3]


def test_only_what_is_due_is_carried_out(eraser: Eraser) -> None:
    waiting = eraser.ask(USER, grace=datetime.timedelta(days=7))
    due = eraser.ask(uuid.uuid4())
    assert [outcome.request_id for outcome in eraser.run()] == [due.id]
    assert eraser.request(waiting.id).status == "scheduled"


def test_the_ledger_knows_all_that_the_subject_could_be_known_by(
    database: Database, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    eraser.erase(USER)
    known = {row["digest"] for row in everything(database)["erased_identity"]}
    emails = {subjects.email_identity(one["business_id"], one["email"]) for one in subject}
    expected = {f"user:{USER}", *(f"customer:{one['id']}" for one in subject), *emails}
    assert known == {HASHES.of(identity) for identity in expected}


def test_what_breaks_is_logged_without_what_it_was_about(
    eraser: Eraser, subject: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    class Breaks(ErasureSteps):
        def forget_names(self, subjects: Any) -> Any:
            raise ValueError(f"a value that holds {USER}")

    eraser.steps_class = Breaks
    outcome = eraser.erase(USER)
    assert (outcome.status, outcome.reason) == ("failed", "unexpected ValueError, see the log")
    assert "forget_names" in caplog.text
    assert USER not in caplog.text


def test_every_statement_goes_by_an_index(
    database: Database, eraser: Eraser, subject: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With sequential scans forbidden, what still has one has no index to go by."""
    with database.session() as session:
        session.execute(rows.text("SET LOCAL enable_seqscan = off"))
        plans: list[str] = []
        real = Transaction.run

        def explained(self: Transaction, statement: Any, parameters: Any = (), columns: Any = None) -> Any:
            known = compiled(statement, columns)
            if parameters and not known.sql.lstrip().startswith("SELECT set_config"):
                values = known.with_constants(parameters)
                told = self._send(f"EXPLAIN (FORMAT TEXT) {known.sql}", values).rows
                plans.append("\n".join(line for (line,) in told))
            return real(self, statement, parameters, columns)

        monkeypatch.setattr(Transaction, "run", explained)
        assert eraser.erase(USER).status == "done"
    assert len(plans) > 15
    # the catalogue of tags is small, and everybody's
    scans = {scan for plan in plans for scan in re.findall(r"Seq Scan on (\w+)", plan)}
    assert scans <= {"tag"}
