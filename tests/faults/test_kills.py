"""kill -9 of the relay, at every step that it takes."""

import pytest

from tests.faults import deadly
from tests.faults.changes import create_and_rename, new_ids
from tests.servers import wait_until

pytestmark = pytest.mark.servers
ROUNDS = 10


@pytest.mark.parametrize("point", deadly.ON_THE_WAY)
def test_a_relay_killed_at_any_step_loses_nothing_and_keeps_the_order(
    point, nursery, postgres, rabbit, exchange, bound, changes, staff, oracle, relay
):
    customers = new_ids(4)
    order = {"database": postgres.url, "broker": rabbit.url, "exchange": exchange, "point": point}
    for number in range(ROUNDS):
        # one customer twice in a row, and its place among the others is never the same
        changes.commit([*customers[number % 4 :], customers[0], *customers[: number % 4]])
        assert nursery.wait(nursery.start(**order)) == -9
        oracle.check_kept()
    create_and_rename(staff)
    with relay():
        wait_until(lambda: oracle.waiting == 0, 20, "the backlog to be published")
    oracle.check()
