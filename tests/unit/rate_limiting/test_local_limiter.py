"""What is special about counting in the process."""

import threading

import pytest
import time_machine

from bee_customers.rate_limiting.limiter import Charge
from bee_customers.rate_limiting.local_limiter import LocalLimiter
from tests.limiting import per_minute

FIVE, MANY = per_minute(5), per_minute(600, "many")


def come(limiter, subject="maya", policy=FIVE):
    return limiter.decide([Charge(policy, subject)])[0]


def test_many_subjects_do_not_make_it_grow_without_end():
    limiter = LocalLimiter(100)
    for number in range(1000):
        come(limiter, f"bee {number}")
    assert len(limiter) == 100


def test_those_go_first_who_have_not_come_for_longest():
    limiter = LocalLimiter(2)
    for _ in range(5):
        come(limiter, "maya")
    come(limiter, "willi")
    come(limiter, "maya")
    come(limiter, "flip")
    assert come(limiter, "maya").is_refused
    assert come(limiter, "willi").remaining == 4


@pytest.mark.parametrize("moment", ["2020-01-01", "2040-01-01"])
def test_a_clock_that_is_put_back_or_forward_changes_nothing(moment):
    limiter = LocalLimiter()
    for _ in range(5):
        come(limiter)
    waits = come(limiter).wait_ms
    with time_machine.travel(moment):
        assert come(limiter, "willi").remaining == 4
        later = come(limiter)
    assert later.is_refused
    assert later.wait_ms == pytest.approx(waits + 12_000, abs=1500)


def test_threads_lose_nothing():
    limiter, refused = LocalLimiter(), []

    def work():
        refused.extend(come(limiter, policy=MANY).is_refused for _ in range(100))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (len(refused), refused.count(False)) == (800, 600)
