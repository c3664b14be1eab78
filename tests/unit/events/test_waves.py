"""In which order events may be under way at once."""

import uuid
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from bee_customers.events.waves import waves
from tests.outgoing import event_row

customers = st.lists(st.integers(0, 4), max_size=40)


def rows_of(numbers):
    return [event_row(customer_id=uuid.UUID(int=number), sequence=place) for place, number in enumerate(numbers)]


def by_customer(rows):
    found = defaultdict(list)
    for row in rows:
        found[row.customer_id].append(row.sequence)
    return found


@given(customers)
def test_nothing_is_lost_added_or_repeated(numbers):
    rows = rows_of(numbers)
    sent = [row for wave in waves(rows) for row in wave]
    assert sorted(row.sequence for row in sent) == [row.sequence for row in rows]


@given(customers)
def test_a_wave_has_each_customer_once(numbers):
    for wave in waves(rows_of(numbers)):
        assert wave
        assert len({row.customer_id for row in wave}) == len(wave)


@given(customers)
def test_for_one_customer_the_order_is_kept(numbers):
    rows = rows_of(numbers)
    assert by_customer(row for wave in waves(rows) for row in wave) == by_customer(rows)


@given(customers)
def test_there_are_no_more_waves_than_the_busiest_customer_has_events(numbers):
    most = max((numbers.count(number) for number in numbers), default=0)
    assert len(list(waves(rows_of(numbers)))) == most
