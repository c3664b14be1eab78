"""Every mark of a customer is gone after its erasure: from dump, Redis, files and log; after a restore too."""

import json
import logging
import secrets
import subprocess

import pytest

from tests.cli.canary import Canary, dump, program
from tests.unit.fresh_database import fresh_database

pytestmark = pytest.mark.servers


@pytest.fixture
def canary(migrated, directory, redis_server, caplog):
    caplog.set_level(logging.DEBUG)
    made = Canary(migrated, directory / "files", redis_server.url.replace("/0", f"/{1 + secrets.randbelow(14)}"))
    yield made
    made.database.close()


def run(call, canary, *words, group="gdpr"):
    result = call(group, *words, **canary.settings)
    assert result.exit_code == 0, result.output
    return result.output


def test_after_an_erasure_no_mark_is_left_anywhere(call, canary, caplog, directory):
    canary.live()
    canary.write_import(directory / "people.csv")
    run(call, canary, "customers", "people.csv", "--on-conflict", "update", group="import")
    canary.work_as_staff()
    exported = b"".join(canary.export().values())
    before = canary.found(caplog.text)
    # or the search would prove nothing
    assert set(before) == set(canary.marks.used)
    assert {place for places in before.values() for place in places} == {"database", "redis", "files"}
    assert canary.marks.used["note one"].encode() in exported
    key = canary.marks.word("key of erasure")
    asked = canary.me.post({"user_id": canary.user_id}, "/gdpr/erase", Idempotency_Key=key)
    output = run(call, canary, "run")
    receipt = run(call, canary, "receipt", asked.json["id"])
    run(call, canary, "ledger", "--output", "ledger.jsonl")
    assert canary.found(caplog.text + output + receipt + (directory / "ledger.jsonl").read_text()) == {}
    told = json.loads(receipt)["erased"]
    assert {"customer", "customer_note", "event", "event.actor", "fallback queue", "export files"} <= set(told)
    # what still waits goes out without values, and in its order
    canary.broker.bodies.clear()
    canary.relay()
    sent = [json.loads(body) for body in canary.broker.bodies]
    own = [event for event in sent if event["customer_id"] == canary.customer["id"]]
    assert own[-1]["event"] == "CustomerDeletedEvent"
    assert own[-1]["reason"] == "erasure"
    versions = [event["customer_version"] for event in own]
    assert versions == sorted(versions)
    assert [mark for mark in canary.marks.used.values() if mark in json.dumps(sent)] == []
    # and nothing of the other customer went
    assert canary.staff.get(f"/{canary.other['id']}").json["full_name"] == "Somebody Renamed"


def test_after_a_deletion_no_mark_is_left_where_it_promises_so(canary, caplog):
    """The fallback queue is emptied by the relay when the broker is back."""
    canary.create()
    canary.change("one")
    canary.relay()
    canary.change("two")
    assert set(canary.found()) == set(canary.marks.used)
    assert canary.staff.delete(f"/{canary.customer['id']}").status_int == 204
    assert canary.found(caplog.text) == {}
    canary.broker.bodies.clear()
    canary.relay()
    sent = b"".join(canary.broker.bodies).decode()
    assert [mark for mark in canary.marks.used.values() if mark in sent] == []


def test_what_a_restored_backup_brings_back_is_erased_again(
    call, canary, caplog, postgres, directory, monkeypatch
):
    canary.create()
    canary.change("one")
    canary.relay()
    canary.work_as_staff()
    backup = dump(canary.url)
    run(call, canary, "erase", "--user", canary.user_id, "--yes")
    run(call, canary, "ledger", "--output", "ledger.jsonl")
    assert canary.found(caplog.text) == {}
    with fresh_database(postgres) as url:
        restore = [program("psql"), "--quiet", "--set", "ON_ERROR_STOP=1", url]
        subprocess.run(restore, input=backup, check=True, capture_output=True)
        restored = Canary.__new__(Canary)
        restored.__dict__ = {**canary.__dict__, "url": url, "settings": canary.settings | {"DATABASE_URL": url}}
        assert set(restored.found()) == set(canary.marks.used)
        refused = call("gdpr", "ledger", "--output", "ledger.jsonl", **restored.settings)
        assert (refused.exit_code, "tells of 1 erasures that this database does not know" in refused.output) == (
            1,
            True,
        )
        assert "1 subjects were brought back" in run(call, restored, "replay", "ledger.jsonl", "--dry-run")
        assert set(restored.found()) == set(canary.marks.used)
        assert "1 erased again" in run(call, restored, "replay", "ledger.jsonl", "--yes")
        assert restored.found(caplog.text) == {}
        assert "0 subjects were brought back" in run(call, restored, "replay", "ledger.jsonl")
        assert len(run(call, restored, "ledger").splitlines()) == 2
