"""Work in several threads at once."""

import itertools
import threading

import pytest

from bee_customers.services.side_by_side import side_by_side

SECONDS = 20


@pytest.mark.parametrize("parts", [[[]], [[1, 2, 3]], [[1, 2], [], [3], [4, 5, 6]]], ids=str)
def test_all_that_the_parts_give_comes_and_each_in_its_order(parts):
    found = list(side_by_side([iter(part) for part in parts]))
    assert sorted(found) == sorted(itertools.chain(*parts))
    for part in parts:
        assert [result for result in found if result in part] == part


def test_the_parts_are_at_work_at_once():
    together = threading.Barrier(3)

    def part():
        together.wait(SECONDS)  # breaks where not all come to it
        yield threading.get_ident()

    assert len(set(side_by_side([part() for _ in range(3)]))) == 3


def test_an_error_of_one_ends_all():
    pause, given = threading.Event(), []

    def long():
        for number in range(500):
            given.append(number)
            yield number
            pause.wait(0.01)

    def failing():
        yield -1
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        list(side_by_side([long(), failing()]))
    assert len(given) < 500


def test_who_asks_for_no_more_waits_until_each_has_done_what_it_is_at():
    begun, may_end, ended = threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        may_end.wait(SECONDS)
        ended.append("slow")
        yield 1
        ended.append("more")  # nobody asked for this

    def quick():
        begun.wait(SECONDS)
        yield 2

    work = side_by_side([slow(), quick()])
    assert next(work) == 2
    threading.Timer(0.05, may_end.set).start()
    work.close()
    assert ended == ["slow"]
