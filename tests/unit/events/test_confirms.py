"""Confirms of one channel: each told apart by its tag."""

import uuid
from collections import defaultdict
from types import SimpleNamespace

import pytest

from bee_customers.errors import BrokerUnavailable
from bee_customers.events.confirms import Confirms


class FakeChannel:
    """Says what a broker would."""

    def __init__(self):
        self.events = defaultdict(set)
        self.is_confirming = False

    def confirm_select(self):
        self.is_confirming = True

    def ack(self, tag, multiple=False):
        self._tell("basic_ack", tag, multiple)

    def nack(self, tag, multiple=False):
        self._tell("basic_nack", tag, multiple)

    def give_back(self, event_id, routing_key="customers.updated"):
        message = SimpleNamespace(properties={"message_id": str(event_id)})
        self._tell("basic_return", Exception("no route"), "bees", routing_key, message)

    def _tell(self, event, *arguments):
        for callback in self.events[event]:
            callback(*arguments)


@pytest.fixture
def channel():
    return FakeChannel()


@pytest.fixture
def confirms(channel):
    return Confirms(channel)


def send(confirms, count):
    """Ids of a new window, all of them sent."""
    confirms.begin()
    ids = [uuid.uuid4() for _ in range(count)]
    for each in ids:
        confirms.sending(each)
    return ids


def test_the_channel_is_asked_to_confirm(channel, confirms):
    assert channel.is_confirming


def test_what_is_sent_is_pending_until_it_is_told(channel, confirms):
    first, second = send(confirms, 2)
    assert list(confirms.pending.values()) == [first, second]
    channel.ack(2)
    assert list(confirms.pending.values()) == [first]
    assert confirms.outcome().confirmed == {second}


def test_one_confirm_may_speak_for_all_up_to_its_tag(channel, confirms):
    ids = send(confirms, 5)
    channel.ack(3, multiple=True)
    assert confirms.outcome().confirmed == set(ids[:3])
    channel.ack(5, multiple=True)
    assert confirms.outcome().confirmed == set(ids)
    assert not confirms.pending


def test_a_nack_refuses_and_may_speak_for_many_too(channel, confirms):
    ids = send(confirms, 4)
    channel.ack(1)
    channel.nack(3, multiple=True)
    outcome = confirms.outcome()
    assert (outcome.confirmed, set(outcome.refused)) == ({ids[0]}, {ids[1], ids[2]})
    assert list(confirms.pending.values()) == [ids[3]]


def test_what_is_returned_is_refused_though_it_is_confirmed_then(channel, confirms):
    lost, taken = send(confirms, 2)
    channel.give_back(lost)
    channel.ack(2, multiple=True)
    outcome = confirms.outcome()
    assert outcome.confirmed == {taken}
    assert outcome.refused == {lost: "no queue takes customers.updated (returned as unroutable)"}


def test_what_is_returned_and_not_confirmed_yet_is_pending_still(channel, confirms):
    (lost,) = send(confirms, 1)
    channel.give_back(lost)
    assert list(confirms.pending.values()) == [lost]


@pytest.mark.parametrize("multiple", [True, False])
def test_a_late_confirm_says_nothing_of_the_next_window(channel, confirms, multiple):
    send(confirms, 3)
    (later,) = send(confirms, 1)
    channel.ack(3, multiple)
    assert confirms.outcome().confirmed == frozenset()
    assert list(confirms.pending.values()) == [later]
    channel.ack(4)
    assert confirms.outcome().confirmed == {later}


def test_a_confirm_for_what_was_never_sent_is_nothing(channel, confirms):
    send(confirms, 1)
    channel.ack(7)
    channel.nack(0)
    assert (confirms.outcome().confirmed, confirms.outcome().refused) == (frozenset(), {})


def test_a_window_begins_with_nothing(channel, confirms):
    send(confirms, 1)
    channel.nack(1)
    send(confirms, 0)
    outcome = confirms.outcome()
    assert (outcome.confirmed, outcome.refused, outcome.fault) == (frozenset(), {}, None)


def test_an_outcome_carries_the_fault_and_changes_no_more(channel, confirms):
    send(confirms, 2)
    channel.ack(1)
    fault = BrokerUnavailable("lost", "gone")
    outcome = confirms.outcome(fault)
    channel.ack(2)
    assert (len(outcome.confirmed), outcome.fault) == (1, fault)
