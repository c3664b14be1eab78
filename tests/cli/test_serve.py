"""bee-customers serve and pserve: real processes, ended as supervisors and people end them."""

import dataclasses
import json
import re
import signal
import socket
import urllib.request

import pytest

from bee_customers.cli.greeting import greeting
from tests.cli.processes import running, wait_until_nothing_is_left
from tests.servers import free_port, is_alive, wait_until

SIGNALS = [signal.SIGTERM, signal.SIGINT]


@pytest.fixture
def on_postgres(postgres):
    return {"DATABASE_URL": postgres.url, "PORT": "0"}


def test_it_greets_answers_and_ends_well_on_sigterm(directory, on_postgres):
    port = free_port()
    with running(directory, "bee-customers", "serve", **on_postgres | {"PORT": str(port)}) as program:
        address = program.wait_for_address()
        assert address == f"http://127.0.0.1:{port}"
        assert program.wait_for_answer(address) == 200
        family = program.family()
        assert program.end(signal.SIGTERM) == 0
        wait_until_nothing_is_left(program, *family)
        assert "Traceback" not in program.output
        assert "Warning" not in program.output


def test_the_greeting_names_documents_where_there_are_any(settings):
    told = [greeting(dataclasses.replace(settings, docs=docs), 8002) for docs in (True, False)]
    assert ["/docs" in each for each in told] == [True, False]


def test_the_greeting_tells_the_port_that_was_found_and_a_token_that_works(directory, on_postgres):
    with running(directory, "bee-customers", "serve", **on_postgres) as program:
        address = program.wait_for_address()
        assert not address.endswith(":0")
        wait_until(lambda: "curl" in program.output, 10, "the line to paste")
        token = program.output.partition("Bearer ")[2].partition("'")[0]
        assert f"{address}/console#token={token}\n" in program.output
        asking = urllib.request.Request(f"{address}/v1/customers", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asking, timeout=10) as response:
            assert json.load(response) == []


def test_it_publishes_events_into_its_log_by_type_and_id(directory, migrated):
    with running(directory, "bee-customers", "serve", DATABASE_URL=migrated, PORT="0") as program:
        address = program.wait_for_address()
        wait_until(lambda: "curl" in program.output, 10, "the line to paste")
        token = program.output.partition("Bearer ")[2].partition("'")[0]
        document = {"business_id": "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d", "full_name": "Ionuț Popescu"}
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        asking = urllib.request.Request(f"{address}/v1/customers", json.dumps(document).encode(), headers)
        with urllib.request.urlopen(asking, timeout=10) as response:
            assert response.status == 201
        program.wait_for("CustomerCreatedEvent")
        assert program.end(signal.SIGTERM) == 0
    assert re.search(
        r'"logger":"bee_customers\.events\.publisher","event":"CustomerCreatedEvent [0-9a-f-]{36}"', program.output
    )
    assert "Popescu" not in program.output


def test_a_port_in_use_is_one_line_and_exit_1(directory, on_postgres):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(directory, "bee-customers", "serve", **on_postgres | {"PORT": str(port)}) as program:
            assert program.process.wait(20) == 1
            assert len(program.output.splitlines()) == 1
            assert f"127.0.0.1:{port} cannot be used" in program.output


def test_a_host_that_is_none_is_one_line_and_exit_1(directory, on_postgres):
    with running(directory, "bee-customers", "serve", **on_postgres, HOST="no such host") as program:
        assert program.process.wait(20) == 1
        assert len(program.output.splitlines()) == 1


def test_a_database_that_is_away_is_one_line_and_exit_1(directory):
    url = f"postgresql://bee:hunter2@127.0.0.1:{free_port()}/customers"
    with running(directory, "bee-customers", "serve", DATABASE_URL=url) as program:
        assert program.process.wait(20) == 1
        lines = program.output.splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("Error: the database cannot be reached: connection to server at")


@pytest.mark.parametrize("number", SIGNALS)
def test_the_embedded_database_ends_with_the_service(directory, ini, number):
    with running(directory, "bee-customers", "serve", PORT="0") as program:
        address = program.wait_for_address()
        assert program.wait_for_answer(address) == 200
        family = program.family()
        assert any("postgres" in process.name() for process in family)
        assert program.end(number) in (0, 130)
        wait_until_nothing_is_left(program, *family)
        assert "Traceback" not in program.output


def test_the_embedded_database_ends_with_a_service_stopped_while_it_starts(directory, ini):
    with running(directory, "bee-customers", "serve", PORT="0") as program:
        wait_until(lambda: (directory / "var/pg/postmaster.pid").exists(), 20, "its database to start")
        family = program.family()
        program.end(signal.SIGTERM)
        wait_until_nothing_is_left(program, *family)


@pytest.mark.parametrize("number", SIGNALS)
def test_pserve_with_the_product_ini_ends_well(directory, ini, number):
    port = free_port()
    with running(directory, "pserve", "development.ini", PORT=str(port)) as program:
        assert program.wait_for_answer(f"http://127.0.0.1:{port}") == 200
        family = program.family()
        assert any("postgres" in process.name() for process in family)
        assert program.end(number) in (0, 130)
        wait_until_nothing_is_left(program, *family)


def test_reload_starts_a_new_worker_and_ctrl_c_leaves_nothing(directory, on_postgres):
    config = directory / "own.ini"
    config.write_text("[app:main]\n")
    settings = on_postgres | {"PORT": str(free_port())}
    with running(directory, "bee-customers", "-c", "own.ini", "serve", "--reload", **settings) as program:
        address = program.wait_for_address()
        assert program.wait_for_answer(address) == 200
        workers = program.family()
        wait_until(lambda: config.touch() or not any(map(is_alive, workers)), 20, "the old worker to end")
        assert program.wait_for_answer(address) == 200
        family = program.family()
        assert family
        program.interrupt()
        wait_until_nothing_is_left(program, *family)
        assert "Traceback" not in program.output
