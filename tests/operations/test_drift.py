"""Aggregates that drifted are found and set right, while others write."""

import threading
import uuid
from functools import partial

import pytest
from sqlalchemy import text

from bee_customers.errors import CustomerNotFound, LedgerTooLarge
from bee_customers.services import drift
from bee_customers.services.bulk_changes import Acting
from bee_customers.services.drift import Chosen, Totals
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.functional import rows
from tests.functional.between import after_first
from tests.functional.crowd import all_at_once, another
from tests.functional.ledgers import aggregates, put, recount
from tests.operations.ledger_rows import enter, remove_history

ACTING = Acting(actor="ana", trace_id="t-1")


def total(batches):
    totals = Totals()
    for found in batches:
        totals.add(found)
    return totals


@pytest.fixture
def people(internal, database):
    """Seven customers of two businesses, of whom the first, the third and the last drifted."""
    made = [new_customer(internal, business_id=OTHER_BUSINESS if n == 6 else BUSINESS) for n in range(7)]
    for number in (0, 2, 6):
        enter(database, made[number], {})
    for number in (1, 3):
        put(internal, made[number])
    return sorted(made, key=lambda customer: customer["id"])


@pytest.mark.parametrize("batch", [1, 2, 3, 6, 7, 8])
def test_each_is_looked_at_once_however_batches_are_cut(database, people, batch):
    found = total(drift.verify(database, Chosen(), batch=batch))
    assert (found.checked, found.drifted, found.set_right, found.without_history) == (7, 3, 0, 0)
    assert found.fields == {
        "total_orders": 3,
        "total_bookings": 0,
        "returned_orders": 0,
        "lifetime_value": 3,
        "first_order_date": 3,
        "last_order_date": 3,
    }
    mended = total(drift.recompute(database, Chosen(), ACTING, batch=batch))
    assert (mended.checked, mended.drifted, mended.set_right) == (7, 3, 3)
    assert total(drift.verify(database, Chosen(), batch=batch)).drifted == 0


def test_only_what_drifted_is_written(database, people):
    total(drift.recompute(database, Chosen(), ACTING))
    told = [len(rows.events(database, customer["id"])) for customer in people]
    assert told == [2, 2, 2, 2, 1, 1, 2]
    for customer in people:
        assert aggregates(database, customer["id"]) == recount(database, customer["id"])


def test_comparing_changes_nothing(database, people):
    before = [aggregates(database, customer["id"]) for customer in people]
    total(drift.verify(database, Chosen()))
    assert [aggregates(database, customer["id"]) for customer in people] == before
    assert rows.count(database, "event") == 7 + 2


def test_it_can_be_one_business_or_one_customer(database, people):
    for chosen, checked in (
        (Chosen(business_id=uuid.UUID(OTHER_BUSINESS)), 1),
        (Chosen(customer_id=uuid.UUID(people[2]["id"])), 1),
        (Chosen(business_id=uuid.uuid4()), 0),
        (Chosen(), 7),
    ):
        assert drift.count(database, chosen) == checked
        assert total(drift.verify(database, chosen)).checked == checked
        mended = total(drift.recompute(database, chosen, ACTING))
        assert (mended.checked, mended.set_right) == (checked, min(checked, 1))
    with pytest.raises(CustomerNotFound):
        drift.count(database, Chosen(customer_id=uuid.uuid4()))


def test_a_customer_without_history_is_found_and_gets_one(database, people):
    remove_history(database, people[4])
    found = total(drift.verify(database, Chosen()))
    assert (found.drifted, found.without_history) == (4, 1)
    assert total(drift.recompute(database, Chosen(), ACTING)).set_right == 4
    assert total(drift.verify(database, Chosen())).drifted == 0


def test_without_events_nobody_is_told(database, people):
    total(drift.recompute(database, Chosen(), Acting(actor="ana", with_events=False)))
    assert rows.count(database, "event") == 7 + 2


def test_a_batch_that_is_done_stays_done(database, people):
    """Whoever is stopped between two batches has set right the first, and the next run does the rest."""
    first = next(iter(drift.recompute(database, Chosen(), ACTING, batch=2)))
    assert (first.checked, first.set_right) == (2, 1)
    assert total(drift.recompute(database, Chosen(), ACTING, batch=2)).set_right == 2


def test_a_ledger_that_is_too_large_is_named(database, people):
    enter_more = [{"order_id": f"M-{n}", "amount": "999999999999.99"} for n in range(2)]
    enter(database, people[4], *enter_more)
    with pytest.raises(LedgerTooLarge, match=people[4]["id"]):
        total(drift.recompute(database, Chosen(), ACTING))


@pytest.mark.parametrize("sessions", [1, 2, 3, 5])
def test_several_sessions_share_the_customers(committing_app, committing_database, sessions):
    internal = committing_app.as_("internal_service")
    customers = [new_customer(internal) for _ in range(11)]
    for customer in customers[::3]:
        enter(committing_database, customer, {})
    found = total(drift.verify(committing_database, Chosen(), batch=2, sessions=sessions))
    assert (found.checked, found.drifted) == (11, 4)
    mended = total(drift.recompute(committing_database, Chosen(), ACTING, batch=2, sessions=sessions))
    assert (mended.checked, mended.set_right) == (11, 4)
    assert total(drift.verify(committing_database, Chosen(), batch=2, sessions=sessions)).drifted == 0


@pytest.mark.usefixtures("no_deadlock")
class TestWhileOthersWrite:
    def test_an_entry_that_arrives_between_looking_and_locking_is_counted(
        self,
        committing_app,
        committing_database,
        elsewhere,
        monkeypatch,
    ):
        internal = committing_app.as_("internal_service")
        customer = new_customer(internal)
        enter(committing_database, customer, {})
        arrives = partial(put, another(internal), customer, "A-2", amount="5.00")
        after_first(monkeypatch, Finder, "look", lambda: elsewhere.do(arrives))
        monkeypatch.setattr(drift, "_find", Finder.look)
        assert total(drift.recompute(committing_database, Chosen(), ACTING)).set_right == 1
        assert aggregates(committing_database, customer["id"]) == recount(committing_database, customer["id"])
        assert [event.customer_version for event in rows.events(committing_database, customer["id"])] == [1, 2, 3]

    def test_one_that_is_under_way_is_waited_for_and_counted(
        self,
        committing_app,
        committing_database,
        elsewhere,
    ):
        internal = committing_app.as_("internal_service")
        customer = new_customer(internal)
        enter(committing_database, customer, {})
        with committing_database.session() as session:
            key = {"id": uuid.UUID(customer["id"])}
            session.execute(text("SELECT id FROM customer WHERE id = :id FOR UPDATE"), key)
            task = lambda: total(drift.recompute(committing_database, Chosen(), ACTING))  # noqa: E731
            waiting = elsewhere.do_until_it_waits(task)
            session.execute(text("UPDATE customer_order SET amount = 77 WHERE customer_id = :id"), key)
            session.commit()
        assert waiting.result(20).set_right == 1
        assert aggregates(committing_database, customer["id"]) == recount(committing_database, customer["id"])

    def test_a_crowd_of_writers_and_two_recomputations_leave_no_drift(self, committing_app, committing_database):
        internal = committing_app.as_("internal_service")
        customers = [new_customer(internal) for _ in range(6)]
        over = threading.Event()

        def spoil():
            """Aggregates go wrong again and again, beside all that is right."""
            for customer in customers:
                rows.set_customer(committing_database, customer["id"], total_orders=99)

        def recompute():
            total(drift.recompute(committing_database, Chosen(), ACTING, batch=2, sessions=2))

        def until_it_is_over(task):
            while not over.is_set():
                task()

        writers = [partial(write, another(internal), customers, number, over) for number in range(3)]
        others = [partial(until_it_is_over, task) for task in (spoil, recompute, recompute)]
        all_at_once(*writers, *others)
        recompute()
        assert total(drift.verify(committing_database, Chosen())).drifted == 0
        for customer in customers:
            found = aggregates(committing_database, customer["id"])
            assert found == recount(committing_database, customer["id"])
            rows.told(committing_database, customer["id"])


def write(caller, customers, number, over):
    """Entries of all customers, again and again in other states; whoever is done first ends it for the others."""
    try:
        for turn in range(14):
            for customer in customers:
                reply = put(caller, customer, f"A-{number}-{turn % 9}", **entry(number, turn))
                assert reply.status_int in (200, 201), reply.body
    finally:
        over.set()


class Finder:
    look = staticmethod(drift._find)


def entry(number, turn):
    return {
        "status": ["placed", "completed", "returned", "cancelled"][turn % 4],
        "amount": f"{turn}.{number}0",
        "updated_at": f"2026-02-01T12:00:{turn:02}Z",
    }
