"""Whom a command means: what is given as a filter has to leave somebody out, and a file has to name somebody."""

import pytest

UUID = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d"
WORDLESS = ["", " ", "\u00a0\t", "\u0301", "...", "@", "(-)", "\u200b"]
OF_ALL = [
    ("--min-orders", "0"),
    ("--min-lifetime-value", "0"),
    ("--min-lifetime-value", "0.00", "--min-orders", "0"),
    ("--max-lifetime-value", "999999999999.99"),
    ("--created-to", "9999-12-31"),
]


def refused(result, told):
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


@pytest.mark.parametrize("search", WORDLESS, ids=ascii)
@pytest.mark.parametrize("command", [("tags", "detach", "B2B", "--yes"), ("export", "customers")])
def test_a_search_without_a_word_is_wrong_usage(search, command, call):
    refused(call(*command, "--search", search), "holds no word to look for, and would leave nobody out")
    refused(call(*command, "--search", search, "--business", UUID), "holds no word to look for")


@pytest.mark.parametrize("search", ["a", "7", "+", "ș", "★", "- a -"])
def test_any_word_is_looked_for(search, call):
    refused(call("export", "customers", "--search", search), "name a settings file")


@pytest.mark.parametrize("filters", OF_ALL, ids=" ".join)
@pytest.mark.parametrize("command", ["attach", "detach"])
def test_filters_that_leave_nobody_out_are_not_taken_for_some(command, filters, call):
    refused(call("tags", command, "B2B", *filters, "--yes"), "the filters leave nobody out: say --all")
    # with others they do no harm, and a file of all is what an export is without any
    refused(call("tags", command, "B2B", *filters, "--business", UUID, "--yes"), "name a settings file")
    refused(call("export", "customers", *filters), "name a settings file")


@pytest.mark.parametrize("content", ["", "\n\n", "id\n", "\ufeffid\r\n\r\n"], ids=ascii)
def test_a_file_that_names_nobody_is_told_by_its_name(content, call, directory):
    (directory / "ids.txt").write_text(content)
    for given, stdin, name in (("ids.txt", None, "ids.txt"), ("-", content, "stdin")):
        result = call("tags", "attach", "B2B", "--ids", given, "--yes", stdin=stdin)
        assert (result.exit_code, result.output) == (1, f"Error: {name} names nobody: nothing was done\n")


def test_a_line_that_is_no_id_is_told_with_the_name_of_its_file(call, directory):
    (directory / "ids.txt").write_text(f"{UUID}\nana\n")
    result = call("tags", "detach", "B2B", "--ids", "ids.txt", "--yes")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ids.txt, line 2: is no UUID such as ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("attach", "B2B", "--create", "--all"),
        ("detach", "B2B", "--all"),
        ("rename", "B2B", "trade"),
        ("merge", "B2B", "VIP"),
        ("delete", "B2B"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_dry_run_may_be_called_a_preview(arguments, call, migrated):
    for name in ("B2B", "VIP"):
        assert call("tags", "create", name, DATABASE_URL=migrated).exit_code == 0
    told = call("tags", *arguments, "--dry-run", DATABASE_URL=migrated)
    assert (told.exit_code, told.stdout[:1] != "") == (0, True)
    assert call("tags", *arguments, "--preview", DATABASE_URL=migrated).output == told.output
    listed = call("tags", "list", DATABASE_URL=migrated).stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["B2B", "VIP"]
