"""Long work stops between two batches; the second signal ends it at once."""

import os
import signal

import click
import psycopg2
import pytest

from bee_customers.cli.interrupts import Stopped, stop_signal
from tests.cli.processes import running

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
IN_BATCHES = """
from bee_customers.cli.interrupts import stop_signal
with stop_signal() as stop:
    print("at work", flush=True)
    stop.wait(30)
print("stopped in order", flush=True)
"""
IN_A_STATEMENT = """
import os, psycopg2
from bee_customers.cli.interrupts import stop_signal
with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor, stop_signal():
    cursor.execute("INSERT INTO tag (id, name, name_key, created_at) SELECT gen_random_uuid(), 'x', 'x', now()")
    print("at work", flush=True)
    cursor.execute("SELECT pg_sleep(60)")
"""


@pytest.fixture(autouse=True)
def _hangups_are_not_ignored():
    """As they are where the tests were started by nohup; what they start would ignore them too."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_only_told(number, capsys):
    with stop_signal() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        assert stop.wait(10)
    assert "once more ends at once" in capsys.readouterr().err


def test_afterwards_signals_mean_what_they_meant():
    before = {number: signal.getsignal(number) for number in SIGNALS}
    with stop_signal():
        assert {number: signal.getsignal(number) for number in SIGNALS} != before
    assert {number: signal.getsignal(number) for number in SIGNALS} == before
    assert signal.set_wakeup_fd(-1) == -1


def test_what_is_to_be_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_signal() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGTERM)
            assert stop.wait(10)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_signals_are_none_of_its_business():
    heard = []
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
    try:
        with stop_signal() as stop:
            os.kill(os.getpid(), signal.SIGUSR1)
            assert heard == [1]
        assert not stop.is_set()
    finally:
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_process_that_is_asked_once_ends_in_order(directory, number):
    with running(directory, "python", "-c", IN_BATCHES) as program:
        program.wait_for("at work")
        assert program.end(number) == 0
        assert "stopped in order" in program.output


def test_the_second_signal_ends_even_a_statement_and_nothing_of_it_stays(directory, migrated):
    with running(directory, "python", "-c", IN_A_STATEMENT, DATABASE_URL=migrated) as program:
        program.wait_for("at work")
        program.process.send_signal(signal.SIGINT)
        program.wait_for("once more")
        assert program.end(signal.SIGINT) == 128 + signal.SIGINT
        assert "what was not committed is undone" in program.output
    connection = psycopg2.connect(migrated)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tag")
        assert cursor.fetchone() == (0,)
    connection.close()


def test_work_that_stopped_says_so_and_is_not_done(call, monkeypatch):
    from bee_customers.cli import db

    def stop(*_):
        raise Stopped("30 of 100 customers are done; the same command does the rest")

    monkeypatch.setattr(db, "load", stop)
    result = call("db", "check")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Stopped: 30 of 100 customers are done; the same command does the rest\n"
    assert issubclass(Stopped, click.ClickException)
