"""Whoever is erased is forgotten as who did something to others, and as who asked before."""

import json
import uuid
from typing import Any

import pytest

from bee_customers.db.engine import Database
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import erasure_ledger, erasure_rows, export_files
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.functional import rows
from tests.functional.uploading import keys
from tests.unit.services.privacy.erasing import HASHES, Eraser
from tests.unit.services.privacy.lives import USER, everything

NOW = utc_now()


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
