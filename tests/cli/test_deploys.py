"""What happens to requests while a real process ends, and several on one address."""

import contextlib
import http.client
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from tests.cli.processes import Program, running, wait_until_nothing_is_left
from tests.client import SECRET, make_token
from tests.servers import free_port, is_alive, wait_until

pytestmark = pytest.mark.servers
TOKEN = {"Authorization": f"Bearer {make_token('admin', 'internal_service')}"}


@pytest.fixture
def settings(migrated: str) -> dict[str, str]:
    return {
        "ENVIRONMENT": "production",
        "DATABASE_URL": migrated,
        "SECRET_KEY": "a-secret-for-cursors-in-the-tests-32-or-more",
        "AUTH_JWT_KEY": SECRET,
        "AUTH_JWT_ALGORITHMS": "HS256",
        "REDIS_URL": "",
        "CORS_ORIGINS": "",
        "PORT": str(free_port()),
        "DRAIN_SECONDS": "1",
        "API_RATE": "off",
    }


@pytest.fixture
def locked(migrated: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """The path of a customer whose row somebody else holds, and how to let go of it."""
    customer = str(uuid.uuid4())
    with contextlib.closing(psycopg2.connect(migrated)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customer (id, business_id, full_name, name_key, search_text, created_at, updated_at)"
            " VALUES (%s, %s, 'Ana', 'ana', 'ana', now(), now())",
            (customer, str(uuid.uuid4())),
        )
        cursor.execute("INSERT INTO customer_history (customer_id) VALUES (%s)", (customer,))
        connection.commit()
        cursor.execute("SELECT FROM customer FOR UPDATE")
        yield f"/v1/customers/{customer}", connection.rollback


def ask(port: str, path: str = "/v1/customers", method: str = "GET", body: str | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    with contextlib.closing(connection):
        media = {"Content-Type": "application/merge-patch+json"} if body else {}
        connection.request(method, path, body, TOKEN | media)
        response = connection.getresponse()
        response.read()
        return response.status, response.headers


def begin_to_wait(migrated: str, threads: ThreadPoolExecutor, port: str, path: str) -> Any:
    """A PATCH that waits for the row."""
    patching = threads.submit(ask, port, path, "PATCH", '{"full_name": "Ion"}')
    with contextlib.closing(psycopg2.connect(migrated)) as connection, connection.cursor() as cursor:
        connection.autocommit = True

        def waits() -> bool:
            cursor.execute("SELECT FROM pg_locks WHERE NOT granted")
            return cursor.rowcount > 0

        wait_until(waits, 10, "the request to wait for the lock")
    return patching


def test_a_deployed_process_is_first_unready_then_finishes_and_ends_well(
    directory: Path, settings: dict[str, str], migrated: str, locked: Any
) -> None:
    path, let_go = locked
    port = settings["PORT"]
    with running(directory, "bee-customers", "serve", **settings) as program, ThreadPoolExecutor(1) as threads:
        program.wait_for_address()
        patching = begin_to_wait(migrated, threads, port, path)
        program.process.send_signal(signal.SIGTERM)
        wait_until(lambda: ask(port, "/health")[0] == 503, 5, "the process to be unready")
        status, headers = ask(port)
        assert (status, headers["Connection"]) == (200, "close")
        assert ask(port, "/health/live")[0] == 200
        wait_until(lambda: not listens(port), 10, "the listener to be gone")
        assert not patching.done()
        let_go()
        assert patching.result(10)[0] == 200
        assert program.process.wait(10) == 0
        assert "Traceback" not in program.output


def listens(port: str) -> bool:
    try:
        return ask(port, "/health/live")[0] == 200
    except OSError:
        return False


def test_a_second_signal_ends_at_once(
    directory: Path, settings: dict[str, str], migrated: str, locked: Any
) -> None:
    with running(directory, "bee-customers", "serve", **settings | {"DRAIN_SECONDS": "60"}) as program:
        program.wait_for_address()
        with ThreadPoolExecutor(1) as threads:
            patching = begin_to_wait(migrated, threads, settings["PORT"], locked[0])
            program.process.send_signal(signal.SIGTERM)
            wait_until(lambda: ask(settings["PORT"], "/health")[0] == 503, 5, "the drain to begin")
            assert program.end(signal.SIGTERM) == 128 + signal.SIGTERM
            with pytest.raises(OSError, match=r"reset|closed"):
                patching.result(10)


def test_a_new_process_takes_over_and_no_request_is_refused(directory: Path, settings: dict[str, str]) -> None:
    port, stop = settings["PORT"], threading.Event()

    def load() -> list[int]:
        statuses = []
        while not stop.is_set():
            statuses.append(ask(port)[0])
        return statuses

    with running(directory, "bee-customers", "serve", **settings) as old, ThreadPoolExecutor(4) as threads:
        old.wait_for_address()
        loads = [threads.submit(load) for _ in range(4)]
        try:
            with running(directory, "bee-customers", "serve", **settings) as new:
                new.wait_for_address()
                assert old.end(signal.SIGTERM) == 0
                stop.set()
                statuses = [status for each in loads for status in each.result(20)]
                assert new.end(signal.SIGTERM) == 0
        finally:
            stop.set()
    assert len(statuses) > 50
    assert set(statuses) == {200}


def workers(program: Program) -> list[psutil.Process]:
    return psutil.Process(program.process.pid).children()


def test_several_processes_share_an_address_until_ctrl_c_and_one_that_dies_is_replaced(
    directory: Path, settings: dict[str, str]
) -> None:
    two = settings | {"PROCESSES": "2", "PORT": "0", "DRAIN_SECONDS": "0"}
    with running(directory, "bee-customers", "serve", **two) as program:
        port = program.wait_for_address().rpartition(":")[2]
        assert "without REDIS_URL 2 processes count by themselves" in program.output
        first, second = workers(program)
        metrics = Path(first.environ()["PROMETHEUS_MULTIPROC_DIR"])
        assert metrics.is_dir()
        (metrics / f"gauge_livesum_{first.pid}.db").touch()
        first.kill()
        program.wait_for(f"process {first.pid} of place 1 ended with -9; another one starts in 0.5 s")
        assert not list(metrics.glob(f"gauge_live*_{first.pid}.db"))
        wait_until(lambda: len(workers(program)) == 2, 10, "another one to start")
        wait_until(lambda: all(each.net_connections("inet") for each in workers(program)), 20, "it to listen")
        assert {ask(port)[0] for _ in range(20)} == {200}
        assert is_alive(second)
        family = workers(program)
        assert program.interrupt() == 0, "the workers get one signal, and not the terminal's beside ours"
        wait_until_nothing_is_left(program, *family)
        assert not metrics.exists()
        assert "Traceback" not in program.output


def test_in_development_several_processes_have_one_relay_and_end_with_a_supervisor_that_is_killed(
    directory: Path, migrated: str
) -> None:
    settings = {"DATABASE_URL": migrated, "PROCESSES": "2", "PORT": "0"}
    with (
        running(directory, "bee-customers", "serve", **settings) as program,
        contextlib.closing(psycopg2.connect(migrated)) as connection,
        connection.cursor() as cursor,
    ):
        connection.autocommit = True
        program.wait_for_address()
        # the workers have asked for nothing yet: whoever is connected relays
        cursor.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.rowcount == 1
        family = workers(program)
        program.process.kill()
        wait_until(lambda: not any(map(is_alive, family)), 15, "the workers to end")
