"""bee-customers import ...: bad rows are told one by one, and what is wrong as a whole in one line."""

import gzip
import os

import pytest

from tests.cli.importing import GOOD, HEADER, line, names

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
