"""A broker that is away, dies, freezes or runs out of memory."""

import contextlib

import pytest

from tests.faults.changes import create_and_rename
from tests.faults.relaying import PausingPublisher, relaying
from tests.servers import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def pausing(rabbit, exchange):
    """Sends 700 of the thousands that wait, which is in the midst of the second window, and pauses."""
    return PausingPublisher(rabbit.url, exchange, after=700)


def test_events_wait_for_a_broker_that_is_down_at_the_start(rabbit, bound, staff, relay, oracle):
    rabbit.settle()
    rabbit.kill()
    with relay() as running:
        customer = create_and_rename(staff)
        wait_until(lambda: running.faults("unreachable") >= 2, 15, "the relay to knock twice")
        assert staff.get(f"/{customer}").json["version"] == 3
        assert oracle.waiting == 3
        rabbit.restart()
        wait_until(lambda: oracle.waiting == 0, 20, "the events to be published")
    oracle.check()


def test_a_broker_killed_in_mid_window_loses_nothing(
    rabbit, bound, committing_database, pausing, changes, staff, oracle
):
    changes.commit_many(customers=1200, versions=2)
    with relaying(committing_database, pausing):
        with pausing.in_mid_window():
            rabbit.kill()
        create_and_rename(staff)
        rabbit.restart()
        wait_until(lambda: oracle.waiting == 0, 40, "all to be published")
    oracle.check()


def test_a_frozen_broker_holds_up_no_write_and_gets_all_when_it_thaws(
    rabbit, bound, committing_database, pausing, changes, staff, oracle
):
    changes.commit_many(customers=600, versions=2)
    with relaying(committing_database, pausing) as running:
        with pausing.in_mid_window():
            rabbit.freeze()
        create_and_rename(staff)  # returns while nothing thaws the broker
        wait_until(lambda: running.faults("timeout") >= 2, 20, "the relay to give up waiting, twice")
        create_and_rename(staff)
        assert oracle.waiting > 0
        rabbit.thaw()
        wait_until(lambda: oracle.waiting == 0, 40, "all to be published")
    oracle.check()


@contextlib.contextmanager
def memory_alarm(rabbit):
    rabbit.ctl("set_vm_memory_high_watermark", "0.00001")
    try:
        yield
    finally:
        rabbit.ctl("set_vm_memory_high_watermark", "0.6")


@contextlib.contextmanager
def disk_alarm(rabbit):
    rabbit.ctl("set_disk_free_limit", str(10**15))
    try:
        yield
    finally:
        rabbit.ctl("set_disk_free_limit", "1MB")


@pytest.mark.parametrize("alarm", [memory_alarm, disk_alarm])
def test_a_broker_short_of_room_holds_up_no_write_and_gets_all_afterwards(
    rabbit, bound, changes, staff, relay, oracle, alarm
):
    changes.commit_many(customers=300, versions=2)
    with alarm(rabbit), relay() as running:
        create_and_rename(staff)
        wait_until(lambda: running.faults("blocked") >= 2, 20, "the relay to be told that it is blocked")
        create_and_rename(staff)
        assert oracle.waiting == 606
    with relay():
        wait_until(lambda: oracle.waiting == 0, 40, "all to be published")
    oracle.check()
