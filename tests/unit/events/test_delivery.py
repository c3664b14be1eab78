"""One window: sent wave by wave, and each event marked with what became of it."""

import uuid
from collections import Counter

import pytest

from bee_customers.errors import BrokerUnavailable, DatabaseConnectionLost
from bee_customers.events import delivery as module
from bee_customers.events.delivery import WINDOW_MOST, Delivered, Delivery
from bee_customers.events.envelope import compose
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.outbox import EXPORT_REQUESTED
from bee_customers.events.publisher import Outcome
from bee_customers.events.stopping import StopSignal
from tests.outgoing import event_row

ANA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)
LOST, SLOW, BLOCKED = (BrokerUnavailable(kind, kind) for kind in ("lost", "timeout", "blocked"))


class RecordingBacklog:
    def __init__(self):
        self.published, self.refused = [], {}
        self.breaks_after = 99

    def check_session(self):
        self.breaks_after -= 1
        if self.breaks_after < 0:
            raise DatabaseConnectionLost("it broke")

    def mark_published(self, rows):
        self.published += rows

    def mark_refused(self, reasons):
        self.refused |= reasons
        return sum(row.attempts >= 9 for row in reasons)


class ScriptedPublisher:
    """Answers each call with the next of `answers`: ids to leave in doubt, reasons to refuse, and a fault."""

    def __init__(self):
        self.sent = []
        self.refusing, self.doubting, self.faults = {}, set(), []

    def publish(self, messages):
        ids = [message.event_id for message in messages]
        self.sent.append(ids)
        refused = {each: self.refusing[each] for each in ids if each in self.refusing}
        confirmed = frozenset(ids) - refused.keys() - self.doubting
        return Outcome(confirmed, refused, self.faults.pop(0) if self.faults else None)


@pytest.fixture
def backlog():
    return RecordingBacklog()


@pytest.fixture
def publisher():
    return ScriptedPublisher()


@pytest.fixture
def delivery(backlog, publisher):
    return Delivery(backlog, publisher, compose, RelayMetrics())


@pytest.fixture
def stop():
    signal = StopSignal()
    yield signal
    signal.close()


def counted(delivery):
    registry = delivery.metrics.registry
    names = ("published", "refused", "quarantined")
    return Counter({name: registry.get_sample_value(f"bee_customers_events_{name}_total") for name in names})


def test_what_is_confirmed_is_marked_and_counted(delivery, backlog, publisher, stop):
    rows = [event_row() for _ in range(3)]
    assert delivery.deliver(rows, stop) == Delivered(3, is_cut_short=False)
    assert sorted(row.sequence for row in backlog.published) == [row.sequence for row in rows]
    assert counted(delivery) == Counter(published=3)
    assert publisher.sent == [[row.id for row in rows]]


def test_nothing_is_sent_for_nothing(delivery, publisher, stop):
    assert delivery.deliver([], stop) == Delivered(0, is_cut_short=False)
    assert publisher.sent == []


def test_a_customers_next_event_goes_after_the_one_before_is_confirmed(delivery, publisher, stop):
    first, other, second = event_row(customer_id=ANA), event_row(customer_id=BEN), event_row(customer_id=ANA)
    assert delivery.deliver([first, other, second], stop) == Delivered(3, is_cut_short=False)
    assert publisher.sent == [[first.id, other.id], [second.id]]


def test_what_was_confirmed_before_a_fault_is_marked(delivery, backlog, publisher, stop):
    told, in_doubt, later = event_row(customer_id=ANA), event_row(), event_row(customer_id=ANA)
    publisher.doubting, publisher.faults = {in_doubt.id}, [LOST]
    with pytest.raises(BrokerUnavailable) as raised:
        delivery.deliver([told, in_doubt, later], stop)
    assert raised.value is LOST
    assert (backlog.published, backlog.refused) == ([told], {})
    assert publisher.sent == [[told.id, in_doubt.id]]
    assert counted(delivery) == Counter(published=1)


def test_waves_before_a_fault_are_marked(delivery, backlog, publisher, stop):
    rows = [event_row(customer_id=ANA) for _ in range(3)]
    publisher.doubting, publisher.faults = {rows[1].id}, [None, LOST]
    with pytest.raises(BrokerUnavailable):
        delivery.deliver(rows, stop)
    assert backlog.published == rows[:1]


def test_a_refused_event_holds_up_later_ones_of_its_customer_alone(delivery, backlog, publisher, stop):
    refused, other, behind = event_row(customer_id=ANA), event_row(customer_id=BEN), event_row(customer_id=ANA)
    after = event_row(customer_id=BEN)
    publisher.refusing = {refused.id: "no queue"}
    assert delivery.deliver([refused, other, behind, after], stop) == Delivered(2, is_cut_short=False)
    assert backlog.refused == {refused: "no queue"}
    assert backlog.published == [other, after]
    assert behind.id not in {each for wave in publisher.sent for each in wave}
    assert counted(delivery) == Counter(published=2, refused=1)


def test_a_refused_request_that_is_no_change_holds_up_nothing(delivery, backlog, publisher, stop):
    asked = event_row(customer_id=ANA, type=EXPORT_REQUESTED)
    broken = event_row(customer_id=BEN, type=EXPORT_REQUESTED, payload="{")
    changes = [event_row(customer_id=ANA), event_row(customer_id=BEN)]
    publisher.refusing = {asked.id: "no queue"}
    assert delivery.deliver([asked, broken, *changes], stop) == Delivered(2, is_cut_short=False)
    assert set(backlog.refused) == {asked, broken}
    assert backlog.published == changes


def test_what_was_refused_before_a_fault_is_marked_too(delivery, backlog, publisher, stop):
    refused = event_row()
    publisher.refusing, publisher.faults = {refused.id: "no queue"}, [LOST]
    with pytest.raises(BrokerUnavailable):
        delivery.deliver([refused], stop)
    assert backlog.refused == {refused: "no queue"}


def test_what_cannot_be_written_is_refused_and_holds_up_its_customer(delivery, backlog, publisher, stop):
    broken, behind, other = event_row(customer_id=ANA, payload="{"), event_row(customer_id=ANA), event_row()
    assert delivery.deliver([broken, behind, other], stop) == Delivered(1, is_cut_short=False)
    assert backlog.refused == {broken: "its payload is not JSON"}
    assert publisher.sent == [[other.id]]


def test_a_window_of_what_cannot_be_written_is_never_sent(delivery, publisher, stop):
    assert delivery.deliver([event_row(payload="{")], stop) == Delivered(0, is_cut_short=False)
    assert publisher.sent == []


def test_the_last_attempt_is_counted_as_quarantined(delivery, publisher, stop):
    last, first = event_row(attempts=9), event_row(attempts=0)
    publisher.refusing = {last.id: "no queue", first.id: "no queue"}
    delivery.deliver([last, first], stop)
    assert counted(delivery) == Counter(refused=2, quarantined=1)


def test_it_stops_between_waves(delivery, backlog, publisher, stop):
    rows = [event_row(customer_id=ANA) for _ in range(3)]
    publish = publisher.publish
    publisher.publish = lambda messages: (stop.set(), publish(messages))[1]
    assert delivery.deliver(rows, stop) == Delivered(1, is_cut_short=True)
    assert backlog.published == rows[:1]


def test_a_window_that_takes_too_long_ends_between_waves(delivery, backlog, publisher, stop, monkeypatch):
    rows = [event_row(customer_id=ANA) for _ in range(3)]
    monkeypatch.setattr(module.time, "monotonic", iter([0, 7.9, 8.0]).__next__)
    assert delivery.deliver(rows, stop) == Delivered(1, is_cut_short=True)
    assert backlog.published == rows[:1]


def test_between_waves_it_makes_sure_that_others_still_know_of_it(delivery, backlog, publisher, stop):
    rows = [event_row(customer_id=ANA) for _ in range(3)]
    backlog.breaks_after = 1
    with pytest.raises(DatabaseConnectionLost):
        delivery.deliver(rows, stop)
    assert publisher.sent == [[row.id] for row in rows[:2]]
    assert backlog.published == rows[:2]


@pytest.mark.parametrize("fault", [SLOW, BLOCKED])
def test_the_window_shrinks_while_the_broker_is_slow_and_grows_back(delivery, publisher, stop, fault):
    sizes = [delivery.window]
    publisher.faults = [fault] * 6
    for _ in range(6):
        with pytest.raises(BrokerUnavailable):
            delivery.deliver([event_row()], stop)
        sizes.append(delivery.window)
    assert sizes == [WINDOW_MOST, 125, 31, 7, 1, 1, 1]
    for _ in range(9):
        delivery.deliver([event_row()], stop)
        sizes.append(delivery.window)
    assert sizes[-9:] == [2, 4, 8, 16, 32, 64, 128, 256, WINDOW_MOST]


def test_a_broken_connection_is_no_reason_for_smaller_windows(delivery, publisher, stop):
    publisher.faults = [LOST]
    with pytest.raises(BrokerUnavailable):
        delivery.deliver([event_row()], stop)
    assert delivery.window == WINDOW_MOST
