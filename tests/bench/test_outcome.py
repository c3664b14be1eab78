"""Bounds that hold and bounds that do not, and tables in which every cell stands under its heading."""

import pytest

from bench.load import Round
from bench.outcome import Crowd, Duration, Rise, Throughput
from bench.tables import tables_of


def rounds(*rates, bad_status=0):
    return [Round(rate * 4, 4.0, 1.0, 2.0, bad_status, 0, 1.0) for rate in rates]


def crowd(*crowded):
    return Crowd("GET", [1.0, 2.0], crowded, [90.0, 100.0, 900.0], 3, 1.0)


RESULTS = {
    "as fast as it must be": (Throughput("order", rounds(400, 90, 500), rounds(1000), 0.4), True),
    "slower": (Throughput("order", rounds(399), rounds(1000), 0.4), False),
    "fast, with another status": (Throughput("order", rounds(900, bad_status=1), rounds(1000), 0.4), False),
    "a little longer": (Duration("stats", [1.3, 1.3, 9.0], [1.0, 1.0, 1.0], 1.3), True),
    "too long": (Duration("stats", [1.4, 1.4, 0.1], [1.0, 1.0, 1.0], 1.3), False),
    "a small rise": (Rise("an upload", 80.0, 120.0, 9, 40), True),
    "a large rise": (Rise("an upload", 80.0, 120.1, 9, 40), False),
    "nobody waits for an upload": (crowd(1.0, 1.0, 100.0), True),
    "somebody does": (crowd(1.0, 1.0, 100.1), False),
}


@pytest.mark.parametrize("what", RESULTS)
def test_bounds(what):
    result, holds = RESULTS[what]
    assert result.holds is holds
    assert result.raw()["holds"] is holds
    assert result.row()[-1] == ("yes" if holds else "no")


def test_each_kind_has_its_table():
    tables = list(tables_of([result for result, _ in RESULTS.values()]))
    assert len(tables) == 4
    assert [len(table.splitlines()) for table in tables] == [5, 4, 4, 4]
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_there_is_no_table_of_nothing():
    assert list(tables_of([])) == []
