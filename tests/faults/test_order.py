"""No event overtakes an earlier one of its customer, whatever comes to light while thousands are published."""

import contextlib
import datetime

import pytest
from sqlalchemy import text

from bee_customers.services import publishing
from tests.faults.changes import new_ids
from tests.faults.relaying import PausingPublisher, relaying
from tests.servers import wait_until

pytestmark = pytest.mark.servers
EVER = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_REFUSED = text(
    "UPDATE event SET attempts = 3, next_attempt_at = now() + interval '1 hour' WHERE customer_id = :customer"
)
_QUARANTINED = text("UPDATE event SET attempts = 10, quarantined_at = now() WHERE customer_id = :customer")
_PUBLISHED = text("UPDATE event SET published_at = now() WHERE customer_id = :customer")
_DUE = text("UPDATE event SET next_attempt_at = now() WHERE attempts > 0")


@pytest.fixture
def customer():
    return new_ids(1)[0]


@pytest.fixture
def in_mid_window(rabbit, exchange, bound, committing_database, oracle):
    """The block runs while the first of several windows is sent; afterwards everything must be there, in order."""

    @contextlib.contextmanager
    def run():
        pausing = PausingPublisher(rabbit.url, exchange, after=10)
        with relaying(committing_database, pausing):
            with pausing.in_mid_window():
                yield
            wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
        oracle.check()

    return run


def write(database, statement, **parameters):
    with database.session() as session:
        session.execute(statement, parameters)
        session.commit()


def test_an_event_that_commits_late_is_not_overtaken_by_the_next_one(
    another_database, changes, customer, in_mid_window
):
    slow = another_database.transaction()
    changes.stage(slow, customer)
    changes.commit_many(customers=600, versions=1)
    with in_mid_window():
        slow.commit()
        changes.versions[customer] += 1
        changes.commit([customer])


@pytest.mark.parametrize("refusal", [_REFUSED, _QUARANTINED], ids=["refused", "quarantined"])
def test_a_refused_event_that_is_tried_again_is_not_overtaken_by_the_next_one(
    committing_database, changes, customer, in_mid_window, refusal
):
    changes.commit([customer])
    write(committing_database, refusal, customer=customer)
    changes.commit_many(customers=600, versions=1)
    changes.commit([customer])
    with in_mid_window():
        if refusal is _QUARANTINED:
            assert publishing.release(committing_database, customer_id=customer) == 1
        else:
            write(committing_database, _DUE)


def test_a_replay_in_the_midst_of_a_pass_keeps_the_order_of_each_customer(
    committing_database, changes, in_mid_window
):
    customers = new_ids(20)
    changes.commit(customers)
    changes.commit_many(customers=600, versions=1)
    changes.commit([*customers, *customers])
    for customer in customers:
        write(committing_database, _PUBLISHED, customer=customer)
    with in_mid_window():
        # some of each are below where the relay is, and some above
        assert sum(publishing.Replay(since=EVER).run(committing_database)) == 60
