"""What every limiter does, in memory and in Redis."""

import itertools
import math

import pytest

from bee_customers.rate_limiting.limiter import Charge
from tests.limiting import InMemory, InRedis, per_minute

pytestmark = pytest.mark.servers

FIVE = per_minute(5)


@pytest.fixture(params=["memory", "redis"])
def bench(request):
    if request.param == "memory":
        yield InMemory()
        return
    made = InRedis(request.getfixturevalue("redis_server").url)
    yield made
    made.close()


def retry_seconds(standing):
    return math.ceil(standing.wait_ms / 1000)


def too_soon(standing):
    """A second less than told; in Redis some ms have passed already, and they could be all that is missing."""
    return min(retry_seconds(standing) - 1, standing.wait_ms / 1000 - 0.2)


def test_as_many_are_let_through_as_the_rate_says_and_no_more(bench):
    assert [bench.come(FIVE).remaining for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = bench.come(FIVE)
    assert (refused.is_refused, refused.remaining) == (True, 0)


def test_others_are_not_held_up_and_other_policies_neither(bench):
    assert bench.come(FIVE, times=6).is_refused
    assert not bench.come(FIVE, "willi").is_refused
    assert not bench.come(per_minute(5, "wax")).is_refused


@pytest.mark.parametrize("limit", [1, 2, 5, 7, 60])
@pytest.mark.parametrize("pause", [0, 0.4, 13, 59.5, 61, 95])
def test_waiting_for_as_long_as_told_is_enough_and_one_second_less_is_not(bench, limit, pause):
    """Whatever the two windows hold: some requests, a pause, and then as many as are taken."""
    policy = per_minute(limit)
    bench.come(policy, times=max(1, limit // 2))
    bench.advance(pause)
    while not (standing := bench.come(policy)).is_refused:
        pass
    bench.advance(too_soon(standing))
    early = bench.ask(Charge(policy, "maya", 0))[0]
    assert early.is_refused
    bench.advance(retry_seconds(early))
    assert not bench.come(policy).is_refused


@pytest.mark.parametrize("pushes", [1, 2, 5, 12, 40])
def test_waiting_is_enough_however_often_one_has_pushed_on(bench, pushes):
    standing = bench.come(FIVE, times=6 + pushes)
    bench.advance(retry_seconds(standing))
    assert not bench.come(FIVE).is_refused


@pytest.mark.parametrize("pushes", [1, 5, 12])
def test_one_second_less_than_told_is_not_enough_for_who_has_pushed_on(bench, pushes):
    standing = bench.come(FIVE, times=6 + pushes)
    bench.advance(too_soon(standing))
    assert bench.come(FIVE).is_refused


def test_who_has_none_left_is_told_when_there_is_one(bench):
    last = bench.come(FIVE, times=5)
    assert (last.is_refused, last.remaining) == (False, 0)
    bench.advance(retry_seconds(last))
    assert not bench.come(FIVE).is_refused


def test_pushing_on_costs_more_each_time_and_a_quarter_of_an_hour_at_most(bench):
    bench.come(FIVE, times=5)
    waits = [bench.come(FIVE).wait_ms / 1000 for _ in range(40)]
    assert waits[0] == pytest.approx(60, abs=1)
    assert waits == sorted(waits)
    steps = [later - before for before, later in itertools.pairwise(waits)]
    assert steps[0] == pytest.approx(12, abs=1)
    assert steps[8] > 1.9 * steps[0]
    assert waits[-1] == pytest.approx(900, abs=1)


def test_who_waits_as_told_is_never_made_to_wait_for_longer(bench):
    waits = []
    for _ in range(4):
        while not (standing := bench.come(FIVE)).is_refused:
            pass
        waits.append(retry_seconds(standing))
        bench.advance(waits[-1])
    assert max(waits) <= 61


def test_a_quiet_spell_forgives(bench):
    pushed = bench.come(FIVE, times=20)
    assert pushed.wait_ms > 300_000
    bench.advance(2 * 900)
    bench.come(FIVE, times=5)
    first, second = bench.come(FIVE), bench.come(FIVE)
    assert first.wait_ms / 1000 == pytest.approx(60, abs=1)
    assert second.wait_ms / 1000 == pytest.approx(72, abs=1)


def test_what_was_pushed_a_while_ago_is_half_forgiven(bench):
    bench.come(FIVE, times=26)
    bench.advance(900 + 450)
    bench.come(FIVE, times=6)
    soon = bench.come(FIVE).wait_ms
    bench.advance(1800)
    bench.come(FIVE, times=6)
    assert bench.come(FIVE).wait_ms < soon < 900_000


def test_a_burst_of_a_caller_with_many_requests_is_hardly_punished(bench):
    many = per_minute(600)
    standing = bench.come(many, times=620)
    assert standing.is_refused
    assert retry_seconds(standing) <= 63


def test_the_first_policy_that_refuses_is_the_last_that_charges(bench):
    narrow, wide = per_minute(1, "narrow"), per_minute(5, "wide")
    for _ in range(4):
        standings = bench.ask(Charge(narrow, "maya"), Charge(wide, "maya"))
    assert [standing.is_refused for standing in standings] == [True, False]
    assert standings[1].remaining == 4


def test_a_policy_that_lets_through_has_charged_although_a_later_one_refuses(bench):
    wide, narrow = per_minute(5, "wide"), per_minute(1, "narrow")
    for _ in range(3):
        standings = bench.ask(Charge(wide, "maya"), Charge(narrow, "maya"))
    assert [standing.is_refused for standing in standings] == [False, True]
    assert standings[0].remaining == 2


def test_asking_for_nothing_charges_nothing(bench):
    for _ in range(10):
        standing = bench.ask(Charge(FIVE, "maya", 0))[0]
    assert (standing.is_refused, standing.remaining) == (False, 5)


@pytest.mark.parametrize(("amount", "seconds"), [(1, 1), (100, 3600), (1, 86_400), (1000, 86_400)])
def test_rates_of_all_lengths_are_kept(bench, amount, seconds):
    policy = per_minute(amount, seconds=seconds)
    standing = bench.come(policy, times=amount + 1)
    assert standing.is_refused
    assert seconds / 2 < retry_seconds(standing) <= seconds + 1
    bench.advance(retry_seconds(standing))
    assert not bench.come(policy).is_refused
