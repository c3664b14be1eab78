"""Rows in batches: where each ends, and what of it is refused."""

import hashlib

import pytest

from bee_customers.services.imports.batches import REPEATS_MOST, batches
from bee_customers.services.imports.checks import CheckedRow, Refused
from bee_customers.services.imports.row import Row, RowFault
from tests.unit.services.imports.sources import json_rows


class Check:
    """Refuses rows without a name; knows the others by their e-mail."""

    def check(self, row: Row) -> CheckedRow:
        _, _, _, name, email, *_ = row.values
        if name is None:
            raise Refused([RowFault("full_name", "must be there")])
        return CheckedRow(row.line, row.raw, str(name), (), (), str(email) if email else None)


def batched(content: bytes, size: int):
    rows = json_rows(content)
    return [(batch, batch.position, batch.line) for batch in batches(rows._source, rows, Check(), size)]


LINES = [b'{"full_name": "%d"}\n' % number for number in range(7)]


@pytest.mark.parametrize(("size", "counts"), [(1, [1] * 7 + [0]), (3, [3, 3, 1]), (7, [7, 0]), (8, [7])])
def test_a_batch_has_as_many_rows_as_it_may_and_the_last_one_the_rest(size, counts):
    found = batched(b"".join(LINES), size)
    assert [batch.count for batch, *_ in found] == counts
    assert [row.text for batch, *_ in found for row in batch.rows] == [str(number) for number in range(7)]


def test_a_batch_knows_where_it_ends():
    content = b"".join(LINES)
    for batch, position, line in batched(content, 2):
        begin = b"".join(LINES[:line])
        assert (position, batch.digest) == (len(begin), hashlib.sha256(begin).hexdigest())


def test_refused_rows_are_counted_and_kept_apart():
    content = LINES[0] + b"{}\n" + LINES[1] + b"[]\n" + b'{"full_name": "\xff"}\n' + b'{"phone": "\xff"}'
    ((batch, *_),) = batched(content, 10)
    assert batch.count == 6
    assert [row.text for row in batch.rows] == ["0", "1", "\udcff"]
    assert [(reject.line, reject.reasons) for reject in batch.rejects] == [
        (2, "must be there"),
        (4, "is not a JSON object on one line"),
        (6, "is not UTF-8"),
    ]


def test_rows_of_one_customer_do_not_fill_a_batch():
    same = b'{"full_name": "Ana", "email": "info@example.com"}\n'
    found = batched(same * (2 * REPEATS_MOST + 10), 10_000)
    assert [batch.count for batch, *_ in found] == [REPEATS_MOST + 1, REPEATS_MOST + 1, 8]
    nobody = b'{"full_name": "Ana"}\n'
    assert [batch.count for batch, *_ in batched(nobody * 1000, 10_000)] == [1000]
