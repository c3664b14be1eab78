"""bee-customers export ..."""

import csv
import fcntl
import gzip
import io
import json
import os
import signal
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from bee_customers.cli.output import to_file
from bee_customers.db import copying
from bee_customers.db.engine import Database
from tests.cli.processes import PROGRAMS, environment, running
from tests.operations.people import add
from tests.servers import wait_until
from tests.stored_events import run

MANY = """
INSERT INTO customer (id, business_id, full_name, name_key, search_text, created_at, updated_at)
SELECT md5(number::text)::uuid, md5('')::uuid, 'Ana', 'ana', 'ana', now(), now()
FROM generate_series(1, :many) AS number
"""

COPYING = text("""
SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY%' AND pid <> pg_backend_pid()
""")


@pytest.fixture
def database(migrated):
    made = Database(migrated)
    yield made
    made.close()


@pytest.fixture
def people(database):
    return [add(database, full_name=name, tags=tags) for name, tags in (("Ana", ["VIP"]), ("=Ben", []))]


@pytest.fixture
def export(call, migrated):
    """Calls `export customers` with arguments; returns what came of it."""

    def command(*arguments, code=0):
        result = call("export", "customers", *arguments, DATABASE_URL=migrated)
        assert result.exit_code == code, result.output
        return result

    return command


@pytest.fixture
def shell(directory, migrated):
    """Runs a line of a shell; returns its exit code and what it wrote to stderr."""

    def command(line):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"],
            cwd=directory,
            env=environment(DATABASE_URL=migrated, PATH=f"{PROGRAMS}:{os.environ['PATH']}"),
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stderr

    return command


def names(text):
    return [row["full_name"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def test_stdout_is_csv_and_nothing_else(export, people):
    result = export()
    assert names(result.stdout) == ["Ana", "'=Ben"]
    assert result.stderr == "2 customers written to stdout\n"
    assert names(export("--raw").stdout) == ["Ana", "=Ben"]


def test_filters_and_json_lines(export, people):
    (line,) = export("--tag", "vip", "--format", "jsonl").stdout.splitlines()
    assert json.loads(line)["id"] == people[0]["id"]


def test_a_file_is_of_the_kind_that_its_name_says_and_for_its_owner_alone(export, people, directory):
    expected = {kind: export("--format", kind).stdout for kind in ("csv", "jsonl")}
    for name, kind in (("a.csv", "csv"), ("b.jsonl.gz", "jsonl"), ("c.csv.gz", "csv"), ("d", "csv")):
        export("--output", name)
        content = (directory / name).read_bytes()
        plain = gzip.decompress(content) if name.endswith(".gz") else content
        assert plain.decode() == expected[kind]
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600
    assert list(directory.glob("*.part")) == []


def test_a_file_that_is_there_is_replaced_only_if_that_is_meant(export, people, directory):
    (directory / "a.csv").write_text("mine")
    assert "a.csv is there already: --overwrite" in export("--output", "a.csv", code=1).stderr
    assert (directory / "a.csv").read_text() == "mine"
    export("--output", "a.csv", "--overwrite")
    assert names((directory / "a.csv").read_text()) == ["Ana", "'=Ben"]


def test_what_an_earlier_run_left_behind_does_not_matter(export, people, directory):
    (directory / "a.csv.part").write_text("x" * 10_000)
    (directory / "a.csv.part").chmod(0o666)
    export("--output", "a.csv")
    assert names((directory / "a.csv").read_text()) == ["Ana", "'=Ben"]
    assert stat.S_IMODE((directory / "a.csv").stat().st_mode) == 0o600


def test_where_nothing_can_be_written_is_one_line(export, people, directory):
    (directory / "link.csv.part").symlink_to(directory / "other")
    for output, why in (
        (".", "is a directory"),
        ("nowhere/a.csv", "No such file or directory"),
        ("/dev/null", "is no file"),
        ("link.csv", "Too many levels of symbolic links"),
    ):
        error = export("--output", output, "--overwrite", code=1).stderr
        assert why in error
        assert len(error.splitlines()) == 1
    assert not (directory / "other").exists()


def test_two_at_once_do_not_write_one_file(export, people, directory):
    with (directory / "a.csv.part").open("wb") as part:
        fcntl.flock(part, fcntl.LOCK_EX)
        assert "another command is writing a.csv.part" in export("--output", "a.csv", code=1).stderr
    assert (directory / "a.csv.part").exists()
    export("--output", "a.csv")


def test_raw_is_for_csv(export):
    assert "--raw is for csv" in export("--raw", "--format", "jsonl", code=2).stderr


class TestMuch:
    @pytest.fixture(autouse=True)
    def many(self, database):
        run(database, MANY, many=20_000)

    def test_a_full_disk_is_one_line_and_nothing_stays(self, shell, directory):
        code, error = shell("ulimit -f 20; bee-customers export customers --output a.jsonl.gz")
        assert (code, error) == (1, "Error: a.jsonl.gz cannot be written: File too large\n")
        assert sorted(path.name for path in directory.glob("a.*")) == []
        code, error = shell("bee-customers export customers > /dev/full")
        assert (code, error) == (1, "Error: stdout cannot be written: No space left on device\n")

    def test_a_closed_pipe_is_one_line(self, shell):
        assert shell("bee-customers export customers | head -1") == (
            1,
            "Error: stdout was closed before the end\n",
        )

    def test_a_database_that_goes_away_is_one_line_and_nothing_stays(self, directory, migrated, database):
        command = ("bee-customers", "export", "customers", "--output", "a.csv")
        with database.session() as session:
            session.execute(text("LOCK TABLE customer_tag IN ACCESS EXCLUSIVE MODE"))
            with running(directory, *command, DATABASE_URL=migrated) as program:
                wait_until(lambda: database.read(COPYING), 20, "it to read")
                assert (directory / "a.csv.part").exists()
                database.read(text(f"SELECT pg_terminate_backend(pid) FROM ({COPYING}) AS copying"))
                assert program.process.wait(20) == 1
                assert program.output.startswith("Error: the connection to the database broke")
                assert len(program.output.splitlines()) == 1
        assert sorted(path.name for path in directory.glob("a.*")) == []

    def test_a_database_that_falls_silent_is_one_line_and_nothing_stays(
        self, export, directory, postgres, database, monkeypatch
    ):
        monkeypatch.setattr(copying, "SILENCE_SECONDS", 0.8)
        has_ended = threading.Event()

        def freeze():
            wait_until(lambda: database.read(COPYING), 20, "it to read")
            postgres.freeze()
            has_ended.wait(20)
            postgres.thaw()

        with database.session() as session, ThreadPoolExecutor(1) as elsewhere:
            session.execute(text("LOCK TABLE customer_tag IN ACCESS EXCLUSIVE MODE"))
            frozen = elsewhere.submit(freeze)
            result = export("--output", "a.csv", code=1)
            has_ended.set()
            frozen.result()
        assert result.stderr == "Error: the database sent nothing for too long\n"
        assert sorted(path.name for path in directory.glob("a.*")) == []

    def test_it_stops_when_asked_to(self, directory, migrated):
        with subprocess.Popen(
            [PROGRAMS / "bee-customers", "export", "customers"],
            cwd=directory,
            env=environment(DATABASE_URL=migrated),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            process.stdout.readline()  # and not the rest: it waits in the middle
            process.send_signal(signal.SIGTERM)
            assert process.stderr.readline().startswith(b"stopping")
            lines = process.stdout.read().splitlines()
            assert process.wait(20) == 1
            assert process.stderr.read().startswith(b"Stopped: ")
        assert len(lines) < 20_000


def test_of_a_block_that_fails_nothing_stays(directory):
    def fail():
        with to_file(directory / "a.csv") as file:
            file.write(b"x" * 10_000_000)
            assert (directory / "a.csv.part").exists()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(directory.glob("a.*")) == []
