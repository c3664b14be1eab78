"""Bounds of what is measured of events can be missed."""

import json

import pytest

from bee_customers.events.envelope import compose
from bench.event_outcome import Flow, Level, Run
from bench.floor.publisher import messages
from bench.relay import write_messages
from bench.tables import tables_of
from tests.outgoing import event_row


@pytest.mark.parametrize(("relay_seconds", "holds"), [(3.9, True), (4.1, False)])
def test_the_relay_must_reach_its_share_of_the_floor(relay_seconds, holds):
    flow = Flow("relay", [Run(1000, relay_seconds, 1.0)], [Run(1000, 1.0, 0.5)], 0.25)
    assert flow.holds is holds
    assert flow.row()[-1] == ("yes" if holds else "no")
    assert json.loads(json.dumps(flow.raw()))["holds"] is holds


@pytest.mark.parametrize(("halves", "holds"), [((80, 85), True), ((80, 100), False), ((125, 125), False)])
def test_memory_has_a_bound_and_may_not_grow(halves, holds):
    level = Level("draining", 1000, *halves, 120, 1.1)
    assert level.holds is holds


def test_both_have_a_table():
    flow = Flow("relay", [Run(1000, 1.0, 1.0)], [Run(1000, 1.0, 0.5)], 0.25)
    tables = list(tables_of([flow, Level("draining", 1000, 80, 80, 120, 1.1)]))
    assert [len(table.splitlines()) for table in tables] == [3, 3]
    assert all(len({line.count("|") for line in table.splitlines()}) == 1 for table in tables)


def test_the_floor_publishes_what_the_relay_would(tmp_path):
    own = [compose(event_row()) for _ in range(3)]
    write_messages(tmp_path / "messages.txt", own)
    read = messages(tmp_path / "messages.txt")
    assert read == [(each.routing_key, each.body, each.headers, each.properties) for each in own]
