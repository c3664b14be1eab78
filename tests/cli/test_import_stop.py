"""An import that is asked to stop stops between two batches, says how to go on, and goes on."""

import signal
from contextlib import closing
from pathlib import Path

import psycopg2

from tests.cli.processes import running
from tests.imports import files
from tests.servers import wait_until

ROWS = 3000


def test_an_import_that_is_terminated_stops_and_can_be_gone_on_with(directory: Path, migrated: str) -> None:
    path = files.write_csv(
        directory / "customers.csv",
        files.CUSTOMER_HEADER,
        [[files.user(n), files.BUSINESS, f"Ana {n}", "", "", "", ""] for n in range(ROWS)],
    )
    command = ("bee-customers", "import", "customers", str(path))
    with closing(psycopg2.connect(migrated)) as connection, connection.cursor() as cursor:
        connection.autocommit = True

        def line() -> int:
            cursor.execute("SELECT COALESCE(max(line), 0) FROM import_run")
            return int(cursor.fetchone()[0])

        with running(directory, *command, "--batch", "5", DATABASE_URL=migrated) as program:
            wait_until(lambda: line() > 20, 30, "a few batches")
            assert program.end(signal.SIGTERM) == 1
            assert (
                f"Stopped: at line {line():,}; the same command with --resume goes on behind it" in program.output
            )
        stopped_at = line()
        assert stopped_at < ROWS
        cursor.execute("SELECT count(*) FROM customer")
        assert cursor.fetchone()[0] == stopped_at - 1
        with running(directory, *command, DATABASE_URL=migrated) as program:
            assert program.process.wait(30) == 1
            assert f"stopped behind line {stopped_at:,}: --resume goes on there" in program.output
        with running(directory, *command, "--resume", DATABASE_URL=migrated) as program:
            assert program.process.wait(60) == 0, program.output
        cursor.execute("SELECT count(*), count(DISTINCT user_id) FROM customer")
        assert cursor.fetchone() == (ROWS, ROWS)
