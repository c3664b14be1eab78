"""Whatever becomes of single events, none leaves before an earlier one of the same customer."""

import uuid
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bee_customers.errors import BrokerUnavailable
from bee_customers.events import delivery as module
from bee_customers.events.delivery import Delivery
from bee_customers.events.detour import Detour
from bee_customers.events.envelope import compose
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.publisher import Outcome
from bee_customers.events.relay_pass import Pass
from bee_customers.services import publishing
from tests.stored_events import run, store

CUSTOMERS = [uuid.UUID(int=number) for number in (1, 2, 3)]
# what a broker says of one message, and what happens elsewhere before the next window
CONFIRM, REFUSE, LOSE = "confirm", "refuse", "lose"
NOTHING, DUE, RELEASE, NEW = "nothing", "due", "release", "new"
fates = st.lists(st.sampled_from([CONFIRM] * 4 + [REFUSE] * 3 + [LOSE]), max_size=40)
meanwhile = st.lists(st.sampled_from([NOTHING, DUE, DUE, RELEASE, NEW]), max_size=20)
customers = st.lists(st.sampled_from(CUSTOMERS), min_size=1, max_size=12)


class WatchingPublisher:
    """Fails the test when an event is sent while an earlier one of its customer is not confirmed."""

    def __init__(self, database, fates, meanwhile):
        self._database = database
        self._fates, self._meanwhile = iter(fates), iter(meanwhile)
        self._unconfirmed = defaultdict(list)
        self.ids = {}

    def expect(self, customer):
        sequence = store(self._database, customer)
        (found,) = run(self._database, "SELECT id FROM event WHERE sequence = :sequence", sequence=sequence)
        self.ids[found[0]] = customer
        self._unconfirmed[customer].append(found[0])

    def publish(self, messages):
        confirmed, refused, lost = set(), {}, False
        for message in messages:
            customer = self.ids[message.event_id]
            assert self._unconfirmed[customer][0] == message.event_id, "it overtook an earlier event"
            fate = next(self._fates, CONFIRM)
            lost = lost or fate == LOSE
            if fate == CONFIRM:
                confirmed.add(message.event_id)
                self._unconfirmed[customer].pop(0)
            elif fate == REFUSE:
                refused[message.event_id] = "no queue"
        self._disturb(next(self._meanwhile, NOTHING))
        return Outcome(frozenset(confirmed), refused, BrokerUnavailable("lost", "gone") if lost else None)

    def close(self):
        pass

    def is_done(self):
        return not any(self._unconfirmed.values())

    def _disturb(self, what):
        if what == DUE:
            run(self._database, "UPDATE event SET next_attempt_at = now() WHERE attempts > 0")
        elif what == RELEASE:
            publishing.release(self._database)
        elif what == NEW:
            self.expect(CUSTOMERS[0])


@pytest.fixture(autouse=True)
def narrow_windows(monkeypatch):
    monkeypatch.setattr(module, "WINDOW_MOST", 2)


def made(database, backlog, publisher):
    run(database, "DELETE FROM event")
    return Delivery(backlog, publisher, compose, RelayMetrics(), window=2)


def go_on(backlog, delivery, stop, detour=None):
    """What a leading relay does each time it wakes."""
    try:
        if detour:
            detour.come_back(stop)
        Pass(backlog, delivery, stop, lambda: None).run(60)
    except BrokerUnavailable:
        if detour:
            detour.leave(stop)


given_anything = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given_anything
@given(customers=customers, fates=fates, meanwhile=meanwhile)
def test_from_the_table(committing_database, backlog, stop, customers, fates, meanwhile):
    publisher = WatchingPublisher(committing_database, fates, meanwhile)
    delivery = made(committing_database, backlog, publisher)
    for customer in customers:
        publisher.expect(customer)
    while not publisher.is_done():
        go_on(backlog, delivery, stop)
        publishing.release(committing_database)


@given_anything
@given(customers=customers, fates=fates, meanwhile=meanwhile)
def test_by_way_of_the_fallback_queue(committing_database, backlog, fallback, stop, customers, fates, meanwhile):
    publisher = WatchingPublisher(committing_database, [LOSE, *fates], meanwhile)
    delivery = made(committing_database, backlog, publisher)
    detour = Detour(fallback, backlog, delivery)
    for customer in customers:
        publisher.expect(customer)
    while not publisher.is_done():
        go_on(backlog, delivery, stop, detour)
        publishing.release(committing_database)
    detour.come_back(stop)
    assert fallback.depth() == 0
