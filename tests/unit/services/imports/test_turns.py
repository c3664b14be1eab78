"""Which rows of a batch have to wait for others of it."""

import pytest

from bee_customers.services.imports.checks import CheckedRow
from bee_customers.services.imports.turns import crossed


def row(*keys: str, email: str | None = None) -> CheckedRow:
    return CheckedRow(1, b"", "", (), keys, email)


A, B = "a@example.com", "b@example.com"


@pytest.mark.parametrize(
    ("rows", "later"),
    [
        ([], []),
        ([row("id 1", email=A), row("id 2", email=A), row("id 3")], []),
        ([row(), row(), row(email=A), row(email=B)], []),
        # a key is of one customer only
        ([row("id 1"), row("id 1")], [1]),
        ([row("id 1", "user 1"), row("user 1")], [1]),
        ([row("id 1", "user 1"), row("id 2", "user 1")], [1]),
        # who is found by an e-mail comes after those who may get it, and before those who get it later
        ([row(email=A), row(email=A)], [1]),
        ([row("id 1", email=A), row(email=A)], [1]),
        ([row(email=A), row("id 1", email=A)], [1]),
        ([row("id 1", email=A), row(email=B), row("id 2", email=B)], [2]),
        # and so do all who depend on one that waits
        ([row("id 1"), row("id 1", email=A), row(email=A), row("id 2", email=A)], [1, 2, 3]),
    ],
)
def test_rows_wait_for_those_that_they_depend_on(rows, later):
    assert crossed(rows) == later


def test_nobody_waits_for_a_row_that_writes_nothing():
    rows = [row(email=A) for _ in range(4)]
    assert crossed(rows) == [1, 2, 3]
    assert crossed(rows, {0, 1, 2, 3}) == []
    assert crossed(rows, {1, 2}) == [1, 2, 3]


def test_one_that_waits_itself_is_waited_for_though_it_writes_nothing():
    assert crossed([row("id 1", email=A), row(email=A), row("id 2", email=A)], {1}) == [1, 2]
