"""bee-customers import ...: what an operator sees of good files."""

import gzip
import json
import os

import pytest

from tests.cli.importing import HEADER, Command, line, names
from tests.factories import BUSINESS
from tests.imports.desk import json_lines, row, user


def test_a_file_is_brought_in_and_summed_up(command, desk):
    result = command(HEADER + line(1, tags="VIP;B2B") + line(2))
    first, *rest = result.stdout.splitlines()
    assert first.startswith("2 rows in ")
    assert [part.split() for part in rest] == [["created", "2"], ["rejected", "0"]]
    assert result.stderr == ""
    assert [person["tags"] for person in desk.people()] == [["B2B", "VIP"], []]


def test_what_became_of_each_kind_of_row_is_told(command, desk):
    command(HEADER + line(1) + line(2) + line(3), "--no-events")
    result = command(
        HEADER + line(1) + line(2, name="Eva") + line(4) + line(5, phone="0"), "--on-conflict", "update", code=3
    )
    assert [part.split() for part in result.stdout.splitlines()[1:5]] == [
        ["created", "1"],
        ["updated", "1"],
        ["unchanged", "1"],
        ["rejected", "1"],
    ]
    assert "the refused rows were not kept: --rejects FILE writes them to a file" in result.stdout
    assert result.stderr == "people.csv, line 5: phone must be a phone number such as +40 722 123 456\n"
    assert len(desk.events()) == 2


def test_a_dry_run_says_what_would_be_and_writes_nothing(command, desk):
    before = desk.everything()
    result = command(HEADER + line(1) + line(2, phone="0"), "--dry-run", "--rejects", "refused.csv", code=3)
    assert [part.split() for part in result.stdout.splitlines()[1:]] == [
        ["would", "be", "created", "1"],
        ["would", "be", "rejected", "1"],
    ]
    assert desk.everything() == before
    assert desk.rows("SELECT * FROM import_run") == []
    assert not os.path.exists("refused.csv")


def test_the_report_is_to_be_had_as_json(command):
    content = HEADER + line(1) + line(2, phone="0")
    told = json.loads(command(content, "--json", "--rejects", "refused.csv", code=3).stdout)
    assert told.pop("seconds") >= 0
    assert told == {
        "kind": "customers",
        "file": "people.csv",
        "is_dry_run": False,
        "is_complete": True,
        "rows": 2,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "rejected": 1,
        "line": 3,
        "resumed_behind": 0,
        "rejects_file": "refused.csv",
    }
    told = json.loads(command(content, "--json", "--dry-run", code=3).stdout)
    assert (told["is_dry_run"], told["skipped"], told["rejected"]) == (True, 1, 1)


def test_not_more_refusals_are_shown_than_can_be_read(command):
    content = HEADER + "".join(line(number, phone="0") for number in range(500))
    result = command(content, "--rejects", "refused.csv", "--batch", "7", code=3)
    assert len(result.stderr.splitlines()) == 20
    assert "the refused rows are in refused.csv: mend them there and import that file" in result.stdout
    with open("refused.csv") as file:
        assert len(file.readlines()) == 501


def test_refused_rows_are_taken_once_they_are_mended(command, desk):
    command(HEADER + line(1) + line(2, phone="0"), "--rejects", "refused.csv", code=3)
    with open("refused.csv") as file:
        content = file.read().replace(",0,", ",0722123457,")
    command(content, name="refused.csv")
    assert [person["phone"] for person in desk.people()] == [None, "+40722123457"]


def test_stdin_is_a_file_too_packed_or_not(command, desk):
    for number, content in enumerate(
        [(HEADER + line(1)).encode(), gzip.compress((HEADER + line(2)).encode()), json_lines([row(3)])]
    ):
        told = json.loads(command.run("import", "customers", "-", "--json", stdin=content).stdout)
        assert (told["created"], told["file"], number) == (1, "-", number)
    assert len(desk.people()) == 3
    assert "stdin: the file is empty" in command.run("import", "customers", "-", stdin=b"", code=1).stderr


def test_the_tags_and_the_business_of_the_command_come_on_top(command, desk):
    content = "full_name;user_id;tags\n" + f"Ana;{user(1)};a\n"
    command(content, "--business", BUSINESS, "--tag", "b;c", "--tag", "[d", "--tag", "a")
    assert desk.person()["tags"] == ["[d", "a", "b;c"]
    assert desk.person()["business_id"] == BUSINESS


def test_a_mapping_gives_columns_their_meaning(command, desk):
    content = f"Firma|Nume complet|x\n{BUSINESS}|Ana=Pop|secret\n"
    arguments = ("--map", "firma=business_id", "--map", "Nume Complet=full_name", "--map", "x=")
    command(content, *arguments)
    assert names(desk) == ["Ana=Pop"]


@pytest.mark.parametrize("name", [b"caf\xe9.csv", b"two\nlines.csv", b"-x.csv", "Ștefan's ; $(x).csv".encode()])
def test_a_file_may_have_any_name(name, command, desk):
    given = "./" + os.fsdecode(name)
    result = command(HEADER + line(1) + line(2, phone="0"), "--json", name=given, code=3)
    assert len(result.stderr.splitlines()) == 1
    assert json.loads(result.stdout)["created"] == 1
    assert len(desk.rows("SELECT file_name FROM import_run")) == 1


def test_a_rejects_file_may_have_any_name_the_database_can_keep(command, desk):
    name = os.fsdecode(b"caf\xe9.csv")
    told = command.fails(HEADER + line(1) + line(2, phone="0"), "--rejects", name)
    assert told.endswith(": its name is not UTF-8")
    result = command(HEADER + line(1) + line(2, phone="0"), "--rejects", "Ștefan's\nrows.csv", code=3)
    assert os.path.exists("Ștefan's\nrows.csv")
    assert len(result.stdout.splitlines()) == 4


def test_json_lines_and_csv_are_told_apart_or_chosen(command, desk):
    content = json_lines([row(1)])
    command(content, name="people.txt")
    assert len(desk.people()) == 1
    assert "names no column that is known" in command.fails(content, "--format", "csv")
    result = command(HEADER + line(2), "--format", "jsonl", code=3)
    assert result.stderr.splitlines() == [
        "people.csv, line 1: is not a JSON object on one line",
        "people.csv, line 2: is not a JSON object on one line",
    ]


ORDER = f"{BUSINESS},{user(1)},A-1,order,completed,10.50,2026-01-31T12:00:00Z,2026-01-31T12:00:00Z\n"
ORDERS = "business_id,user_id,order_id,kind,status,amount,ordered_at,updated_at\n"


def test_orders_are_brought_in(command, desk):
    command(HEADER + line(1))
    wrong = [ORDER.replace("A-1", "A-2").replace("10.50", "a lot"), ORDER.replace(user(1), user(2))]
    content = ORDERS + ORDER + "".join(wrong)
    result = command(content, "--rejects", "refused.csv", kind="orders", code=3)
    assert [part.split() for part in result.stdout.splitlines()[1:3]] == [["created", "1"], ["rejected", "2"]]
    amount, customer = result.stderr.splitlines()
    assert amount.startswith("people.csv, line 3: amount must be an amount from 0 to 999999999999.99 with at most")
    assert customer.startswith("people.csv, line 4: user_id ")
    assert [order["amount"] for order in desk.orders()] == ["10.50"]
    told = command.fails(ORDERS + ORDER, "--on-conflict", "fail", kind="orders")
    assert told == "people.csv, line 2: the order is there already; nothing was imported"


def test_customers_are_no_orders(command):
    assert "the columns 'full_name', 'phone', 'tags' are not known" in command.fails(HEADER, kind="orders")


def test_a_database_without_tables_is_one_line(empty_database, command):
    command = Command(empty_database)
    for arguments in ((), ("--dry-run",)):
        told = command.fails(HEADER + line(1), *arguments)
        assert told.startswith("the database lacks a table: run bee-customers db upgrade")


def test_a_database_that_is_away_is_one_line(command):
    command = Command("postgresql://bee:hunter2@127.0.0.1:1/customers")
    for arguments in ((), ("--dry-run",)):
        told = command.fails(HEADER + line(1), *arguments)
        assert told.startswith("the database cannot be reached")
        assert "hunter2" not in told
