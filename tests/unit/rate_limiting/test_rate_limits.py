"""What the API is told of a decision."""

import pytest
from prometheus_client import CollectorRegistry

from bee_customers.rate_limiting.limiter import Standing
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.rate_limiting.rate_limits import Policies, RateLimits
from bee_customers.rate_limiting.subjects import SubjectNames
from tests.limiting import per_minute

API, PATCH = per_minute(600, "api"), per_minute(5, "customer-patch")


class Decided:
    """Stands in for what counts."""

    def __init__(self, *standings):
        self.standings = standings

    def decide(self, charges):
        return self.standings


def verdict(*standings):
    limits = RateLimits(
        Policies(API, PATCH, None), Decided(*standings), SubjectNames(b"key"), LimitMetrics(CollectorRegistry())
    )
    return limits.of_caller("maya", "a customer")


@pytest.mark.parametrize(("wait_ms", "told"), [(1, 1), (999, 1), (1000, 1), (1001, 2), (34_000, 34)])
def test_the_wait_is_told_in_whole_seconds_that_are_enough_and_no_more(wait_ms, told):
    assert verdict(Standing(API, True, 0, wait_ms, 1)).retry_seconds == told


def test_who_is_refused_waits_for_all_policies():
    told = verdict(Standing(API, False, 0, 90_000, 1), Standing(PATCH, True, 0, 60_000, 1))
    assert (told.is_refused, told.retry_seconds, told.standing.policy) == (True, 90, PATCH)


@pytest.mark.parametrize(("of_api", "of_patch", "told"), [(9, 4, PATCH), (3, 4, API), (4, 4, PATCH)])
def test_the_policy_with_the_least_left_is_told_and_of_equals_the_narrower(of_api, of_patch, told):
    standings = Standing(API, False, of_api, 0, 1), Standing(PATCH, False, of_patch, 0, 1)
    assert verdict(*standings).standing.policy is told


def test_what_is_off_is_not_counted():
    limits = RateLimits(
        Policies(None, None, None), Decided(), SubjectNames(b"key"), LimitMetrics(CollectorRegistry())
    )
    assert limits.of_caller("maya", "a customer") is None
    assert limits.of_failure("192.0.2.1") is None
    assert limits.of_address("192.0.2.1") is None


def test_addresses_that_were_refused_are_not_remembered_without_end():
    auth = per_minute(1, "auth-failure")
    refusing = Decided(Standing(auth, True, 0, 1000, 1))
    limits = RateLimits(
        Policies(None, None, auth), refusing, SubjectNames(b"key"), LimitMetrics(CollectorRegistry())
    )
    for number in range(10_050):
        limits.of_failure(str(number))
    assert len(limits._refused) == 10_000
