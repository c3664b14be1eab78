"""bee-customers retention ..."""

import json
import os
import time

import psycopg2
import pytest

from bee_customers.db.engine import Database
from bee_customers.db.locks import only_one
from bee_customers.services.retention import LOCK
from bee_customers.storage.local import LocalStorage

DAY = 86_400


@pytest.fixture
def left_over(migrated, directory):
    """A database and a directory in which one thing of each kind is due and one is not."""
    files = LocalStorage(directory / "files")
    for name in ("o" * 43, "n" * 43):
        files.put(f"avatars/xx/{name}.webp", b"left by a crash", "image/webp")
    long_ago = time.time() - 2 * DAY
    os.utime(next((directory / "files").rglob("o*.webp")), (long_ago, long_ago))
    with psycopg2.connect(migrated) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO idempotency_key"
            " (subject, method, route, key, request_hash, status, headers, body, created_at)"
            " SELECT 's', 'POST', '/', n::text, '', 201, '{}', '', now() - n * interval '20 hours'"
            " FROM generate_series(1, 2) AS n"
        )
    connection.close()
    return {"DATABASE_URL": migrated, "STORAGE_URL": f"file://{directory}/files"}


def removed(call, settings, *options):
    result = call("retention", "run", "--json", *options, **settings)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["removed"]


def test_run_removes_what_is_due_and_nothing_else(call, left_over):
    due = {"stored replies": 1, "unnamed avatar files": 1}
    assert removed(call, left_over, "--dry-run") == due
    assert removed(call, left_over) == due
    assert removed(call, left_over) == dict.fromkeys(due, 0)


def test_a_second_run_steps_aside(call, left_over):
    database = Database(left_over["DATABASE_URL"])
    with only_one(database, LOCK) as is_mine:
        assert is_mine
        result = call("retention", "run", **left_over)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing was done" in result.stderr
    assert set(removed(call, left_over).values()) == {1}


def test_show_gives_time_and_reason(call, left_over):
    told = json.loads(call("retention", "show", "--json", **left_over).stdout)
    assert {policy["name"]: policy["kept_for_seconds"] for policy in told} == {
        "stored replies": DAY,
        "unnamed avatar files": DAY,
    }
    lines = call("retention", "show", **left_over).stdout.splitlines()
    assert [policy["reason"] in line for policy, line in zip(told, lines, strict=True)] == [True, True]


def test_a_database_that_is_away_is_one_line(call, directory):
    result = call("retention", "run", DATABASE_URL="postgresql://bee:hunter2@127.0.0.1:1/customers")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the database cannot be reached")
    assert "hunter2" not in result.stderr
