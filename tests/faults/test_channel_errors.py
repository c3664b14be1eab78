"""Events for which the broker closes the channel: they alone are refused, whatever was sent beside them."""

import pytest
from sqlalchemy import text

from bee_customers.db.unit_of_work import transact
from bee_customers.events import outbox
from tests.faults.changes import new_ids
from tests.servers import wait_until

pytestmark = pytest.mark.servers
_WAITING = text("SELECT id FROM event WHERE published_at IS NULL ORDER BY sequence")
_REASON = text("SELECT last_error FROM event WHERE quarantined_at IS NOT NULL")


@pytest.fixture
def commit(committing_database, changes):
    """One more change of a customer, of this type and with these details."""

    def one(customer, event_type="", **details):
        transact(
            committing_database,
            lambda unit: changes.stage(unit.transaction, customer, event_type, **details),
        )
        changes.versions[customer] += 1

    return one


@pytest.fixture
def no_right_to_deletions(rabbit, exchange):
    """The user may tell of all but deletions, by this exchange; gives the function that lets it."""

    def permit(write):
        expression = f"""rabbit_auth_backend_internal:set_topic_permissions(
            <<"guest">>, <<"/">>, <<"{exchange}">>, <<"{write}">>, <<".*">>, <<"tests">>)."""
        assert rabbit.ctl("eval", expression).strip() == "ok"

    permit("^customers[.](created|updated)$")
    return lambda: permit(".*")


@pytest.fixture
def small_messages(rabbit):
    """The broker takes messages of up to 64 KiB."""

    def limit(size):
        assert rabbit.ctl("eval", f"application:set_env(rabbit, max_message_size, {size}).").strip() == "ok"

    limit(65_536)
    yield
    limit(134_217_728)


def test_events_that_rights_are_missing_for_are_set_aside_and_all_others_flow(
    committing_database, no_right_to_deletions, bound, changes, commit, relay, oracle, caplog
):
    gone, *others = new_ids(4)
    commit(gone, outbox.DELETED)
    commit(gone)
    changes.commit(others)
    deleted, behind = waiting(committing_database)[:2]
    with relay(attempts_most=2) as running:
        wait_until(lambda: oracle.waiting == 2, 10, "the others to be published")
        changes.commit(others)
        wait_until(lambda: running.count("quarantined") == 1, 10, "the deletion's last attempt")
        wait_until(lambda: oracle.waiting == 2, 10, "the others to be published")
    oracle.check(quarantined=[deleted], behind=[behind])
    assert "topic 'customers.deleted'" in committing_database.read(_REASON)[0][0]
    assert "is away" not in caplog.text


def test_events_that_are_too_large_for_the_broker_are_set_aside_and_all_others_flow(
    committing_database, small_messages, bound, changes, commit, relay, oracle, caplog
):
    (large,) = new_ids(1)
    commit(large, padding="x" * 70_000)
    changes.commit_many(customers=100, versions=2)
    with relay(attempts_most=1) as running:
        wait_until(lambda: running.count("quarantined") == 1, 10, "the large one to be found")
        wait_until(lambda: oracle.waiting == 1, 10, "the others to be published")
    oracle.check(quarantined=waiting(committing_database))
    assert "larger than configured max size 65536" in committing_database.read(_REASON)[0][0]
    assert "exchange" not in caplog.text


def test_a_right_that_hits_all_that_waits_is_a_fault_until_others_get_through(
    no_right_to_deletions, bound, changes, commit, relay, oracle
):
    for customer in new_ids(3):
        commit(customer, outbox.DELETED)
    with relay(attempts_most=1) as running:
        wait_until(lambda: running.faults("refused") >= 2, 10, "the relay to be refused, twice")
        assert running.count("quarantined") == 0
        no_right_to_deletions()
        wait_until(lambda: oracle.waiting == 0, 10, "all to be published")
    oracle.check()


def waiting(database):
    return [row[0] for row in database.read(_WAITING)]
