"""An event is a row in the transaction of the change."""

import datetime
import uuid

import pytest
from sqlalchemy import select

from bee_customers.events import outbox
from bee_customers.events.outbox import Outbox
from bee_customers.models import Event

CUSTOMER, BUSINESS = uuid.uuid4(), uuid.uuid4()
NOW = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC)


def add(transaction, event_type=outbox.UPDATED, customer_id=CUSTOMER, **details):
    Outbox(transaction, actor="ana", trace_id="t" * 32).add(
        event_type,
        customer_id=customer_id,
        business_id=BUSINESS,
        customer_version=7,
        occurred_at=NOW,
        details=details,
    )


@pytest.fixture
def transaction(database):
    return database.transaction()


@pytest.fixture
def session(database):
    with database.session() as opened:
        yield opened


def test_an_event_says_what_happened_to_whom_when_and_by_whom(transaction, session):
    add(transaction, changes={"full_name": "Ionuț"})
    event = session.scalars(select(Event)).one()
    assert (event.type, event.routing_key) == ("CustomerUpdatedEvent", "customers.updated")
    assert (event.customer_id, event.customer_version, event.occurred_at) == (CUSTOMER, 7, NOW)
    assert (event.actor, event.trace_id) == ("ana", "t" * 32)
    assert event.payload == {"business_id": str(BUSINESS), "changes": {"full_name": "Ionuț"}}


def test_a_new_event_waits_to_be_published(transaction, session):
    add(transaction)
    event = session.scalars(select(Event)).one()
    assert (event.published_at, event.attempts, event.last_error, event.quarantined_at) == (None, 0, None, None)


@pytest.mark.parametrize("event_type", [outbox.CREATED, outbox.UPDATED, outbox.DELETED])
def test_every_type_has_a_routing_key_of_its_own(transaction, session, event_type):
    add(transaction, event_type)
    assert session.scalars(select(Event.routing_key)).one() == outbox.ROUTING_KEYS[event_type]
    assert len(set(outbox.ROUTING_KEYS.values())) == len(outbox.ROUTING_KEYS)


def test_an_unknown_type_is_no_event(transaction, session):
    with pytest.raises(KeyError):
        add(transaction, "CustomerSneezedEvent")
    assert session.scalars(select(Event)).all() == []


def test_events_have_ids_of_their_own_and_run_in_order(transaction, session):
    for _ in range(5):
        add(transaction)
    events = session.scalars(select(Event).order_by(Event.sequence)).all()
    assert len({event.id for event in events}) == 5
    assert [event.id.version for event in events] == [7] * 5
    assert [event.id for event in events] == sorted(event.id for event in events)


def test_a_rolled_back_change_has_no_event(transaction, session):
    add(transaction)
    transaction.rollback()
    assert session.scalars(select(Event)).all() == []
