"""How an import is told that it cannot be meant so."""

import pytest

from tests.imports import files


@pytest.mark.parametrize("kind", ["customers", "orders"])
def test_a_mapping_of_a_column_that_is_not_there_is_wrong_usage(kind, call, directory, migrated):
    header = files.CUSTOMER_HEADER if kind == "customers" else files.ORDER_HEADER
    (directory / "rows.csv").write_text(",".join(header) + "\n")
    result = call("import", kind, "rows.csv", "--map", "no such=user_id", DATABASE_URL=migrated)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: --map: the column 'no_such' is not in line 1 of rows.csv"


@pytest.mark.parametrize("end", ["\r", ""])
def test_lines_that_end_in_cr_alone_are_told_as_that(end, call, directory, migrated):
    header = ",".join(files.CUSTOMER_HEADER)
    (directory / "mac.csv").write_text(f"{header}\r{files.user(1)},{files.BUSINESS},Ana,,,,{end}", newline="")
    result = call("import", "customers", "mac.csv", DATABASE_URL=migrated)
    assert result.exit_code == 1
    assert result.stderr == "Error: mac.csv, line 1: the lines end in CR alone: save the file with LF or CRLF\n"


@pytest.mark.parametrize("name", ["", " ", "a\tb"], ids=ascii)
def test_a_tag_that_is_none_is_told_as_one(name, call):
    result = call("import", "customers", "people.csv", "--tag", name)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: --tag: must ")
