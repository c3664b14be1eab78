"""bee-customers gdpr export"""

import contextlib
import hashlib
import json
import os
import signal
import stat
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest

from bee_customers.storage.local import LocalStorage
from tests.cli.processes import Program
from tests.servers import wait_until

USER, ALONE, BUSINESS = (str(uuid.uuid4()) for _ in range(3))
AVATAR = f"avatars/xx/{'x' * 43}.webp"


def insert_customer(cursor, customer_id, user_id):
    cursor.execute(
        "INSERT INTO customer (id, user_id, business_id, full_name, email, avatar_url, name_key, search_text,"
        " created_at, updated_at)"
        " VALUES (%s, %s, %s, 'Ana Pop', 'ana@example.com', %s, 'ana', 'ana', now(), now())",
        (customer_id, user_id, BUSINESS, f"/media/{AVATAR}"),
    )
    cursor.execute("INSERT INTO customer_history (customer_id) VALUES (%s)", (customer_id,))


@contextlib.contextmanager
def cursor_of(url) -> Iterator:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


@pytest.fixture
def kept(migrated, directory):
    """A user, and a customer without one, who is what it is alone."""
    with cursor_of(migrated) as cursor:
        insert_customer(cursor, str(uuid.uuid4()), USER)
        insert_customer(cursor, ALONE, None)
    LocalStorage(directory / "files").put(AVATAR, b"RIFF a picture", "image/webp")
    return {"DATABASE_URL": migrated, "STORAGE_URL": f"file://{directory}/files", "SECRET_KEY": "k" * 40}


@pytest.mark.parametrize("subject", [("--user", USER), ("--customer", ALONE)])
def test_a_subject_is_written_into_a_file_for_its_reader_alone(call, directory, kept, subject):
    result = call("gdpr", "export", *subject, "--output", "copy.zip", "--json", **kept)
    assert result.exit_code == 0, result.output
    told, path = json.loads(result.stdout), directory / "copy.zip"
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (told["file"], told["size"]) == ("copy.zip", path.stat().st_size)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as opened:
        (customer,) = json.loads(opened.read("data/customer.json"))
        assert customer["email"] == "ana@example.com"
        assert opened.read(f"avatars/{customer['id']}.webp") == b"RIFF a picture"
    with cursor_of(kept["DATABASE_URL"]) as cursor:
        cursor.execute("SELECT id::text, kind, status, expires_at, requested_by FROM privacy_request")
        assert cursor.fetchall() == [(told["request_id"], "export", "done", None, "bee-customers gdpr export")]
        cursor.execute("SELECT type, customer_id::text, customer_version FROM event")
        assert cursor.fetchall() == [("GDPRExportRequested", customer["id"], 1)]


def test_without_json_it_tells_file_size_and_digest(call, directory, kept):
    result = call("gdpr", "export", "--user", USER, "--output", "copy.zip", **kept)
    digest = hashlib.sha256((directory / "copy.zip").read_bytes()).hexdigest()
    size = (directory / "copy.zip").stat().st_size
    assert result.stdout == f"copy.zip  {size:,} bytes\nSHA-256  {digest}\n"


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        (("--user", str(uuid.uuid4())), "Error: nothing is kept about this subject"),
        (("--customer", str(uuid.uuid4())), "Error: nothing is kept about this subject"),
    ],
)
def test_where_nothing_is_kept_no_file_is_left(call, directory, kept, subject, reason):
    result = call("gdpr", "export", *subject, "--output", "copy.zip", **kept)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip() == reason
    assert not (directory / "copy.zip").exists()


def test_a_customer_of_a_user_is_refused_for_the_user_is_the_subject(call, directory, kept):
    customer = str(uuid.uuid4())
    with cursor_of(kept["DATABASE_URL"]) as cursor:
        insert_customer(cursor, customer, str(uuid.uuid4()))
    result = call("gdpr", "export", "--customer", customer, "--output", "copy.zip", **kept)
    assert result.exit_code == 1
    assert "name the user" in result.stderr
    assert not (directory / "copy.zip").exists()


def test_a_file_that_is_there_is_never_replaced(call, directory, kept):
    (directory / "copy.zip").write_text("mine")
    result = call("gdpr", "export", "--user", USER, "--output", "copy.zip", **kept)
    assert (result.exit_code, result.stderr) == (1, "Error: copy.zip is there already: name a new file\n")
    assert (directory / "copy.zip").read_text() == "mine"


def test_a_directory_that_is_not_there_is_one_line(call, kept):
    result = call("gdpr", "export", "--user", USER, "--output", "nowhere/copy.zip", **kept)
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: nowhere/copy.zip cannot be written: No such file or directory\n",
    )


@pytest.mark.parametrize("subject", [(), ("--user", USER, "--customer", ALONE), ("--user", "ana")])
def test_a_subject_is_either_a_user_or_a_customer(call, directory, kept, subject):
    assert call("gdpr", "export", *subject, "--output", "copy.zip", **kept).exit_code == 2
    assert not (directory / "copy.zip").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_stopped_leaves_no_file_and_fails(directory, kept, number):
    with closing(psycopg2.connect(kept["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        # it announces the export last of all, under the customer's lock
        cursor.execute("SELECT FROM customer FOR UPDATE")
        arguments = ("gdpr", "export", "--user", USER, "--output", "copy.zip")
        program = Program(directory, "bee-customers", *arguments, **kept)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"

        def is_waiting() -> bool:
            cursor.execute(waiting)
            return bool(cursor.fetchone()[0])

        wait_until(is_waiting, 20, "the command to wait for the customer")
        assert (directory / "copy.zip").exists()
        program.process.send_signal(number)
        connection.rollback()
        assert program.process.wait(20) == 1
    assert not (directory / "copy.zip").exists()
    with cursor_of(kept["DATABASE_URL"]) as cursor:
        cursor.execute("SELECT count(*) FROM privacy_request")
        assert cursor.fetchone() == (0,)
    assert "Traceback" not in program.output
    assert [name for name in os.listdir(directory) if "copy" in name] == []
