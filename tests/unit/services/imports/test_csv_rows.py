"""Rows of CSV files as all kinds of programs write them."""

import csv
import io

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from bee_customers.errors import UnreadableFile, WrongColumns
from bee_customers.services.imports.csv_rows import CsvRows
from bee_customers.services.imports.customer_rows import COLUMNS
from tests.unit.services.imports.sources import Endless, csv_rows, given, source

HEADER = b"id,full_name,email\n"


def rows_of(content, **mapping):
    return list(csv_rows(content, **mapping))


def told_of(content, **mapping):
    return [(row.line, row.fault.reason if row.fault else given(row)) for row in rows_of(content, **mapping)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_each_delimiter_line_end_and_mark_is_understood(delimiter, end, mark):
    cells = [["Full Name", "email", "phone"], ["Ana, Pop; Ion | \t", "", "1"], ['"Ana"', "a@b.ro", ""]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(cells)
    rows = csv_rows((mark + text.getvalue()).encode())
    assert rows.delimiter == delimiter
    assert [given(row) for row in rows] == [
        {"full_name": "Ana, Pop; Ion | \t", "email": None, "phone": "1"},
        {"full_name": '"Ana"', "email": "a@b.ro", "phone": None},
    ]


def test_the_delimiter_is_the_one_that_gives_known_columns():
    assert csv_rows(b"full_name;a,b\n", **{"a,b": "email"}).delimiter == ";"
    assert csv_rows(b"email\nx;y\n").delimiter == ","


def test_quotes_hold_delimiters_quotes_and_line_ends():
    content = HEADER + b'1,"Ana ""the\r\nbee"",\n\nPop",a@b.ro\n2,Ion,\n'
    assert told_of(content) == [
        (2, {"id": "1", "full_name": 'Ana "the\r\nbee",\n\nPop', "email": "a@b.ro"}),
        (6, {"id": "2", "full_name": "Ion", "email": None}),
    ]
    assert [row.raw for row in rows_of(content)] == [content[len(HEADER) : -7], b"2,Ion,\n"]


def test_lines_without_cells_are_passed_over_and_counted():
    assert told_of(HEADER + b"\n\r\n1,Ana,\n\n2,Ion,") == [
        (4, {"id": "1", "full_name": "Ana", "email": None}),
        (6, {"id": "2", "full_name": "Ion", "email": None}),
    ]


@pytest.mark.parametrize(
    ("line", "count"), [(b"1,Ana\n", 2), (b"1\n", 1), (b" \n", 1), (b"1,Ana,x,y\n", 4), (b"1,Ana,,\n", 4)]
)
def test_a_row_with_more_or_fewer_cells_is_refused_and_the_next_one_taken(line, count):
    assert told_of(HEADER + line + b"2,Ion,\n") == [
        (2, f"has {count} cells where the header has 3"),
        (3, {"id": "2", "full_name": "Ion", "email": None}),
    ]


@pytest.mark.parametrize("line", [b'1,"Ana"x,\n', b'"1",Ana,""x\n', b'1,"Ana" ,\n'])
def test_wrong_quotes_are_refused_and_the_next_row_taken(line):
    (first, *rest) = told_of(HEADER + line + b"2,Ion,\n")
    assert first[0] == 2
    assert first[1].startswith("the quotes are wrong")
    assert [told for _, told in rest] == [{"id": "2", "full_name": "Ion", "email": None}]


def test_a_quote_that_is_left_open_is_refused_at_the_line_where_it_opens():
    content = HEADER + b'1,Ana,\n2,"Ion,\n3,Eva,\n'
    rows = rows_of(content)
    assert [(row.line, bool(row.fault)) for row in rows] == [(2, False), (3, True)]
    assert b"".join(row.raw for row in rows) == content[len(HEADER) :]


def test_a_quote_that_is_left_open_in_a_large_file_is_told_before_it_fills_the_memory():
    endless = Endless(HEADER + b'1,Ana,\n2,"Ion,\n', b"3,Eva,\n")
    rows = CsvRows(source(endless), COLUMNS.names({}))
    with pytest.raises(
        UnreadableFile, match=r"^people\.csv, line 3: a row of more than 1,000,000 bytes; is a quote"
    ):
        list(rows)
    assert endless.given < 2_000_000


def test_a_cell_of_ten_megabytes_is_told_with_its_line():
    with pytest.raises(UnreadableFile, match=r"^people\.csv, line 3: a row of more than 1,000,000 bytes"):
        rows_of(HEADER + b"1,Ana,\n2," + b"x" * 10_000_000 + b",\n")


def test_a_cell_of_nearly_a_megabyte_is_one():
    (row,) = rows_of(HEADER + b"1," + b"x" * 999_000 + b",\n")
    assert len(given(row)["full_name"]) == 999_000


def test_a_line_end_of_another_time_is_no_riddle():
    assert told_of(HEADER + b"1,Ana\rPop,\n") == [(2, "holds a line end without quotes around its cell")]


def test_what_is_not_utf8_is_kept_as_it_stood():
    (row,) = rows_of(HEADER + b"1,Jos\xe9,\n")
    assert row.raw == b"1,Jos\xe9,\n"
    assert given(row)["full_name"] == "Jos\udce9"


def test_nul_is_a_character_as_any_other():
    (row,) = rows_of(HEADER + b"1,A\0na,\n")
    assert given(row)["full_name"] == "A\0na"


def test_cells_are_what_stands_between_the_delimiters():
    assert told_of(HEADER + b'1, Ana ,"  "\n') == [(2, {"id": "1", "full_name": " Ana ", "email": "  "})]


def test_an_apostrophe_before_a_formula_is_none_of_the_text():
    names = ["'=1+1", "'@x", "O'Brien", "'Ana", "'"]
    content = b"full_name\n" + "".join(f"{name}\n" for name in names).encode()
    assert [given(row)["full_name"] for row in rows_of(content)] == ["=1+1", "@x", "O'Brien", "'Ana", "'"]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("VIP", ("VIP",)),
        ("VIP;B2B", ("VIP", "B2B")),
        ('"[""a;b"",""c""]"', ("a;b", "c")),
        ("", None),
        (";", ()),
    ],
)
def test_a_cell_of_tags_is_taken_apart(cell, names):
    (row,) = rows_of(f"id,tags\n1,{cell}\n".encode())
    assert given(row) == {"id": "1", "tags": names}


@pytest.mark.parametrize("cell", ["[", '"[""a"""', '"[1, 2"', "[nan"])
def test_a_cell_of_tags_that_cannot_be_taken_apart_is_refused(cell):
    (row,) = rows_of(f"id,tags\n1,{cell}\n".encode())
    assert row.fault.field == "tags"
    assert row.fault.reason.startswith("must be names with ; between them, or a JSON ")


def test_mapped_columns_are_taken_from_where_they_are():
    content = b"Name;Junk;Mail\nAna;x;a@b.ro\n"
    assert told_of(content, Name="full_name", junk="", MAIL="email") == [
        (2, {"full_name": "Ana", "email": "a@b.ro"})
    ]


def test_a_file_of_one_column_is_a_file():
    assert told_of(b"email\na@b.ro\n\nb@b.ro") == [(2, {"email": "a@b.ro"}), (4, {"email": "b@b.ro"})]


@pytest.mark.parametrize("header", [b"id,full_name,email", HEADER, b"\xef\xbb\xbf" + HEADER, b"id;full_name\r\n"])
def test_a_file_of_nothing_but_a_header_has_no_rows(header):
    rows = csv_rows(header)
    assert (rows.header, list(rows)) == (header, [])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "people.csv: the file is empty"),
        (b"\n1,Ana\n", "people.csv, line 1: is empty"),
        (b" \r\n", "people.csv, line 1: is empty"),
        (b"\xef\xbb\xbf", "people.csv: the file is empty"),
    ],
)
def test_a_file_without_a_header_is_refused(content, reason):
    with pytest.raises(UnreadableFile) as refused:
        rows_of(content)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    "content",
    [
        b"Ana Pop,ana@example.com,0722123456\n",
        b"PK\x03\x04\x14\0\x06\0",
        b"%PDF-1.7\n",
        b"<html>\n",
        b'"id\n',
        b"\xff\n",
        b'[{"full_name": "Ana"}]\n',
    ],
)
def test_a_file_of_something_else_is_refused_without_repeating_it(content):
    with pytest.raises(WrongColumns) as refused:
        rows_of(content)
    assert str(refused.value).startswith("people.csv, line 1: names no column that is known; known are id, ")
    assert "Ana" not in str(refused.value)


def test_a_header_of_a_megabyte_is_told():
    with pytest.raises(UnreadableFile, match=r"^people\.csv, line 1: a row of more than 1,000,000 bytes"):
        rows_of(b"id," + b"x" * 2_000_000)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r'"), max_size=12)


@settings(max_examples=60, deadline=None)
@for_any(
    st.lists(st.tuples(CELLS, CELLS).map(list), max_size=5),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
)
def test_what_a_csv_writer_writes_is_read_back(cells, delimiter, quoting, has_last_end):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(
        [["full_name", "phone"], *cells]
    )
    content = text.getvalue().encode()
    content = content if has_last_end else content.removesuffix(b"\n")
    rows = rows_of(content)
    assert [list(given(row).values()) for row in rows] == [[cell or None for cell in row] for row in cells]
    assert content.endswith(b"".join(row.raw for row in rows))
