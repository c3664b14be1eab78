"""Redis may die, freeze, forget or run full while it holds events or takes them: nothing is lost."""

import contextlib
from functools import partial

import pytest

from bee_customers.events.fallback import STREAM
from tests.faults import stream
from tests.faults.changes import new_ids
from tests.faults.proxy import Proxy
from tests.faults.relaying import publisher, relaying
from tests.servers import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def proxy(rabbit):
    """The way to the broker, closed until the test opens it."""
    with Proxy(rabbit.port) as running:
        running.close()
        yield running


@pytest.fixture
def relay(committing_database, rabbit, exchange, proxy, fallback):
    by_proxy = publisher(rabbit.url.replace(str(rabbit.port), str(proxy.port)), exchange)
    return partial(relaying, committing_database, by_proxy, fallback=fallback, fallback_after_seconds=0.1)


def die(server):
    server.kill()


def die_and_come_back(server):
    server.kill()
    server.restart()


def freeze(server):
    server.freeze()


def forget(server):
    stream.command(server.url, "FLUSHALL")


def forget_the_oldest(server):
    stream.command(server.url, "XTRIM", STREAM, "MAXLEN", 12)


def run_full(server):
    stream.command(server.url, "CONFIG", "SET", "maxmemory", 1)


def evict(server):
    stream.command(server.url, "CONFIG", "SET", "maxmemory-policy", "allkeys-random")
    run_full(server)


TROUBLES = [die, die_and_come_back, freeze, forget, forget_the_oldest, run_full, evict]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_befalls_redis_while_it_holds_events_they_reach_the_broker_in_order(
    redis_server, proxy, bound, changes, relay, oracle, trouble
):
    customers = new_ids(10)
    changes.commit([*customers, *customers])
    with relay():
        wait_until(lambda: stream.length(redis_server.url) == 20, 10, "Redis to hold what waits")
        trouble(redis_server)
        changes.commit(customers)
        proxy.open()
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    oracle.check()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_befalls_redis_while_it_takes_events_they_reach_the_broker_in_order(
    redis_server, proxy, bound, changes, relay, oracle, trouble
):
    changes.commit_many(customers=500, versions=4)
    with relay():
        wait_until(lambda: holds_some(redis_server), 10, "Redis to hold something")
        trouble(redis_server)
        proxy.open()
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    oracle.check()


def holds_some(server):
    with contextlib.suppress(ConnectionError):
        return stream.length(server.url) > 0
    return False


def test_a_redis_that_forgot_everything_is_given_it_again(redis_server, proxy, bound, changes, relay, oracle):
    customers = new_ids(10)
    changes.commit(customers)
    with relay():
        wait_until(lambda: stream.length(redis_server.url) == 10, 10, "Redis to hold what waits")
        forget(redis_server)
        changes.commit(customers)
        wait_until(lambda: stream.length(redis_server.url) == 20, 10, "Redis to hold all of it again")
        stream.check_order(redis_server.url)
        proxy.open()
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    oracle.check()


def test_what_an_old_redis_still_holds_is_cleared_and_not_published_again(
    redis_server, proxy, bound, changes, relay, oracle
):
    changes.commit_many(customers=10, versions=2)
    with relay():
        wait_until(lambda: stream.length(redis_server.url) == 20, 10, "Redis to hold what waits")
        redis_server.freeze()
        proxy.open()
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
        redis_server.thaw()
    assert stream.length(redis_server.url) == 20
    with relay():
        wait_until(lambda: stream.length(redis_server.url) == 0, 10, "the stream to be cleared")
    oracle.check()
    assert len(bound.arrivals) == 20
