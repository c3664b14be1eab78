"""Tables: columns of text, or drawn where somebody looks at a terminal."""

import io
import sys

import click
import pytest

from bee_customers.cli.tables import print_table

COLUMNS = ("what", "how many", "why")
ROWS = [("notes", 1234, "[old]"), ("customers and all of theirs", 7, None)]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_columns_line_up_and_numbers_stand_to_the_right(capsys):
    print_table(COLUMNS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "what                         how many  why",
        "notes                           1,234  [old]",
        "customers and all of theirs         7",
    ]


def test_a_table_without_rows_is_its_heading(capsys):
    print_table(COLUMNS, [])
    assert capsys.readouterr().out == "what  how many  why\n"


@pytest.mark.parametrize("columns", ["60", "200"])
def test_on_a_terminal_it_is_drawn_and_brackets_are_no_markup(monkeypatch, columns):
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    monkeypatch.setenv("COLUMNS", columns)
    print_table(COLUMNS, ROWS)
    drawn = click.unstyle(terminal.getvalue())
    assert {"1,234", "[old]"} <= set(drawn.split())
    assert "│" in drawn
    assert max(map(len, drawn.splitlines())) <= int(columns)
