"""Cells of CSV files: no formula goes out, and what goes out comes back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bee_customers.errors import InvalidField
from bee_customers.services.csv_cells import guard, join_tags, split_tags, unguard

tricky = st.text(st.sampled_from("'=+-@\t\r;[]\"\\ a,ș\n"), max_size=8) | st.text(max_size=20)
# as the rules leave them: trimmed, and never empty
names = tricky.map(str.strip).filter(bool)


@given(tricky)
def test_reading_a_guarded_cell_is_the_inverse_of_writing_it(text):
    assert unguard(guard(text)) == text


@given(tricky)
def test_a_guarded_cell_is_no_formula(text):
    assert not guard(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(names))
def test_reading_tags_is_the_inverse_of_writing_them(tags):
    assert split_tags(join_tags(tags)) == tags


@given(st.lists(names))
def test_so_it_is_through_guard_and_csv(tags):
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["x", guard(join_tags(tags))])
    file.seek(0)
    ((_, cell),) = csv.reader(file)
    assert split_tags(unguard(cell)) == tags


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("+40722123456", "'+40722123456"),
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("''-", "'''-"),
        ("O'Brien", "O'Brien"),
        ("'t Hooft", "'t Hooft"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_only_formulas_get_an_apostrophe(text, cell):
    assert guard(text) == cell
    assert unguard(cell) == text


@pytest.mark.parametrize("text", ["+40722123456", "'t Hooft", "plain"])
def test_a_cell_that_was_never_guarded_is_read_as_it_is(text):
    assert unguard(text) == text


@pytest.mark.parametrize(
    ("tags", "cell"),
    [
        ([], ""),
        (["VIP"], "VIP"),
        (["VIP", "new, 2026"], "VIP;new, 2026"),
        (["a;b", "c"], '["a;b","c"]'),
        (["c", "[a"], '["c","[a"]'),
        (["a[1]"], "a[1]"),
    ],
)
def test_tags_are_names_between_semicolons_wherever_that_is_clear(tags, cell):
    assert join_tags(tags) == cell
    assert split_tags(cell) == tags


def test_what_people_write_between_tags_is_passed_over():
    assert split_tags(" VIP ; B2B;;\tnew;") == ["VIP", "B2B", "new"]
    assert split_tags(' ["a", "b"] ') == ["a", "b"]


@pytest.mark.parametrize("cell", ["[", "[1]", '["a"', '["a"] b', "[" * 100_000, '[["a"]]', "[null]"])
def test_a_broken_array_says_what_is_expected(cell):
    with pytest.raises(InvalidField, match="JSON array of names"):
        split_tags(cell)
