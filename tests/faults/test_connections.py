"""Connections to the broker that are cut while nobody uses them, or go silent."""

import pytest

from tests.faults.changes import new_ids
from tests.faults.proxy import Proxy
from tests.faults.relaying import publisher, relaying
from tests.servers import wait_until

pytestmark = pytest.mark.servers
HANDSHAKE = 3  # the broker starts, tunes and opens


@pytest.fixture
def proxy(rabbit):
    with Proxy(rabbit.port) as running:
        yield running


@pytest.fixture
def proxied(proxy, rabbit, exchange):
    return publisher(rabbit.url.replace(str(rabbit.port), str(proxy.port)), exchange)


def close_all(rabbit, proxy):
    rabbit.ctl("close_all_connections", "maintenance")


def cut(rabbit, proxy):
    proxy.cut()


def silence(rabbit, proxy):
    proxy.silence()


@pytest.mark.parametrize("interrupt", [close_all, cut, silence])
def test_an_idle_connection_that_breaks_is_replaced_for_the_next_event(
    committing_database, rabbit, proxy, proxied, bound, changes, oracle, interrupt
):
    with relaying(committing_database, proxied):
        changes.commit(new_ids(3))
        wait_until(lambda: oracle.waiting == 0, 10, "the first to be published")
        interrupt(rabbit, proxy)
        changes.commit(new_ids(3))
        wait_until(lambda: oracle.waiting == 0, 10, "the next ones to be published")
    oracle.check()


def test_a_broker_that_falls_silent_after_the_greeting_is_given_up_and_tried_anew(
    committing_database, proxy, proxied, bound, changes, oracle
):
    changes.commit(new_ids(3))
    proxy.replies = HANDSHAKE
    with relaying(committing_database, proxied) as running:
        wait_until(lambda: running.faults("timeout") >= 2, 10, "the relay to give up waiting, twice")
        proxy.replies = float("inf")
        wait_until(lambda: oracle.waiting == 0, 10, "all to be published")
    oracle.check()
