"""A part that is away is told of once, and asked again ever less often."""

import logging

import pytest

from bee_customers.events import outage as module
from bee_customers.events.outage import Outage


class Clock:
    now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.INFO, "bee_customers")
    return lambda: [record.getMessage() for record in caplog.records]


def test_when_all_is_well_nothing_is_told(clock, told):
    outage = Outage("the broker")
    outage.over()
    assert outage.seconds == 0
    assert told() == []


def test_it_lasts_from_the_first_failure_to_the_first_success(clock, told):
    outage = Outage("the broker")
    outage.failed(OSError("gone"))
    clock.now += 7
    outage.failed(OSError("gone"))
    assert outage.seconds == 7
    clock.now += 1.25
    outage.over()
    outage.over()
    assert outage.seconds == 0
    assert told() == ["the broker is away: gone", "the broker is back after 8.2 s"]


def test_another_reason_is_told_and_does_not_begin_it_anew(clock, told):
    outage = Outage("the broker")
    for reason in ("gone", "gone", "frozen", "frozen"):
        outage.failed(OSError(reason))
        clock.now += 1
    assert outage.seconds == 4
    assert told() == ["the broker is away: gone", "the broker is away: frozen"]


def test_the_next_one_is_told_again(clock, told):
    outage = Outage("the broker")
    for _ in range(2):
        outage.failed(OSError("gone"))
        outage.over()
    assert told().count("the broker is away: gone") == 2


def test_pauses_grow_to_two_seconds_and_never_beyond(clock):
    outage = Outage("the broker")
    pauses = [outage.failed(OSError("gone")) for _ in range(2000)]
    assert 0.05 <= pauses[0] <= 0.1
    assert 0.1 <= pauses[1] <= 0.2
    assert all(1 <= pause <= 2 for pause in pauses[5:])
    assert len(set(pauses[5:])) > 1000


def test_after_it_is_over_pauses_begin_short_again(clock):
    outage = Outage("the broker")
    for _ in range(20):
        outage.failed(OSError("gone"))
    outage.over()
    assert outage.failed(OSError("gone")) <= 0.1
