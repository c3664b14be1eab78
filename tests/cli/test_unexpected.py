"""What no command foresees: bytes that are no text, and errors of our own making."""

import os

import pytest

from tests.cli.processes import running

NO_TEXT = os.fsdecode(b"\xff")
UUID = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["tags", "attach", "Zed", "--create", "--search", NO_TEXT, "--dry-run"], "--search"),
        (["tags", "attach", NO_TEXT, "--business", UUID, "--dry-run"], "NAME"),
        (["tags", "detach", "Zed", "--tag", NO_TEXT, "--yes"], "--tag"),
        (["tags", "rename", "Zed", f"Z{NO_TEXT}"], "NEW"),
        (["tags", "merge", NO_TEXT, "Zed"], "SOURCE"),
        (["tags", "delete", NO_TEXT], "NAME"),
        (["tags", "create", "Zed", "--color", NO_TEXT], "--color"),
        (["export", "customers", "--search", NO_TEXT], "--search"),
        (["import", "customers", "x.csv", "--tag", NO_TEXT], "--tag"),
        (["import", "orders", "x.csv", "--map", f"{NO_TEXT}=amount"], "--map"),
        (["events", "tail", "--routing-key", NO_TEXT], "--routing-key"),
        (["events", "replay", "--since", NO_TEXT], "--since"),
        (["events", "relay", "--metrics-address", NO_TEXT], "--metrics-address"),
        (["gdpr", "requests", "--status", NO_TEXT], "--status"),
        (["jobs", "record", NO_TEXT, "--exit-code", "0"], "NAME"),
        (["token", "--subject", NO_TEXT], "--subject"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else value,
)
def test_text_that_is_none_is_wrong_usage(arguments, named, call):
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    *_, last = result.stderr.splitlines()
    assert last.startswith("Error: Invalid value for")
    assert named in last
    assert r"'\udcff" in last or r"\udcff'" in last or r"'\udcff=amount'" in last


def test_the_name_of_a_file_may_be_of_any_bytes(call, migrated, directory):
    """A real terminal takes no text that is none."""
    with running(
        directory, "bee-customers", "gdpr", "ledger", "--output", NO_TEXT, DATABASE_URL=migrated
    ) as program:
        assert program.process.wait(20) == 0
        assert program.output == "\ufffd: 0 erasures\n"
    assert (directory / NO_TEXT).exists()


@pytest.fixture
def broken(monkeypatch):
    """`db check` fails by a mistake, whose message holds what is nobody's business."""
    from bee_customers.cli import db

    def mistaken(*_):
        raise LookupError("ana@example.com")

    monkeypatch.setattr(db, "load", mistaken)


def test_an_unexpected_error_is_one_line_without_its_message(broken, call):
    result = call("db", "check")
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: unexpected LookupError at db.py, line ")
    assert line.endswith("; --debug before the command shows all of it")


def test_with_debug_it_is_all_of_it(broken, call):
    result = call("--debug", "db", "check")
    assert result.exit_code == 1
    first, *_, message, last = result.stderr.splitlines()
    assert (first, message) == ("Traceback (most recent call last):", "LookupError: ana@example.com")
    assert last.startswith("Error: unexpected LookupError at db.py, line ")
    assert "--debug" not in last


def test_an_error_that_is_not_of_stdout_is_not_told_as_that(call, monkeypatch):
    from bee_customers.cli import db

    def refused(*_):
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(db, "load", refused)
    assert call("db", "check").stderr.startswith("Error: unexpected ConnectionRefusedError at db.py, line ")


def test_what_is_expected_is_told_without_a_traceback_even_then(call):
    result = call("--debug", "db", "check", DATABASE_URL="postgresql://nobody@127.0.0.1:1/x")
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
