"""Events that wait: claimed in order, marked with what became of them."""

import uuid

import pytest
from sqlalchemy import text

from bee_customers.errors import DatabaseConnectionLost
from bee_customers.events import backlog as module
from bee_customers.events.envelope import compose
from bee_customers.events.outbox import EXPORT_REQUESTED
from tests.outgoing import OCCURRED_AT
from tests.stored_events import column, run, store, update, waiting

ANA, BEN, CYD = (uuid.UUID(int=number) for number in (1, 2, 3))
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def sequences(rows):
    return [row.sequence for row in rows]


@pytest.fixture
def stored(committing_database):
    """Stores events of these customers, in this order, and gives their sequences."""
    return lambda *customers: [store(committing_database, customer) for customer in customers]


def refuse(backlog, *rows, reason="no queue"):
    return backlog.mark_refused(dict.fromkeys(rows, reason))


def make_due(database):
    run(database, "UPDATE event SET next_attempt_at = now() - interval '1 second' WHERE attempts > 0")


def marked(database):
    return [sequence for sequence, is_marked in column(database, "is_held_up").items() if is_marked]


def test_a_claimed_row_holds_what_a_message_needs(committing_database, backlog):
    sequence = store(committing_database, ANA, traceparent=TRACEPARENT, customer_version=7)
    (row,) = backlog.claim(10)
    assert (row.customer_id, row.sequence, row.customer_version) == (ANA, sequence, 7)
    assert (row.type, row.routing_key) == ("CustomerUpdatedEvent", "customers.updated")
    assert (row.traceparent, row.occurred_at, row.attempts) == (TRACEPARENT, OCCURRED_AT, 0)
    assert isinstance(row.id, uuid.UUID)
    assert "Ionuț".encode() in compose(row).body
    assert b'"occurred_at":"2026-01-31T12:30:00.250000Z"' in compose(row).body


def test_events_are_claimed_in_their_order_and_no_more_than_asked_for(backlog, stored):
    numbers = stored(ANA, BEN, ANA, CYD)
    assert sequences(backlog.claim(10)) == numbers
    assert sequences(backlog.claim(3)) == numbers[:3]


def test_what_is_published_is_claimed_no_more(committing_database, backlog, stored):
    first, second = stored(ANA, ANA)
    update(committing_database, first, fallback_id="1-0", last_error="no queue")
    backlog.mark_published(backlog.claim(1))
    assert sequences(backlog.claim(10)) == [second]
    assert waiting(committing_database) == [second]
    assert run(committing_database, "SELECT fallback_id, last_error FROM event LIMIT 1") == [(None, None)]


def test_marking_nothing_is_well(backlog):
    backlog.mark_published([])
    assert backlog.mark_refused({}) == 0


def test_an_event_of_a_lower_sequence_that_comes_to_light_later_is_claimed(committing_database, backlog, stored):
    stored(ANA, BEN)
    backlog.mark_published(backlog.claim(10))
    run(committing_database, "UPDATE event SET published_at = NULL WHERE customer_id = :id", id=ANA)
    assert [row.customer_id for row in backlog.claim(10)] == [ANA]


def test_behind_a_refused_event_the_later_ones_of_its_customer_wait(committing_database, backlog, stored):
    before, refused, other, behind = stored(ANA, ANA, BEN, ANA)
    rows = backlog.claim(10)
    refuse(backlog, rows[1])
    assert sequences(backlog.claim(10)) == [before, other]
    assert backlog.claim_due(10) == []
    make_due(committing_database)
    assert sequences(backlog.claim(10)) == [before, other]
    (due,) = backlog.claim_due(10)
    assert (due.sequence, due.attempts) == (refused, 1)
    backlog.mark_published([due])
    assert sequences(backlog.claim(10)) == [before, other, behind]


def test_what_is_held_up_is_met_once_and_comes_when_it_is_behind_nothing(
    committing_database, backlog, stored, monkeypatch
):
    monkeypatch.setattr(module, "_STEP", 2)
    _, *behind, other = stored(ANA, *[ANA] * 5, BEN)
    refuse(backlog, *backlog.claim(1))
    met = []
    while not met:
        met = sequences(backlog.claim(1))
    assert (met, marked(committing_database)) == ([other], behind)
    (later,) = stored(ANA)
    assert sequences(backlog.claim(10)) == [other]
    assert (backlog.is_at_end, marked(committing_database)) == (True, [*behind, later])
    make_due(committing_database)
    backlog.mark_published(backlog.claim_due(10))
    assert marked(committing_database) == []
    assert sequences(backlog.claim(10)) == [*behind, other, later]


def test_an_event_never_goes_before_one_that_is_marked(committing_database, backlog, stored):
    first, second = stored(ANA, ANA)
    update(committing_database, first, is_held_up=True)
    assert backlog.claim(10) == []
    assert marked(committing_database) == [first, second]


def test_marks_that_another_version_left_are_taken_off(committing_database, backlog, stored, monkeypatch):
    monkeypatch.setattr(
        module.sql, "MARKED_FOR_NOTHING", text(str(module.sql.MARKED_FOR_NOTHING).replace("2000", "2"))
    )
    _, behind, *left = stored(ANA, ANA, BEN, BEN, BEN, CYD)
    for sequence in (behind, *left):
        update(committing_database, sequence, is_held_up=True)
    refuse(backlog, *backlog.claim(1))
    for _ in range(4):
        backlog.check_marks()
    assert marked(committing_database) == [behind]
    assert sequences(backlog.claim(10)) == left


def test_whether_the_end_is_reached_is_told(backlog, stored, monkeypatch):
    monkeypatch.setattr(module, "_STEP", 2)
    stored(ANA, BEN, CYD)
    told = []
    for limit in (1, 2, 3, 4):
        backlog.claim(limit)
        told.append(backlog.is_at_end)
    assert told == [False, False, False, True]


def test_what_is_due_the_longest_goes_first_and_in_the_order_of_sequences(committing_database, backlog, stored):
    numbers = stored(ANA, BEN, CYD)
    refuse(backlog, *backlog.claim(10))
    for sequence, seconds in zip(numbers, (1, 3, 2), strict=True):
        update(committing_database, sequence, next_attempt_at=f"now() - interval '{seconds} seconds'")
    assert sequences(backlog.claim_due(2)) == numbers[1:]
    assert sequences(backlog.claim_due(3)) == numbers


def test_a_session_that_broke_is_noticed_time_and_again(committing_database, session, backlog, stored):
    stored(ANA)
    rows = backlog.claim(1)
    backlog.check_session()
    committing_database.read(
        text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :pid"),
        {"pid": session.run(text("SELECT pg_backend_pid()"))[0][0]},
    )
    for use in (backlog.check_session, lambda: backlog.mark_published(rows)):
        with pytest.raises(DatabaseConnectionLost):
            use()
    assert len(waiting(committing_database)) == 1


def test_changes_pass_by_a_refused_request_that_is_none_and_it_waits_behind_changes(
    committing_database, backlog, stored
):
    asked, change, asked_again, other = stored(ANA, ANA, ANA, BEN)
    for sequence in (asked, asked_again):
        update(committing_database, sequence, type=EXPORT_REQUESTED)
    rows = backlog.claim(10)
    refuse(backlog, rows[0])
    assert sequences(backlog.claim(10)) == [change, asked_again, other]
    refuse(backlog, rows[1], rows[2])
    assert sequences(backlog.claim(10)) == [other]
    make_due(committing_database)
    assert sequences(backlog.claim_due(10)) == [asked, change]
    backlog.mark_published([rows[1]])
    assert sequences(backlog.claim_due(10)) == [asked, asked_again]


def test_a_refused_event_keeps_its_reason_and_waits_longer_each_time(committing_database, backlog, stored):
    (sequence,) = stored(ANA)
    pauses = []
    for attempt in (1, 2):
        (row,) = backlog.claim(1) or backlog.claim_due(1)
        assert row.attempts == attempt - 1
        assert refuse(backlog, row, reason=f"reason {attempt}") == 0
        assert column(committing_database, "last_error") == {sequence: f"reason {attempt}"}
        pauses += column(committing_database, "extract(epoch FROM next_attempt_at - now())::float").values()
        make_due(committing_database)
    assert 0.3 < pauses[0] <= 1.2
    assert 1.1 < pauses[1] <= 2.4


def test_no_pause_is_much_longer_than_five_minutes(committing_database, backlog, stored):
    (sequence,) = stored(ANA)
    update(committing_database, sequence, attempts=90, next_attempt_at="now()")
    refuse(backlog, *backlog.claim_due(1))
    (pause,) = column(committing_database, "extract(epoch FROM next_attempt_at - now())::float").values()
    assert 230 < pause <= 360


def test_the_last_attempt_sets_an_event_aside_until_an_operator_comes(committing_database, backlog, stored):
    aside, other, behind = stored(ANA, BEN, ANA)
    for attempt in (1, 2, 3):
        (row,) = backlog.claim_due(1) or backlog.claim(1)
        assert refuse(backlog, row) == (1 if attempt == 3 else 0)
        make_due(committing_database)
    assert [bool(time) for time in column(committing_database, "quarantined_at").values()] == [True, False, False]
    assert sequences(backlog.claim(10)) == [other]
    assert backlog.claim_due(10) == []
    assert waiting(committing_database) == [aside, other, behind]


def test_events_are_claimed_by_name_and_held_up_all_the_same(backlog, stored):
    first, second, third, fourth = stored(ANA, BEN, ANA, CYD)
    rows = backlog.claim(10)
    keys = [(str(row.customer_id), row.sequence) for row in rows]
    assert sequences(backlog.claim_named([keys[3], keys[1]])) == [second, fourth]
    assert sequences(backlog.claim_named(keys[1:])) == [second, fourth]
    assert sequences(backlog.claim_named(keys)) == [first, second, third, fourth]
    backlog.mark_published([rows[1]])
    refuse(backlog, rows[0])
    assert sequences(backlog.claim_named(keys)) == [fourth]


def test_names_of_what_is_not_there_and_no_names_claim_nothing(backlog, stored):
    (sequence,) = stored(ANA)
    assert backlog.claim_named([]) == []
    assert backlog.claim_named([(str(BEN), sequence), (str(ANA), sequence + 1)]) == []


def test_what_the_fallback_queue_holds_is_noted_and_forgotten(committing_database, backlog, stored):
    first, second, third = stored(ANA, BEN, CYD)
    rows = backlog.claim(2)
    backlog.mark_in_fallback(rows, ["1-0", "2-0"])
    assert column(committing_database, "fallback_id") == {first: "1-0", second: "2-0", third: None}
    assert sequences(backlog.claim_for_fallback(10)) == [third]
    assert sequences(backlog.claim(10)) == [first, second, third]
    backlog.forget_fallback()
    assert sequences(backlog.claim_for_fallback(10)) == [first, second, third]
