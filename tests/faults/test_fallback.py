"""While the broker is away events go to Redis, and from there to the broker first when it is back."""

from functools import partial

import pytest

from bee_customers.events.fallback import RedisFallback
from tests.faults import deadly, stream
from tests.faults.changes import create_and_rename, new_ids
from tests.faults.relaying import publisher, relaying
from tests.servers import wait_until

pytestmark = pytest.mark.servers
ROUNDS = 5


@pytest.fixture
def relay(committing_database, rabbit, exchange):
    return partial(relaying, committing_database, publisher(rabbit.url, exchange), fallback_after_seconds=0.2)


def test_events_can_be_read_from_redis_while_the_broker_is_away_and_all_reach_it_when_it_is_back(
    rabbit, redis_server, fallback, bound, changes, staff, relay, oracle
):
    customers = new_ids(30)
    changes.commit([*customers, *customers])
    rabbit.settle()
    rabbit.kill()
    with relay(fallback=fallback):
        wait_until(lambda: stream.length(redis_server.url) == 60, 10, "Redis to hold what waits")
        changes.commit(customers)
        create_and_rename(staff)
        wait_until(lambda: stream.length(redis_server.url) == 93, 10, "Redis to hold what came later")
        stream.check_order(redis_server.url)
        assert oracle.waiting == 93
        rabbit.restart()
        changes.commit(customers)
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
        wait_until(lambda: stream.length(redis_server.url) == 0, 5, "the stream to be empty")
    oracle.check()


def test_what_redis_has_no_room_for_waits_in_the_table_and_goes_to_the_broker_afterwards(
    rabbit, redis_server, bound, changes, relay, oracle
):
    changes.commit_many(customers=30, versions=3)
    small = RedisFallback(redis_server.url, length_most=40)
    rabbit.settle()
    rabbit.kill()
    with relay(fallback=small):
        wait_until(lambda: stream.length(redis_server.url) == 40, 10, "Redis to hold what it may")
        in_redis = {event for event, _, _ in stream.entries(redis_server.url)}
        rabbit.restart()
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    small.close()
    oracle.check()
    assert {arrival.event_id for arrival in bound.arrivals[:40]} == in_redis


@pytest.fixture
def orders(postgres, rabbit, redis_server, exchange):
    """What a relay of its own process is told: one for which the broker is away, one for which it is back."""
    order = {"database": postgres.url, "exchange": exchange, "fallback": redis_server.url}
    nobody = rabbit.url.replace(str(rabbit.port), "1")
    return {**order, "broker": nobody}, {**order, "broker": rabbit.url}


@pytest.mark.parametrize("point", deadly.INTO_FALLBACK)
def test_a_relay_killed_while_it_fills_the_fallback_queue_loses_nothing(
    point, nursery, orders, redis_server, fallback, bound, changes, relay, oracle
):
    away, _ = orders
    customers = new_ids(4)
    for number in range(ROUNDS):
        changes.commit([*customers[number % 4 :], customers[0], *customers[: number % 4]])
        assert nursery.wait(nursery.start(**away, point=point)) == -9
        stream.check_order(redis_server.url)
    with relay(fallback=fallback):
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
        wait_until(lambda: stream.length(redis_server.url) == 0, 5, "the stream to be empty")
    oracle.check()


@pytest.mark.parametrize("point", deadly.OUT_OF_FALLBACK)
def test_a_relay_killed_while_it_empties_the_fallback_queue_loses_nothing(
    point, nursery, orders, redis_server, fallback, bound, changes, relay, oracle
):
    away, back = orders
    customers = new_ids(4)
    for number in range(ROUNDS):
        changes.commit([*customers[number % 4 :], customers[0], *customers[: number % 4]])
        assert nursery.wait(nursery.start(**away, point=deadly.NOTED)) == -9
        assert nursery.wait(nursery.start(**back, point=point)) == -9
        oracle.check_kept()
    with relay(fallback=fallback):
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
        wait_until(lambda: stream.length(redis_server.url) == 0, 5, "the stream to be empty")
    oracle.check()
