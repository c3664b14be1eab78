"""Aggregates of many customers at once, counted anew from the ledger."""

import time
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bee_customers.db.transaction import Transaction
from bee_customers.db.worker_session import WorkerSession
from bee_customers.errors import LedgerTooLarge
from bee_customers.events.outbox import CHANNEL
from bee_customers.models import ORDER_KINDS, ORDER_STATUSES
from bee_customers.services.aggregates import set_right
from bee_customers.services.bulk_changes import Acting
from tests.factories import new_customer
from tests.functional import rows
from tests.functional.ledgers import aggregates, put, recount
from tests.operations.ledger_rows import NOW, enter, remove_history

modest = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
entries = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(ORDER_KINDS),
        "status": st.sampled_from(ORDER_STATUSES),
        "amount": st.builds("{}.{:02}".format, st.integers(0, 99_999), st.integers(0, 99)),
        "ordered_at": st.builds(
            "2026-{:02}-{:02}T{:02}:30:00{}".format,
            st.integers(1, 3),
            st.integers(1, 28),
            st.integers(0, 23),
            st.sampled_from(["Z", "+14:00", "-12:00"]),
        ),
    }
)
values = st.fixed_dictionaries(
    {},
    optional={"total_orders": st.integers(0, 9), "lifetime_value": st.sampled_from(["0.00", "0.01", "77.70"])},
)


def right(database, *customers, with_events=True):
    transaction = database.transaction()
    ids = [uuid.UUID(customer["id"]) for customer in customers]
    count = set_right(transaction, ids, Acting(actor="ana", trace_id="t-1", with_events=with_events), NOW)
    transaction.commit()
    return count


def last_event(database, customer):
    return rows.events(database, customer["id"])[-1]


def as_told(found):
    """Aggregates in the words of an event; `recount` gives them in this order."""
    names = ("total_orders", "total_bookings", "returned_orders", "lifetime_value", "first_order_date")
    told = dict(zip((*names, "last_order_date"), found, strict=True))
    dates = {name: day and day.isoformat() for name, day in told.items() if name.endswith("_date")}
    return {**told, **dates, "lifetime_value": f"{told['lifetime_value']:.2f}"}


@given(ledgers=st.lists(st.tuples(st.lists(entries, max_size=5), values), min_size=1, max_size=4))
@modest
def test_whatever_they_were_they_equal_a_recount_and_what_moved_is_told(internal, database, ledgers):
    customers = [new_customer(internal) for _ in ledgers]
    for customer, (ledger, wrong) in zip(customers, ledgers, strict=True):
        enter(database, customer, *ledger)
        if wrong:
            rows.set_customer(database, customer["id"], **wrong)
    before = [aggregates(database, customer["id"]) for customer in customers]
    true = [recount(database, customer["id"]) for customer in customers]
    assert right(database, *customers) == sum(was != is_ for was, is_ in zip(before, true, strict=True))
    for customer, was, is_ in zip(customers, before, true, strict=True):
        assert aggregates(database, customer["id"]) == is_
        told = rows.events(database, customer["id"])[1:]
        old, new = as_told(was), as_told(is_)
        moved = {name: value for name, value in new.items() if value != old[name]}
        assert [event.payload["changes"] for event in told] == ([moved] if moved else [])
    assert right(database, *customers) == 0


@given(entry=entries)
@modest
def test_the_event_is_the_one_that_a_put_of_the_same_entry_writes(internal, database, entry):
    by_put, in_bulk = new_customer(internal), new_customer(internal)
    put(internal, by_put, **entry)
    enter(database, in_bulk, entry)
    right(database, in_bulk)
    known = [rows.events(database, customer["id"]) for customer in (by_put, in_bulk)]
    names = ("type", "routing_key", "customer_version", "payload", "published_at", "attempts", "traceparent")
    told = [[tuple(getattr(event, name) for name in names) for event in events] for events in known]
    for events in told:
        events[0][3].clear()  # creations tell of different people
    assert told[0] == told[1]


def test_the_customer_is_at_its_next_version_with_actor_trace_and_time(admin, internal, database, customer):
    enter(database, customer, {})
    assert right(database, customer) == 1
    document = admin.get(f"/{customer['id']}").json
    assert (document["version"], document["updated_at"]) == (2, "2026-05-01T08:30:00Z")
    event = last_event(database, customer)
    assert (event.actor, event.trace_id, event.occurred_at) == ("ana", "t-1", NOW)
    assert (event.customer_version, event.id.version) == (2, 7)
    assert rows.told(database, customer["id"]) == ["CustomerCreatedEvent", "CustomerUpdatedEvent"]


def test_aggregates_that_are_only_in_the_history_move_the_version_too(admin, database, customer):
    enter(database, customer, {"kind": "booking", "status": "placed"})
    right(database, customer)
    assert admin.get(f"/{customer['id']}").json["version"] == 2
    assert last_event(database, customer).payload["changes"] == {"total_bookings": 1}


def test_who_has_lost_all_entries_is_told_of_with_nulls(database, customer):
    enter(database, customer, {})
    right(database, customer)
    with database.session() as session:
        session.execute(text("DELETE FROM customer_order"))
        session.commit()
    right(database, customer)
    assert last_event(database, customer).payload["changes"] == {
        "total_orders": 0,
        "lifetime_value": "0.00",
        "first_order_date": None,
        "last_order_date": None,
    }


def test_only_those_named_are_touched_and_those_that_are_gone_are_passed_over(database, internal, customer):
    other = new_customer(internal)
    for each in (customer, other):
        enter(database, each, {})
    assert right(database, customer, {"id": str(uuid.uuid4())}) == 1
    assert rows.told(database, other["id"]) == ["CustomerCreatedEvent"]
    assert aggregates(database, other["id"]) != recount(database, other["id"])
    assert right(database) == 0


def test_without_events_the_version_moves_all_the_same(admin, database, customer):
    enter(database, customer, {})
    assert right(database, customer, with_events=False) == 1
    assert admin.get(f"/{customer['id']}").json["version"] == 2
    assert len(rows.events(database, customer["id"])) == 1


@pytest.mark.parametrize("ledger", [[], [{}]], ids=["no entries", "an entry"])
def test_a_missing_history_is_made_and_is_no_news_by_itself(database, admin, customer, ledger):
    enter(database, customer, *ledger)
    right(database, customer)
    version = admin.get(f"/{customer['id']}").json["version"]
    remove_history(database, customer)
    assert right(database, customer) == 1
    assert aggregates(database, customer["id"]) == recount(database, customer["id"])
    moved = {"first_order_date": "2026-01-31", "last_order_date": "2026-01-31"} if ledger else {}
    assert admin.get(f"/{customer['id']}").json["version"] == version + bool(moved)
    assert len(rows.events(database, customer["id"])) == version + bool(moved)
    assert right(database, customer) == 0


def test_a_sum_past_what_can_be_kept_names_the_customer_and_changes_nobody(internal, database, customer):
    too_much, fine = customer, new_customer(internal)
    enter(database, too_much, {"amount": "999999999999.99"}, {"amount": "0.01"})
    enter(database, fine, {"amount": "999999999999.99"})
    transaction = database.transaction()
    ids = [uuid.UUID(each["id"]) for each in (too_much, fine)]
    with pytest.raises(LedgerTooLarge, match=too_much["id"]) as caught:
        set_right(transaction, ids, Acting(actor="ana", trace_id="t"), NOW)
    assert caught.value.customer_ids == ids[:1]
    transaction.rollback()
    assert aggregates(database, fine["id"])[0] == 0


def test_it_takes_three_statements_at_most_however_many_customers(internal, database, monkeypatch):
    customers = [new_customer(internal) for _ in range(12)]
    for customer in customers:
        enter(database, customer, {})
    sent = []
    real = Transaction._send
    monkeypatch.setattr(Transaction, "_send", lambda self, *rest: sent.append(1) or real(self, *rest))
    assert right(database, *customers) == 12
    assert len(sent) <= 3


def test_the_relay_is_woken_by_the_commit(committing_database, committing_app):
    customer = new_customer(committing_app.as_("internal_service"))
    enter(committing_database, customer, {})
    with WorkerSession(committing_database, CHANNEL) as worker:
        for _ in range(2):
            right(committing_database, customer, with_events=False)
            rows.set_customer(committing_database, customer["id"], total_orders=7)
        assert not is_woken(worker, within=0.2)
        right(committing_database, customer)
        assert is_woken(worker, within=10)


def is_woken(worker, within):
    began = time.monotonic()
    worker.wait(within)
    return time.monotonic() - began < within
