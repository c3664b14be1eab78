"""bee-customers retention ..."""

import json
import os
import signal
import time

import psycopg2
import pytest

from bee_customers.cli import interrupts
from bee_customers.db.engine import Database
from bee_customers.db.locks import only_one
from bee_customers.services import old_rows
from bee_customers.services.retention import LOCK
from bee_customers.storage.local import LocalStorage
from tests.servers import wait_until

DAY = 86_400


NAMES = (
    "inactive customers",
    "notes",
    "published events",
    "stored replies",
    "import rejects",
    "export files",
    "finished requests",
    "unnamed avatar files",
)
OF_EACH_KIND = """
INSERT INTO customer (id, business_id, full_name, name_key, search_text, created_at, updated_at)
    SELECT md5(n::text)::uuid, md5('b')::uuid, 'x', 'x', 'x', now(), now() - n * interval '3000 days'
    FROM generate_series(1, 2) AS n;
INSERT INTO customer_note (customer_id, id, content, author, created_at)
    SELECT md5('1')::uuid, md5(n::text)::uuid, 'x', 'staff', now() - n * interval '20 hours'
    FROM generate_series(1, 2) AS n;
INSERT INTO event (id, customer_id, type, routing_key, customer_version, payload, trace_id, actor, occurred_at,
        published_at)
    SELECT md5(n::text)::uuid, md5('1')::uuid, 't', 'r', n, '{}', 't', 'a', now() - n * interval '20 hours', now()
    FROM generate_series(1, 2) AS n;
INSERT INTO idempotency_key (subject, method, route, key, request_hash, status, headers, body, created_at)
    SELECT 's', 'POST', '/', n::text, '', 201, '{}', '', now() - n * interval '20 hours'
    FROM generate_series(1, 2) AS n;
INSERT INTO import_run (id, kind, file_name, fingerprint, options, position, line, digest, rejects_file,
        rejects_position, counts, status, started_at, finished_at)
    SELECT md5(n::text)::uuid, 'customers', 'f', 'f', '{}', 0, 0, '', '%(directory)s/rejects-' || n, 0, '{}',
        'done', now(), now() - n * interval '20 hours'
    FROM generate_series(1, 2) AS n;
INSERT INTO privacy_request (id, kind, subject_hash, status, requested_at, due_at, completed_at, expires_at,
        details)
    SELECT md5('export' || n)::uuid, 'export', 'h', 'done', now(), now(), now(),
        now() + (n - 1.5) * interval '1 hour', jsonb_build_object('key', 'exports/xx/' || n)
    FROM generate_series(1, 2) AS n;
INSERT INTO privacy_request (id, kind, subject_hash, status, requested_at, due_at, completed_at)
    SELECT md5('erasure' || n)::uuid, 'erasure', 'h', 'done', now(), now(), now() - n * interval '20 hours'
    FROM generate_series(1, 2) AS n;
"""


@pytest.fixture
def left_over(migrated, directory):
    """A database and a directory in which one thing of each kind is due and one is not."""
    files = LocalStorage(directory / "files")
    for name in ("o" * 43, "n" * 43):
        files.put(f"avatars/xx/{name}.webp", b"left by a crash", "image/webp")
    for number in (1, 2):
        (directory / f"rejects-{number}").write_text("refused rows")
        files.put(f"exports/xx/{number}", b"a copy", "application/zip")
    long_ago = time.time() - 2 * DAY
    os.utime(directory / "rejects-2", (long_ago, long_ago))
    os.utime(next((directory / "files").rglob("o*.webp")), (long_ago, long_ago))
    with psycopg2.connect(migrated) as connection, connection.cursor() as cursor:
        cursor.execute(OF_EACH_KIND % {"directory": directory})
    connection.close()
    kept = ("NOTES", "PUBLISHED_EVENTS", "IMPORT_REJECTS", "FINISHED_REQUESTS")
    days = {"RETENTION_INACTIVE_CUSTOMERS": "4000", **{f"RETENTION_{name}": "1" for name in kept}}
    return {"DATABASE_URL": migrated, "STORAGE_URL": f"file://{directory}/files", **days}


def removed(call, settings, *options):
    result = call("retention", "run", "--json", *options, **settings)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["removed"]


def test_run_removes_what_is_due_and_nothing_else(call, left_over, directory):
    due = dict.fromkeys(NAMES, 1)
    assert removed(call, left_over, "--dry-run") == due
    assert removed(call, left_over) == due
    assert sorted(path.name for path in directory.glob("rejects-*")) == ["rejects-1"]
    assert [path.name for path in (directory / "files" / "exports").rglob("?")] == ["2"]
    # the customer that went has left the event that tells so, which nobody has published yet
    assert removed(call, left_over) == dict.fromkeys(NAMES, 0)


def test_a_dry_run_shows_what_would_go_and_why_and_removes_nothing(call, left_over):
    lines = call("retention", "run", "--dry-run", **left_over).stdout.splitlines()
    assert lines[0].split("  ")[0] == "what"
    assert "would go" in lines[0]
    for name, line in zip(NAMES, lines[1:], strict=True):
        assert line.startswith(name)
        assert " 1  " in line
    assert "4,000 days" in lines[1]
    assert "1 day " in lines[4]
    assert set(removed(call, left_over).values()) == {1}


def test_a_second_run_steps_aside(call, left_over):
    database = Database(left_over["DATABASE_URL"])
    with only_one(database, LOCK) as is_mine:
        assert is_mine
        result = call("retention", "run", **left_over)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing was done" in result.stderr
    assert set(removed(call, left_over).values()) == {1}


def test_a_run_that_is_asked_to_stop_does_so_after_its_batch_and_says_how_to_go_on(call, left_over, monkeypatch):
    monkeypatch.setattr(old_rows, "BATCH", 1)
    real = old_rows.transact

    def and_ask_to_stop(*arguments):
        removed = real(*arguments)
        os.kill(os.getpid(), signal.SIGTERM)
        # the signal is heard by another thread
        wait_until(lambda: any("stopping" in line for line in told), 5, "the signal to be heard")
        return removed

    told = []
    monkeypatch.setattr(interrupts.click, "echo", lambda text="", **_: told.append(str(text)))
    monkeypatch.setattr(old_rows, "transact", and_ask_to_stop)
    result = call("retention", "run", **left_over | {"RETENTION_INACTIVE_CUSTOMERS": "0"})
    assert result.exit_code == 1
    assert "run it again" in told[-1]
    monkeypatch.undo()
    left = removed(call, left_over)
    assert (left["notes"], left["published events"]) == (0, 1)


def test_show_gives_time_setting_and_reason(call, left_over):
    settings = left_over | {"RETENTION_NOTES": "0"}
    told = json.loads(call("retention", "show", "--json", **settings).stdout)
    assert {policy["name"]: policy["kept_for_seconds"] for policy in told} == {
        "inactive customers": 4000 * DAY,
        "notes": None,
        "published events": DAY,
        "stored replies": DAY,
        "import rejects": DAY,
        "export files": DAY,
        "finished requests": DAY,
        "unnamed avatar files": DAY,
    }
    lines = call("retention", "show", **settings).stdout.splitlines()
    for policy, line in zip(told, lines[1:], strict=True):
        assert policy["reason"] in line
        assert (policy["setting"] or "fixed") in line
    assert "ever" in lines[2]


def test_a_database_that_is_away_is_one_line(call, directory):
    result = call("retention", "run", DATABASE_URL="postgresql://bee:hunter2@127.0.0.1:1/customers")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the database cannot be reached")
    assert "hunter2" not in result.stderr
