"""bee-customers gdpr erase, run, requests, cancel, receipt, verify, ledger and replay"""

import json
import os
import re
import signal
import uuid
from contextlib import closing

import psycopg2
import pytest

from bee_customers.cli import interrupts
from bee_customers.db.engine import Database
from bee_customers.db.locks import each, only_one
from bee_customers.services.privacy import erasure
from bee_customers.services.privacy.erasure import LOCK
from bee_customers.services.privacy.requests import turn_of
from bee_customers.services.privacy.subjects import SubjectHashes
from bee_customers.storage.local import LocalStorage
from tests.servers import wait_until

USER, OTHER, ALONE, BUSINESS = (str(uuid.uuid4()) for _ in range(4))
AVATAR = f"avatars/xx/{'x' * 43}.webp"
SECRET = "k" * 40
CUSTOMER = """
WITH made AS (
    INSERT INTO customer (id, user_id, business_id, full_name, email, avatar_url, name_key, search_text,
        created_at, updated_at)
    VALUES (%s, %s, %s, 'Ana Pop', 'ana@example.com', %s, 'ana', 'ana', now(), now())
    RETURNING id
)
INSERT INTO customer_note (customer_id, id, content, author, created_at)
SELECT id, gen_random_uuid(), 'likes honey', 'staff', now() FROM made
"""
REQUEST = """
INSERT INTO privacy_request (id, kind, user_id, subject_hash, status, requested_by, requested_at, due_at)
VALUES (%s, 'erasure', %s, %s, 'scheduled', %s, now(), now() + %s::interval)
"""


class Kept:
    """A database with customers, files, and requests that wait."""

    def __init__(self, cursor, settings):
        self.cursor, self.settings = cursor, settings

    def add_customer(self, user_id, customer_id=None, avatar=None):
        self.cursor.execute(CUSTOMER, (customer_id or str(uuid.uuid4()), user_id, BUSINESS, avatar))

    def ask(self, user_id=USER, due_in="0"):
        request_id, hashed = str(uuid.uuid4()), SubjectHashes(SECRET).of(f"user:{user_id}")
        self.cursor.execute(REQUEST, (request_id, user_id, hashed, user_id, due_in))
        return request_id

    def count(self, table, where="true"):
        self.cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}")
        return self.cursor.fetchone()[0]


@pytest.fixture
def kept(migrated, directory):
    files = LocalStorage(directory / "files")
    files.put(AVATAR, b"RIFF a picture", "image/webp")
    settings = {"DATABASE_URL": migrated, "STORAGE_URL": f"file://{directory}/files", "SECRET_KEY": SECRET}
    with closing(psycopg2.connect(migrated)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        made = Kept(cursor, settings)
        made.add_customer(USER, avatar=f"/media/{AVATAR}")
        made.add_customer(OTHER)
        made.add_customer(None, ALONE)
        yield made


@pytest.fixture
def gdpr(call, kept):
    """Calls `bee-customers gdpr`; asserts the exit code, returns what it printed."""

    def run(*words, exit_code=0, answer=None, **settings):
        result = call("gdpr", *words, stdin=answer, **kept.settings | settings)
        assert result.exit_code == exit_code, result.output
        return result

    return run


def erase(gdpr, user=USER):
    """Erase a user; the id of its request."""
    return json.loads(gdpr("erase", "--user", user, "--yes", "--json").stdout)["request_id"]


def test_a_dry_run_tells_what_is_there_and_touches_nothing(gdpr, kept):
    lines = gdpr("erase", "--user", USER, "--dry-run").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["where", "would", "go"],
        ["avatar", "files", "1"],
        ["customer", "1"],
        ["customer_note", "1"],
    ]
    assert (kept.count("customer"), kept.count("privacy_request"), kept.count("erasure")) == (3, 0, 0)


@pytest.mark.parametrize("subject", [("--user", USER), ("--customer", ALONE)])
def test_a_subject_is_erased_at_once_and_there_is_a_receipt(gdpr, kept, directory, subject):
    shown = gdpr("erase", *subject, "--yes").stdout
    assert re.search(r"^customer +1$", shown, re.MULTILINE)
    assert (kept.count("customer"), kept.count("customer_note")) == (2, 2)
    request_id = re.search(r"gdpr receipt ([0-9a-f-]{36})", shown)[1]
    gdpr("receipt", request_id, "--output", "receipt.json")
    assert "the receipt holds" in gdpr("verify", "receipt.json").stdout
    assert gdpr("receipt", request_id).stdout == (directory / "receipt.json").read_text()
    if subject[0] == "--user":
        assert LocalStorage(directory / "files").exists(AVATAR) is False


def test_it_asks_first_and_no_is_no(gdpr, kept):
    shown = gdpr("erase", "--user", USER, answer="n\n", exit_code=1).output
    assert "Erase 3 rows and files for good?" in shown
    assert kept.count("customer") == 3
    gdpr("erase", "--user", USER, answer="y\n")
    assert kept.count("customer") == 2


def test_it_takes_over_the_request_that_waits(gdpr, kept):
    waiting = kept.ask(due_in="7 days")
    assert erase(gdpr) == waiting
    assert kept.count("privacy_request", "status = 'done'") == 1


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        ([], 2, "name a --user"),
        (["--user", USER, "--customer", ALONE], 2, "name a --user"),
        (["--user", "x"], 2, "not a valid UUID"),
        (["--user", str(uuid.uuid4()), "--yes"], 1, "nothing is kept about this subject"),
    ],
)
def test_whom_to_erase_must_be_said_and_be_there(gdpr, kept, words, exit_code, message):
    assert message in gdpr("erase", *words, exit_code=exit_code).output
    assert kept.count("privacy_request") == 0


def test_a_customer_of_a_user_is_not_erased_alone(gdpr, kept):
    kept.cursor.execute("SELECT id FROM customer WHERE user_id = %s", (USER,))
    shown = gdpr("erase", "--customer", kept.cursor.fetchone()[0], "--yes", exit_code=1).output
    assert shown.startswith("Error: the customer belongs to a user: name the user")
    assert kept.count("customer") == 3


def test_a_subject_that_somebody_else_works_on_is_left_alone(gdpr, kept):
    database = Database(kept.settings["DATABASE_URL"])
    with each(database, [turn_of(SubjectHashes(SECRET).of(f"user:{USER}"))]):
        shown = gdpr("erase", "--user", USER, "--yes", exit_code=1).output
    assert "is being worked on: nothing was done" in shown
    assert kept.count("customer") == 3


def test_run_carries_out_what_is_due_and_only_that(gdpr, kept):
    due, waiting = kept.ask(USER), kept.ask(OTHER, due_in="1 hour")
    assert gdpr("run", "--dry-run").stdout == "1 erasures are due\n"
    assert kept.count("customer") == 3
    assert gdpr("run").stdout == "1 erased\n"
    assert json.loads(gdpr("run", "--dry-run", "--json").stdout) == {"due": 0}
    assert json.loads(gdpr("run", "--json").stdout) == {"counts": {}, "others": []}
    statuses = {one["id"]: one["status"] for one in json.loads(gdpr("requests", "--json").stdout)}
    assert statuses == {due: "done", waiting: "scheduled"}
    assert kept.count("customer") == 2


def test_what_fails_is_told_and_tried_again(gdpr, kept, monkeypatch):
    request_id = kept.ask()
    away = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    shown = gdpr("run", exit_code=3, **away).stdout
    assert shown.splitlines()[0] == "0 erased"
    assert re.search(rf"{request_id}  failed  the fallback queue cannot be used", shown)
    assert "Redis cannot be reached" in gdpr("requests", "--status", "failed").stdout
    assert gdpr("run").stdout == "1 erased\n"


def test_a_run_that_is_asked_to_stop_does_so_after_its_batch_and_the_next_goes_on(gdpr, kept, monkeypatch):
    monkeypatch.setattr(erasure, "_BATCH", 1)
    for user in (USER, OTHER):
        kept.ask(user)
    real = erasure.Erasures.carry_out

    def and_ask_to_stop(self, requests):
        outcomes = real(self, requests)
        os.kill(os.getpid(), signal.SIGTERM)
        # the signal is heard by another thread
        wait_until(lambda: any("stopping" in line for line in told), 5, "the signal to be heard")
        return outcomes

    told = []
    monkeypatch.setattr(interrupts.click, "echo", lambda text="", **_: told.append(str(text)))
    monkeypatch.setattr(erasure.Erasures, "carry_out", and_ask_to_stop)
    gdpr("run", exit_code=1)
    assert "run it again for the rest" in told[-1]
    assert kept.count("privacy_request", "status = 'done'") == 1
    monkeypatch.undo()
    assert gdpr("run").stdout == "1 erased\n"


def test_a_second_run_steps_aside(gdpr, kept):
    kept.ask()
    with only_one(Database(kept.settings["DATABASE_URL"]), LOCK) as is_mine:
        assert is_mine
        result = gdpr("run")
    assert result.stdout == ""
    assert "another gdpr run is at work: nothing was done" in result.stderr
    assert kept.count("customer") == 3


def test_requests_are_listed_without_whom_they_are_about(gdpr, kept):
    request_id = kept.ask()
    for shown in (gdpr("requests").stdout, gdpr("requests", "--json").stdout):
        assert request_id in shown
        assert USER not in shown
    assert gdpr("requests", "--kind", "export").stdout.splitlines()[1:] == []
    assert "--status: one of" in gdpr("requests", "--status", "lost", exit_code=2).output


def test_that_the_user_itself_called_it_off_is_told_and_not_who_it_is(gdpr, kept):
    kept.ask()
    kept.cursor.execute(
        "UPDATE privacy_request SET status = 'cancelled', completed_at = now(), cancelled_by = user_id::text"
    )
    shown = gdpr("requests").stdout
    assert ("the user" in shown, USER in shown) == (True, False)


def test_what_waits_is_called_off_and_what_is_done_is_not(gdpr, kept):
    request_id = kept.ask()
    assert gdpr("cancel", request_id).stdout == f"the erasure {request_id} is cancelled\n"
    (told,) = json.loads(gdpr("requests", "--json").stdout)
    assert (told["status"], told["cancelled_by"]) == ("cancelled", "operator")
    assert "operator" in gdpr("requests").stdout
    assert gdpr("run").stdout == "0 erased\n"
    done = erase(gdpr)
    assert "the erasure is done" in gdpr("cancel", done, exit_code=1).output
    assert "no such request" in gdpr("cancel", str(uuid.uuid4()), exit_code=1).output


def test_a_receipt_with_one_other_byte_does_not_hold(gdpr, kept, directory):
    gdpr("receipt", erase(gdpr), "--output", "receipt.json")
    text = (directory / "receipt.json").read_bytes()
    (directory / "receipt.json").write_bytes(text.replace(b'"customer": 1', b'"customer": 2'))
    shown = gdpr("verify", "receipt.json", exit_code=1)
    assert (shown.stdout, shown.stderr) == ("", "Error: the receipt was altered\n")
    assert "no receipt" in gdpr("verify", "-", answer="", exit_code=1).output


def test_a_receipt_needs_an_erasure_that_is_done(gdpr, kept):
    assert "no such erasure" in gdpr("receipt", kept.ask(), exit_code=1).output


def test_a_receipt_is_verified_without_a_database(gdpr, kept, directory):
    gdpr("receipt", erase(gdpr), "--output", "receipt.json")
    gdpr("verify", "receipt.json", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere")


def test_receipt_and_ledger_name_nobody(gdpr, kept, directory):
    request_id = erase(gdpr)
    gdpr("ledger", "--output", "ledger.jsonl")
    written = gdpr("receipt", request_id).stdout + (directory / "ledger.jsonl").read_text()
    assert gdpr("ledger").stdout == (directory / "ledger.jsonl").read_text()
    for value in (USER, BUSINESS, "Ana", "ana@example.com", "honey"):
        assert value not in written


def test_a_ledger_replaces_the_one_before_whole(gdpr, kept, directory):
    (directory / "ledger.jsonl").write_text("old")
    erase(gdpr)
    assert "line 1 is not JSON" in gdpr("ledger", "--output", "ledger.jsonl", exit_code=1).output
    assert (directory / "ledger.jsonl").read_text() == "old"
    for options in (["--force"], []):
        assert gdpr("ledger", "--output", "ledger.jsonl", *options).stdout == "ledger.jsonl: 1 erasures\n"
    assert len((directory / "ledger.jsonl").read_text().splitlines()) == 1
    shown = gdpr("ledger", "--output", "nowhere/ledger.jsonl", exit_code=1).output
    assert shown == "Error: nowhere/ledger.jsonl cannot be written: No such file or directory\n"
    assert sorted(path.name for path in directory.iterdir() if "ledger" in path.name) == ["ledger.jsonl"]


def test_what_a_backup_brought_back_is_erased_again(gdpr, kept, directory):
    erase(gdpr)
    gdpr("ledger", "--output", "ledger.jsonl")
    kept.cursor.execute("TRUNCATE erasure, erased_identity, privacy_request")
    kept.add_customer(USER)
    kept.cursor.execute("UPDATE customer SET created_at = created_at - interval '1 hour'")
    assert "1 subjects were brought back" in gdpr("replay", "ledger.jsonl", "--dry-run").stdout
    assert (kept.count("customer"), kept.count("erasure")) == (3, 0)
    assert "Erase 1 subjects again?" in gdpr("replay", "ledger.jsonl", answer="n\n", exit_code=1).output
    told = json.loads(gdpr("replay", "ledger.jsonl", "--yes", "--json").stdout)
    assert told == {"entries": 1, "brought_back": 1, "returned": {}, "outcomes": {"done": 1}}
    assert (kept.count("customer"), kept.count("erasure")) == (2, 2)
    assert gdpr("replay", "ledger.jsonl").stdout.endswith("0 erased again\n")


def test_who_came_back_since_is_named_and_left(gdpr, kept, directory):
    erase(gdpr)
    gdpr("ledger", "--output", "ledger.jsonl")
    kept.add_customer(USER)
    kept.cursor.execute("UPDATE customer SET business_id = gen_random_uuid() WHERE user_id = %s", (USER,))
    kept.add_customer(USER, "00000000-0000-4000-8000-000000000001")
    kept.cursor.execute("UPDATE customer SET created_at = '2020-01-01Z' WHERE id::text LIKE '00000000%'")
    shown = gdpr("replay", "ledger.jsonl", "--yes", exit_code=3).stdout
    assert f"user {USER} came back since" in shown
    assert kept.count("customer", f"user_id = '{USER}'") == 2


def test_a_ledger_that_is_none_is_refused(gdpr, kept, directory):
    (directory / "ledger.jsonl").write_text("{}\n")
    assert (
        gdpr("replay", "ledger.jsonl", exit_code=1).output == "Error: line 1 is no line of a ledger of erasures\n"
    )


def test_a_database_that_is_away_is_one_line(gdpr):
    url = {"DATABASE_URL": "postgresql://bee:hunter2@127.0.0.1:1/customers"}
    for words in (["run"], ["requests"], ["ledger"], ["erase", "--user", USER]):
        shown = gdpr(*words, exit_code=1, **url).stderr
        assert shown.startswith("Error: the database cannot be reached")
        assert "hunter2" not in shown
