"""No cell that begins like a formula reaches a spreadsheet as one."""

import csv
import datetime
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bee_customers.services.privacy import sheets

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


def read(header, rows):
    content = b"".join(sheets.pieces(header, rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", " ", "\t", "\r\n", "\u00a0"])
def test_a_formula_gets_an_apostrophe(sign, before):
    assert sheets.neutral(f"{before}{sign}1") == f"'{before}{sign}1"


@pytest.mark.parametrize("cell", ["", "a=1", "1-2", "Ștefan", "'t Hooft", "ana@example.com", "2026-03-01"])
def test_anything_else_stays_as_it_is(cell):
    assert sheets.neutral(cell) == cell


@given(st.lists(st.tuples(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")), st.none())))
def test_what_is_written_is_read_again_and_never_a_formula(rows):
    found = read(["text", "nothing"], rows)
    assert found[0] == ["text", "nothing"]
    for (sent, _), (text, nothing) in zip(rows, found[1:], strict=True):
        assert text in (sent, f"'{sent}")
        assert nothing == ""
        assert not text.lstrip().startswith(tuple(SIGNS))


def test_times_are_in_utc():
    there = datetime.timezone(datetime.timedelta(hours=2))
    assert read(["at"], [[datetime.datetime(2026, 3, 1, 10, 15, tzinfo=there)]])[1] == ["2026-03-01T08:15:00Z"]


def test_a_large_sheet_comes_in_pieces():
    pieces = list(sheets.pieces(["n"], ([number] for number in range(50_000))))
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 100_000
