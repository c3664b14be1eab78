"""Events that the broker refuses or that cannot leave: they wait, their customers' later events behind them."""

import uuid

import pytest
from sqlalchemy import text

from bee_customers.events import outbox
from bee_customers.services import publishing
from tests.faults.changes import new_ids
from tests.servers import wait_until

pytestmark = pytest.mark.servers
_IDS = text("SELECT id FROM event WHERE customer_id = :customer ORDER BY sequence")
_REASONS = text("SELECT DISTINCT last_error FROM event WHERE attempts > 0 AND published_at IS NULL")
_UNWRITABLE = ["[]", "null", '{"changes": {}}', '"text"', "7"]
_SPOIL = text("UPDATE event SET payload = CAST(:payload AS jsonb) WHERE id = :event")


def ids(database, customer) -> list[uuid.UUID]:
    return [row[0] for row in database.read(_IDS, {"customer": customer})]


def reasons(database) -> list[str]:
    return [row[0] for row in database.read(_REASONS)]


def test_events_that_a_full_queue_refuses_are_tried_until_there_is_room(
    committing_database, inbox, changes, relay, oracle
):
    inbox.bind(max_length=20, overflow="reject-publish")
    changes.commit_many(customers=40, versions=2)
    with relay() as running:
        wait_until(lambda: running.count("refused") > 0, 10, "the queue to be full")
        assert "nack" in reasons(committing_database)[0]
        # each reading makes room for more
        wait_until(lambda: bool(inbox.read()) and oracle.waiting == 0, 30, "all to be published")
    oracle.check()


def test_events_that_no_queue_takes_are_tried_until_one_is_bound(
    committing_database, inbox, changes, staff, relay, oracle
):
    customers = new_ids(3)
    changes.commit([*customers, *customers])
    with relay() as running:
        wait_until(lambda: running.count("refused") >= 6, 20, "each customer's first event to be tried again")
        assert [reason for reason in reasons(committing_database) if "unroutable" not in reason] == []
        assert oracle.published == 0
        inbox.bind()
        changes.commit(customers)
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    oracle.check()


def test_thousands_that_no_queue_takes_hold_up_no_other_customer(
    committing_database, inbox, changes, relay, oracle
):
    inbox.bind(outbox.ROUTING_KEYS[outbox.UPDATED])
    changes.commit_many(customers=5000, versions=1)
    (known,) = new_ids(1)
    changes.versions[known] = 1
    with relay() as running:
        wait_until(lambda: running.count("refused") >= 5000, 30, "each to be tried")
        changes.commit([known])
        wait_until(lambda: oracle.waiting == 5000, 5, "the other customer's event")
    assert [arrival.customer_id for arrival in inbox.read()] == [known]


def test_an_event_refused_for_the_last_time_waits_for_an_operator_and_only_its_customer_with_it(
    committing_database, inbox, changes, relay, oracle
):
    inbox.bind(outbox.ROUTING_KEYS[outbox.CREATED])
    unlucky, *others = new_ids(4)
    changes.commit([unlucky, unlucky, unlucky])
    with relay(attempts_most=2) as running:
        wait_until(lambda: running.count("quarantined") == 1, 20, "the last attempt")
        changes.commit(others)
        wait_until(lambda: oracle.waiting == 2, 10, "the others to be published")
        _, refused, behind = ids(committing_database, unlucky)
        oracle.check(quarantined=[refused], behind=[behind])
        inbox.bind()
        changes.commit(others)
        wait_until(lambda: oracle.waiting == 2, 10, "the others to be published")
        oracle.check(quarantined=[refused], behind=[behind])
        assert publishing.release_named(committing_database, [refused]) == {refused}
        wait_until(lambda: oracle.waiting == 0, 10, "the released one and the one behind it to be published")
    oracle.check()


def test_events_that_cannot_be_written_are_set_aside_and_only_their_customers_wait(
    committing_database, bound, changes, relay, oracle
):
    unlucky, others = new_ids(len(_UNWRITABLE)), new_ids(3)
    changes.commit([*unlucky, *unlucky, *unlucky, *others])
    _, spoilt, behind = zip(*(ids(committing_database, customer) for customer in unlucky), strict=True)
    with committing_database.session() as session:
        for event, payload in zip(spoilt, _UNWRITABLE, strict=True):
            session.execute(_SPOIL, {"payload": payload, "event": event})
        session.commit()
    with relay(attempts_most=2) as running:
        wait_until(lambda: running.count("quarantined") == len(spoilt), 20, "the last attempts")
        changes.commit(others)
        wait_until(lambda: oracle.waiting == 2 * len(spoilt), 10, "the others to be published")
    oracle.check(quarantined=spoilt, behind=behind)
