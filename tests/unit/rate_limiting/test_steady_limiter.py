"""Redis while it answers, this process while it does not."""

import logging

import pytest
from prometheus_client import CollectorRegistry

from bee_customers.errors import CountersUnavailable
from bee_customers.rate_limiting.limiter import Charge
from bee_customers.rate_limiting.local_limiter import LocalLimiter
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.rate_limiting.outage import PAUSE_SECONDS, Outage
from bee_customers.rate_limiting.steady_limiter import SteadyLimiter
from tests.limiting import clock_of, per_minute

FIVE = per_minute(5)


class Shared(LocalLimiter):
    """Stands in for Redis, and fails when it is told to."""

    is_away = False
    asked = 0

    def decide(self, charges):
        self.asked += 1
        if self.is_away:
            raise CountersUnavailable("TimeoutError")
        return super().decide(charges)


@pytest.fixture
def clock():
    return clock_of(50.0)


@pytest.fixture
def shared(clock):
    return Shared(clock=clock)


@pytest.fixture
def steady(shared, clock):
    return SteadyLimiter(shared, LocalLimiter(clock=clock), LimitMetrics(CollectorRegistry()), Outage(clock))


def come(limiter):
    return limiter.decide([Charge(FIVE, "maya")])[0]


def degraded(limiter):
    return limiter._metrics.registry.get_sample_value("bee_customers_degraded_total", {"part": "limits"})


def test_while_redis_answers_it_decides(steady, shared):
    assert [come(steady).remaining for _ in range(3)] == [4, 3, 2]
    assert (shared.asked, degraded(steady)) == (3, 0)


def test_while_it_is_away_the_process_decides_and_redis_is_left_alone(steady, shared, clock):
    shared.is_away = True
    assert [come(steady).is_refused for _ in range(6)] == [False] * 5 + [True]
    assert (shared.asked, degraded(steady)) == (1, 6)
    clock.advance(PAUSE_SECONDS)
    come(steady)
    come(steady)
    assert shared.asked == 2, "one of them found out for both"


def test_it_comes_back_by_itself(steady, shared, clock):
    shared.is_away = True
    come(steady)
    shared.is_away = False
    come(steady)
    clock.advance(PAUSE_SECONDS)
    assert [come(steady).remaining for _ in range(2)] == [4, 3]
    assert degraded(steady) == 2


def test_an_outage_is_logged_once_and_its_end_too(steady, shared, clock, caplog):
    with caplog.at_level(logging.INFO):
        shared.is_away = True
        for _ in range(4):
            come(steady)
            clock.advance(PAUSE_SECONDS)
        shared.is_away = False
        come(steady)
        come(steady)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "Redis is away (TimeoutError)" in caplog.messages[0]
    assert "again, after 12.0 s" in caplog.messages[1]


def test_one_of_many_requests_finds_out_whether_redis_is_back(clock):
    outage = Outage(clock)
    assert outage.may_try()
    outage.failed(CountersUnavailable("TimeoutError"))
    assert not outage.may_try()
    clock.advance(PAUSE_SECONDS)
    assert [outage.may_try() for _ in range(3)] == [True, False, False]
