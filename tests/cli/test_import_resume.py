"""bee-customers import ... of a file that stopped midway, or is done already."""

import json

import pytest

from tests.cli.importing import HEADER, line
from tests.factories import BUSINESS

BEGIN = HEADER + "".join(line(number, phone="0" if number == 5 else "") for number in range(999))
HUGE = line(5000, "Popescu" * 200_000)


@pytest.fixture
def stopped(command):
    """An import that came half of its way."""
    result = command(BEGIN + line(1000) + HUGE, "--batch", "500", "--rejects", "refused.csv", code=1)
    return result.stderr.splitlines()[-1]


def test_what_stops_midway_keeps_what_came_before_and_says_how_to_go_on(stopped, command, desk):
    assert stopped.startswith("Error: people.csv, line 1,002: a row of more than 1,000,000 bytes")
    assert stopped.endswith("all up to line 1,001 is imported, and --resume goes on behind it")
    assert len(desk.people()) == 999
    told = command.fails(BEGIN + line(1000) + HUGE, "--rejects", "refused.csv")
    assert (
        told == "an import of this file stopped behind line 1,001: --resume goes on there, --restart begins anew"
    )
    # the row behind is mended
    result = command(BEGIN + line(1000) + line(1001, phone="0"), "--resume", code=3)
    assert "the refused rows are in " in result.stdout
    assert [part.split() for part in result.stdout.splitlines()[1:3]] == [["created", "999"], ["rejected", "2"]]
    with open("refused.csv") as file:
        assert [row.split(",")[0] for row in file] == ["reject_line", "7", "1002"]


def test_how_far_it_was_is_in_the_report(stopped, command):
    result = command(BEGIN + line(1000) + line(1001), "--resume", "--json", code=3)
    told = json.loads(result.stdout)
    assert (told["rows"], told["created"], told["rejected"]) == (1001, 1000, 1)
    assert (told["resumed_behind"], told["line"]) == (1001, 1002)
    assert told["rejects_file"].endswith("/refused.csv")


def test_to_resume_needs_the_same_options(stopped, command, desk):
    for options, named in [
        (("--on-conflict", "update"), "--on-conflict"),
        (("--no-events",), "--no-events"),
        (("--tag", "x"), "--tag"),
        (("--map", "email="), "--map"),
        (("--business", BUSINESS), "--business"),
        (("--business", BUSINESS, "--tag", "x"), "--business, --tag"),
    ]:
        told = command.fails(BEGIN + line(1000), "--resume", *options)
        assert told == f"the import was begun with another {named}: --resume needs the same"
    assert len(desk.people()) == 999


def test_to_resume_needs_the_same_file(stopped, command):
    told = command.fails(BEGIN + line(1000, "Eva") + line(1001), "--resume")
    assert told == "people.csv: its first 1,001 lines are not those that were imported before"
    assert "not those that were imported before" in command.fails(BEGIN, "--resume")


def test_a_file_without_a_beginning_is_begun(command, desk):
    result = command(HEADER + line(1), "--resume")
    assert len(desk.people()) == 1
    assert result.stderr == ""


def test_what_is_done_is_not_gone_on_with(command, desk):
    content = HEADER + line(1)
    command(content)
    desk.do("DELETE FROM customer")
    assert "there is nothing to go on with" in command(content, "--resume").stdout
    assert json.loads(command(content, "--resume", "--json").stdout)["created"] == 0
    result = command(content)
    assert result.stderr.startswith("note: this file was imported on 20")
    assert len(desk.people()) == 1


def test_a_file_that_is_done_and_grew_or_changed_is_not_taken_for_done(command, desk):
    command(BEGIN, code=3)
    for content, told in [
        (BEGIN + line(1000), "has more than the 1,000 lines that were imported before; without --resume it is"),
        (BEGIN.removesuffix(line(998)), "its first 1,000 lines are not those that were imported before"),
        (
            BEGIN.replace(line(998), line(998, "Eva")),
            "its first 1,000 lines are not those that were imported before",
        ),
    ]:
        assert command.fails(content, "--resume").startswith(f"people.csv: {told}")
    command(BEGIN + line(1000), code=3)
    assert len(desk.people()) == 999


def test_to_begin_anew_forgets_how_far_it_came(stopped, command):
    content = BEGIN + line(1000)
    assert command.fails(content, "--restart", "--resume", code=2) == (
        "--resume goes on and --restart begins anew: choose one"
    )
    assert command.fails(content, "--resume", "--dry-run", code=2) == (
        "--dry-run goes over the whole file: leave out --resume"
    )
    assert command.fails(content, "--restart", "--rejects", "refused.csv").endswith("refused.csv: file exists")
    told = json.loads(command(content, "--restart", "--json", code=3).stdout)
    assert (told["rows"], told["skipped"], told["rejected"], told["resumed_behind"]) == (1000, 999, 1, 0)


def test_a_customer_that_must_not_be_there_stops_the_import(command, desk):
    command(HEADER + line(2))
    told = command.fails(HEADER + line(1) + line(2), "--on-conflict", "fail")
    assert told == "people.csv, line 3: the customer is there already; nothing was imported"
    assert len(desk.people()) == 1
    assert "line 3: the customer is there already" in command.fails(
        HEADER + line(1) + line(2), "--on-conflict", "fail", "--dry-run"
    )
