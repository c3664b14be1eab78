"""bee-customers import ...: what an operator sees of good files and of bad ones."""

import gzip
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection

from bee_customers.cli import main
from bee_customers.db.engine import Database
from tests.factories import BUSINESS
from tests.imports.desk import Desk, json_lines, row, user
from tests.servers import PostgresServer

HEADER = "business_id,user_id,full_name,email,phone,tags\n"
# Not one of them may be in what is printed.
PERSONAL = ("Popescu", "ionut", "722123456", "Jos", "Ana", "secret")


def line(number: int, name: str = "Ana Popescu", email: str = "", phone: str = "", tags: str = "") -> str:
    return f"{BUSINESS},{user(number)},{name},{email},{phone},{tags}\n"


@pytest.fixture(scope="module")
def connection(postgres: PostgresServer) -> Iterator[Connection]:
    database = Database(postgres.url)
    with database.writer.connect() as made:
        yield made.execution_options(isolation_level="AUTOCOMMIT")


@pytest.fixture
def desk(postgres: PostgresServer, connection: Connection, directory) -> Iterator[Desk]:
    desk = Desk(Database(postgres.url), directory, connection)
    yield desk
    desk.clear()


class Command:
    """Calls the command on files of the current directory."""

    def __init__(self, url: str) -> None:
        self._environ = {"DATABASE_URL": url}

    def __call__(
        self, content: Any, *arguments: str, kind: str = "customers", name: str = "people.csv", code: int = 0
    ):
        """Content is what the file holds; None for one that is there, or is not."""
        if content is not None:
            with open(name, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
        return self.run("import", kind, name, *arguments, code=code)

    def run(self, *arguments: str, code: int = 0, stdin: bytes | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, env=self._environ, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code == code, result.output
        assert not [word for word in PERSONAL if word in result.output], result.output
        return result

    def fails(self, content: Any, *arguments: str, code: int = 1, **options: Any) -> str:
        """The one line that it ends with."""
        result = self(content, *arguments, code=code, **options)
        assert result.stdout == ""
        lines = result.stderr.splitlines()
        assert lines[-1].startswith("Error: "), result.stderr
        assert code == 2 or len(lines) == 1, result.stderr
        return lines[-1].removeprefix("Error: ")


@pytest.fixture
def command(desk: Desk, call, postgres: PostgresServer) -> Command:
    """`call` is asked for because it clears the environment."""
    return Command(postgres.url)


def names(desk: Desk) -> list[str]:
    return [person["full_name"] for person in desk.people()]


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


GOOD = HEADER + line(1)
BAD_ROWS = {
    "not UTF-8": (GOOD.encode() + line(2, "José Popescu").encode("latin-1"), "line 3: is not UTF-8"),
    "NUL": (GOOD + line(2, "Ana\0Popescu"), "line 3: full_name must not hold control characters"),
    "NUL in an e-mail": (GOOD + line(2, email="ionut\0@x.ro"), "line 3: email must be an e-mail address such as"),
    "long": (GOOD + line(2, "Popescu" * 100_000), "line 3: full_name must be at most 200 characters"),
    "ragged": (GOOD + "Ana Popescu,secret\n", "line 3: has 2 cells where the header has 6"),
    "quotes": (GOOD + line(2, '"Ana"Popescu'), "line 3: the quotes are wrong: "),
    "open quote": (GOOD + line(2, '"Ana Popescu'), "line 3: the quotes are wrong: "),
    "tags": (GOOD + line(2, tags='"[""secret"'), "line 3: tags must be names with ; between them, or a JSON "),
    "many tags": (GOOD + line(2, tags=";".join(map(str, range(51)))), "line 3: tags must be at most 50 tags"),
    "a bad tag": (GOOD + line(2, tags=f"Ana;{'Popescu' * 10}"), "line 3: tags 1: must be at most 50 characters"),
    "blank lines": (GOOD + "\n\n" + line(2, phone="0"), "line 5: phone must be a phone number"),
    "line ends": (HEADER + line(1, '"Ana\n\nPopescu"') + line(2), "line 2: full_name must not hold control"),
    "all of it": (
        GOOD + line(2, "", "ionut", "0"),
        "line 3: email must be an e-mail address such as name@example",
    ),
}


@pytest.mark.parametrize(("content", "told"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_told_with_its_line_and_the_others_are_taken(content, told, command, desk):
    result = command(content, code=3)
    assert result.stderr.startswith(f"people.csv, {told}")
    assert len(result.stderr.splitlines()) == 1
    assert len(desk.people()) == 1
    assert command(content, "--dry-run", code=3).stderr == result.stderr


BAD_FILES = {
    "empty": ("", ": the file is empty"),
    "blank": ("\n\n", ", line 1: is empty"),
    "doubled": ("full_name,email,Full Name\n", ", line 1: the column full_name is there twice"),
    "unknown": ("full_name,nick\n", ", line 1: the column 'nick' is not known; known are id, user_id, "),
    "nameless": ("full_name,\n", ", line 1: the column '' is not known; known are id, user_id, "),
    "headless": (line(1), ", line 1: names no column that is known; known are id, user_id, "),
    "UTF-16": (GOOD.encode("utf-16"), ", line 1: the file is UTF-16: save it as UTF-8"),
    "10 MB": (GOOD + line(2, "Popescu" * 1_500_000), ", line 3: a row of more than 1,000,000 bytes; is a quote"),
    "huge header": ("full_name," + "x" * 2_000_000, ", line 1: a row of more than 1,000,000 bytes"),
    "open quote": (GOOD + line(2, '"Ana') + line(3) * 15_000, ", line 3: a row of more than 1,000,000 bytes"),
    "cut": (gzip.compress(HEADER.encode())[:-4], ": the gzip data is damaged or cut short"),
    "workbook": (b"PK\x03\x04\x14\0\x06\0\x08\0", ", line 1: names no column that is known; known are"),
}


@pytest.mark.parametrize(("content", "told"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_one_line_and_nothing_is_done(content, told, command, desk):
    before = desk.everything()
    assert command.fails(content, "--rejects", "refused.csv").startswith(f"people.csv{told}")
    assert command.fails(content, "--dry-run").startswith(f"people.csv{told}")
    assert desk.everything() == before
    assert not os.path.exists("refused.csv")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere.csv", "nowhere.csv: no such file or directory"),
        (".", ".: is a directory"),
        ("file/people.csv", "people.csv: not a directory"),
        ("x" * 300, "x" * 300 + ": file name too long"),
        ("", "'': no such file or directory"),
    ],
)
def test_a_path_without_a_file_is_one_line(name, told, command):
    open("file", "w").close()
    assert command.fails(None, name=name) == told
    assert command.fails(None, "--dry-run", name=name) == told


# More than what a file is known by, so that the rest of it can be mended.
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


@pytest.mark.parametrize("place", ["there.csv", "full", "nowhere/refused.csv", "there.csv/refused.csv", "."])
def test_rejects_that_cannot_be_written_are_told_before_anything_is_done(place, command, desk):
    with open("there.csv", "w") as file:
        file.write("precious")
    os.symlink("/dev/full", "full")
    told = command.fails(HEADER + line(1), "--rejects", place)
    assert told.startswith("the rejects cannot be written to ")
    assert told.endswith((": file exists", ": no such file or directory", ": not a directory"))
    assert names(desk) == []
    with open("there.csv") as file:
        assert file.read() == "precious"


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        (("email",), "'email' is not COLUMN=FIELD, nor COLUMN= to pass a column over"),
        (("=email",), "'=email' is not COLUMN=FIELD, nor COLUMN= to pass a column over"),
        (("x=mail",), "x=mail: there is no such field; there are id, user_id, business_id, full_name"),
        (("x=version",), "x=version: there is no such field; there are id, user_id, business_id, full_name"),
        (("x=email", "x=phone"), "x=phone: the column has another meaning too"),
        (("a b=email", "A_B="), "A_B=: the column has another meaning too"),
    ],
)
def test_a_wrong_mapping_is_wrong_usage(mapping, told, command):
    arguments = [part for each in mapping for part in ("--map", each)]
    assert told in command.fails(HEADER, *arguments, code=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--tag", ""),
        ("--tag", "x" * 51),
        ("--tag", "a\tb"),
        ("--business", "x"),
        ("--batch", "0"),
        ("--batch", "1000000"),
        ("--format", "xml"),
        ("--on-conflict", "merge"),
        ("--nonsense",),
        tuple(part for number in range(51) for part in ("--tag", f"t{number}")),
    ],
    ids=lambda arguments: " ".join(arguments)[:20],
)
def test_wrong_usage_is_code_2(arguments, command, desk):
    command.fails(HEADER + line(1), *arguments, code=2)
    assert names(desk) == []


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
