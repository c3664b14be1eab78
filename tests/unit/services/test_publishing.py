"""What operators ask of events: how many wait, try these again, publish those once more."""

import datetime
import time
import uuid

import pytest
from sqlalchemy import text

from bee_customers.db.worker_session import WorkerSession
from bee_customers.events.backlog import Backlog
from bee_customers.events.outbox import CHANNEL, EXPORT_REQUESTED, UPDATED
from bee_customers.services import publishing
from bee_customers.services.publishing import Replay, Waiting
from tests.outgoing import OCCURRED_AT
from tests.stored_events import column, run, store, waiting

ANA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)
HOUR = datetime.timedelta(hours=1)
PUBLISHED = {"published_at": "now()"}
REFUSED = {"attempts": 2, "next_attempt_at": "now() + interval '1 hour'", "last_error": "no queue"}
SET_ASIDE = {"attempts": 10, "quarantined_at": "now()", "last_error": "no queue"}


@pytest.fixture
def database(committing_database):
    return committing_database


@pytest.fixture
def worker(database):
    with WorkerSession(database, CHANNEL) as opened:
        yield opened


@pytest.fixture
def small_batches(monkeypatch):
    """A replay in batches of three, or of one whole customer."""
    monkeypatch.setattr(publishing, "_UNPUBLISH", text(str(publishing._UNPUBLISH).replace("5000", "3")))


def claimable(worker):
    backlog = Backlog(worker)
    return [row.sequence for row in (*backlog.claim_due(100), *backlog.claim(100))]


def publish_all(worker):
    """What a relay does without a broker; gives the sequences in their order."""
    backlog, published = Backlog(worker), []
    while rows := [*backlog.claim_due(100), *backlog.claim(100)]:
        backlog.mark_published(rows)
        published += [row.sequence for row in rows]
    return published


def is_woken(worker):
    began = time.monotonic()
    worker.wait(1)
    return time.monotonic() - began < 0.9


def test_nothing_waits_in_an_empty_table(database):
    assert publishing.waiting(database) == Waiting(0, 0.0, 0, 0, 0)


def test_waiting_counts_each_kind_once(database):
    now = datetime.datetime.now(datetime.UTC)
    store(database, occurred_at=now - 2 * HOUR)
    store(database, occurred_at=now - HOUR, **REFUSED)
    store(database, occurred_at=now, **SET_ASIDE)
    store(database, occurred_at=now, fallback_id="1-0")
    store(database, occurred_at=now - 9 * HOUR, **PUBLISHED)
    told = publishing.waiting(database)
    assert (told.backlog, told.refused, told.quarantined, told.in_fallback) == (4, 1, 1, 1)
    assert 7200 <= told.oldest_seconds < 7260


def test_those_set_aside_are_named_oldest_first_and_no_more_than_asked_for(database):
    store(database, **REFUSED)
    numbers = [store(database, ANA, customer_version=version, **SET_ASIDE) for version in (1, 2, 3)]
    found = publishing.quarantined(database, 2)
    ids = column(database, "id::text")
    assert [event["id"] for event in found] == [ids[number] for number in numbers[:2]]
    assert found[0]["customer_version"] == 1
    assert {name: found[0][name] for name in ("type", "customer_id", "attempts", "last_error")} == {
        "type": "CustomerUpdatedEvent",
        "customer_id": str(ANA),
        "attempts": 10,
        "last_error": "no queue",
    }


@pytest.mark.parametrize("state", [REFUSED, SET_ASIDE], ids=["refused", "set aside"])
def test_what_is_released_goes_out_at_once_and_wakes_the_relay(database, worker, state):
    numbers = [store(database, ANA, **state), store(database, ANA)]
    assert claimable(worker) == []
    assert publishing.release(database) == 1
    assert is_woken(worker)
    assert claimable(worker) == numbers[:1]


def test_only_what_is_named_is_released(database, worker):
    ana, ben, other = (store(database, customer, **SET_ASIDE) for customer in (ANA, BEN, ANA))
    ids = column(database, "id")
    assert publishing.release(database, BEN) == 1
    assert claimable(worker) == [ben]
    assert publishing.release_named(database, [ids[ana], uuid.uuid4()]) == {ids[ana]}
    assert claimable(worker) == [ana, ben]
    assert publishing.release_named(database, [uuid.uuid4()]) == set()
    assert column(database, "quarantined_at")[other] is not None


def test_what_is_published_or_never_failed_is_not_released(database):
    store(database)
    store(database, attempts=3, **PUBLISHED)
    assert publishing.release(database) == 0
    assert publishing.release_named(database, column(database, "id").values()) == set()
    assert list(column(database, "attempts").values()) == [0, 3]


def test_a_replay_counts_what_it_then_gives_to_the_relay(database, worker):
    numbers = [store(database, ANA, **PUBLISHED) for _ in range(3)]
    untouched = store(database, BEN, **SET_ASIDE)
    replay = Replay(since=OCCURRED_AT - HOUR)
    assert replay.count(database) == 3
    assert sum(replay.run(database)) == 3
    assert is_woken(worker)
    assert publish_all(worker) == numbers
    assert column(database, "attempts")[untouched] == 10
    assert set(column(database, "is_held_up").values()) == {False}


def test_what_waits_to_be_replayed_was_not_refused(database):
    for _ in range(2):
        store(database, ANA, **PUBLISHED)
    sum(Replay(customer_id=ANA).run(database))
    told = publishing.waiting(database)
    assert (told.backlog, told.refused) == (2, 0)


def test_a_replay_does_not_hold_up_requests_that_are_no_change_and_they_hold_up_nothing(database, worker):
    kinds = [EXPORT_REQUESTED, UPDATED, EXPORT_REQUESTED, UPDATED]
    numbers = [store(database, ANA, type=kind, **PUBLISHED) for kind in kinds]
    asked = store(database, BEN, type=EXPORT_REQUESTED, **PUBLISHED)
    assert sum(Replay().run(database)) == 5
    assert claimable(worker) == [numbers[1], numbers[0], asked]
    assert publish_all(worker) == [numbers[1], numbers[0], asked, *numbers[2:]]


def test_a_replay_takes_a_time_a_customer_or_both(database):
    old, new = OCCURRED_AT - HOUR, OCCURRED_AT
    rows = [(ANA, old), (ANA, new), (BEN, old), (BEN, new)]
    numbers = [store(database, who, occurred_at=when, **PUBLISHED) for who, when in rows]
    for replay, expected in (
        (Replay(since=new, customer_id=ANA), [1]),
        (Replay(since=new), [1, 3]),
        (Replay(customer_id=BEN), [2, 3]),
        (Replay(), [0, 1, 2, 3]),
        (Replay(since=new + HOUR), []),
        (Replay(customer_id=uuid.UUID(int=9)), []),
    ):
        run(database, "UPDATE event SET published_at = now()")
        assert replay.count(database) == len(expected)
        assert sum(replay.run(database)) == len(expected)
        assert waiting(database) == [numbers[place] for place in expected]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7])
def test_a_replay_in_batches_misses_nothing(database, small_batches, count):
    customers = [ANA, BEN, ANA, ANA, BEN, ANA, ANA][:count]
    numbers = [store(database, customer, **PUBLISHED) for customer in customers]
    assert sum(Replay(since=OCCURRED_AT).run(database)) == count
    assert waiting(database) == numbers


def test_each_batch_has_all_events_of_a_customer_of_which_the_first_goes_first(database, worker, small_batches):
    ana = [store(database, ANA, **PUBLISHED) for _ in range(4)]
    ben = [store(database, BEN, **PUBLISHED) for _ in range(4)]
    replay = Replay(since=OCCURRED_AT).run(database)
    assert (next(replay), waiting(database), claimable(worker)) == (4, ana, ana[:1])
    assert (next(replay), waiting(database), claimable(worker)) == (4, [*ana, *ben], [ana[0], ben[0]])
    assert list(replay) == []


def test_what_is_published_while_a_replay_runs_is_not_replayed(database, small_batches):
    for customer in (ANA, ANA, ANA, BEN):
        store(database, customer, **PUBLISHED)
    replay = Replay(since=OCCURRED_AT).run(database)
    done = next(replay)
    late = store(database, BEN, **PUBLISHED)
    assert done + sum(replay) == 4
    assert late not in waiting(database)


def test_a_replayed_event_keeps_its_id(database):
    sequence = store(database, ANA, **PUBLISHED)
    before = column(database, "id")
    sum(Replay(customer_id=ANA).run(database))
    assert (column(database, "id"), waiting(database)) == (before, [sequence])
