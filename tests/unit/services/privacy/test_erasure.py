"""Erasing a subject: everything of it, nothing of others, and a receipt."""

import datetime
import json
import re
import uuid
from typing import Any

import pytest

from bee_customers.db.engine import Database
from bee_customers.db.statements import compiled
from bee_customers.db.transaction import Transaction
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import erasure_ledger, receipts, scan, subjects
from bee_customers.services.privacy.subjects import Subject
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import BUSINESS
from tests.functional import rows
from tests.functional.uploading import keys
from tests.unit.services.privacy.erasing import HASHES, SIGNATURES, Eraser
from tests.unit.services.privacy.lives import USER, everything, lived_in

NOW = utc_now()


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


def test_a_request_of_a_customer_before_it_had_a_user_is_forgotten_with_the_user(
    database: Database, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    old = eraser.add_request("export", customer_id=subject[0]["id"], status="done")
    outcome = eraser.erase(USER)
    assert (outcome.status, eraser.request(old.id).customer_id) == ("done", None)
    assert json.loads(erasure_ledger.receipt_of(database, outcome.request_id))["erased"]["privacy_request"] == 1


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
