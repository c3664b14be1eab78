"""How soon a process that died is replaced."""

import pytest

from bee_customers.server.supervisor import Worker, count_of


def test_the_pause_grows_with_each_early_death_up_to_its_most() -> None:
    worker = Worker(1)
    pauses = [worker.pause(now=1.0) for _ in range(9)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_who_lived_long_is_replaced_soon() -> None:
    worker = Worker(1)
    for _ in range(5):
        worker.pause(now=1.0)
    assert worker.pause(now=31.0) == 0.5


@pytest.mark.parametrize(("processes", "expected"), [(1, 1), (3, 3)])
def test_as_many_as_are_asked_for(processes: int, expected: int) -> None:
    assert count_of(processes) == expected


def test_none_is_one_for_each_processor() -> None:
    assert count_of(0) >= 1
