"""One tag on or off many customers, or one in the place of another."""

import datetime
import uuid
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bee_customers.db.transaction import Transaction
from bee_customers.errors import TagNotFound
from bee_customers.events.outbox import CREATED, UPDATED
from bee_customers.services import bulk_tags, tag_moves
from bee_customers.services.bulk_changes import Acting
from bee_customers.services.bulk_tags import Swap
from bee_customers.services.rules import TAGS_MOST
from tests.factories import new_customer
from tests.functional import rows
from tests.functional.crowd import another
from tests.functional.tagging import attach, carried, detach
from tests.operations.ledger_rows import NOW

ACTING = Acting(actor="ana", trace_id="t-1")
NAMES = ["VIP", "b2b", "Ärzte", "new"]
modest = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def tag_id(database, name):
    return name and tag_moves.find(database, name).id


def ids(customers):
    return [uuid.UUID(customer["id"]) for customer in customers]


def swap(database, customers, on=None, off=None, acting=ACTING):
    transaction = database.transaction()
    wanted = Swap(on=tag_id(database, on), off=tag_id(database, off))
    foreseen = bulk_tags.preview(database, ids(customers), wanted)
    done = bulk_tags.carry_out(transaction, ids(customers), wanted, acting, lambda: NOW)
    transaction.commit()
    assert done == foreseen
    return done


@pytest.fixture
def catalogue(database):
    for name in NAMES:
        tag_moves.create(database, name, None)


@given(
    before=st.lists(st.sets(st.sampled_from(NAMES)), min_size=1, max_size=5),
    on=st.sampled_from([*NAMES, None]),
    off=st.sampled_from([*NAMES, None]),
)
@modest
def test_each_ends_with_what_sets_say_and_is_told_of_once(admin, internal, database, catalogue, before, on, off):
    if on == off:
        return
    customers = [new_customer(internal, tags=sorted(tags)) for tags in before]
    done = swap(database, customers, on, off)
    changes = 0
    for customer, tags in zip(customers, before, strict=True):
        is_meant = off in tags if off else on not in tags
        after = (tags | {on} if on else tags) - {off} if is_meant else tags
        document = admin.get(f"/{customer['id']}").json
        assert set(document["tags"]) == after
        told = rows.events(database, customer["id"])[1:]
        assert [event.payload["changes"] for event in told] == ([{"tags": document["tags"]}] if is_meant else [])
        assert document["version"] == 1 + is_meant
        changes += is_meant
    assert (done.asked, done.changed, done.full, done.missing) == (len(customers), changes, (), ())


@pytest.mark.parametrize("name", ["VIP", "Ärzte"])
def test_the_event_is_the_one_that_the_api_writes(admin, internal, database, catalogue, name):
    one, other = (new_customer(internal, tags=["b2b", "new"]) for _ in range(2))
    attach(admin, one, name)
    swap(database, [other], on=name)
    detach(admin, one, "b2b")
    swap(database, [other], off="b2b")
    names = ("type", "routing_key", "customer_version", "payload", "published_at", "attempts", "traceparent")
    told = [
        [tuple(getattr(event, name) for name in names) for event in rows.events(database, customer["id"])[1:]]
        for customer in (one, other)
    ]
    assert told[0] == told[1]


def test_version_time_actor_and_trace(admin, internal, database, catalogue, customer):
    swap(database, [customer], on="new")
    document = admin.get(f"/{customer['id']}").json
    assert (document["version"], document["updated_at"]) == (2, "2026-05-01T08:30:00Z")
    event = rows.events(database, customer["id"])[-1]
    assert (event.actor, event.trace_id, event.occurred_at, event.id.version) == ("ana", "t-1", NOW, 7)


def test_who_takes_the_place_of_another_tag_has_been_there_as_long(internal, database, catalogue, customer):
    since = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    with database.session() as session:
        session.execute(text("UPDATE customer_tag SET created_at = :since"), {"since": since})
        session.commit()
    swap(database, [customer], on="new", off="VIP")
    with database.session() as session:
        assert session.scalars(text("SELECT created_at FROM customer_tag")).all() == [since]


def test_who_has_no_room_is_named_and_left_and_all_others_are_not(admin, internal, database, catalogue):
    many = [f"tag {number}" for number in range(TAGS_MOST)]
    full, almost = new_customer(internal, tags=many), new_customer(internal, tags=many[1:])
    done = swap(database, [full, almost], on="new")
    assert (done.changed, done.full) == (1, (full["id"],))
    assert len(carried(admin, full)) == len(carried(admin, almost)) == TAGS_MOST
    assert swap(database, [full], on="tag 0").full == ()
    assert swap(database, [full], on="new", off="tag 0").changed == 1
    assert "new" in carried(admin, full)


def test_who_is_not_there_is_named(database, catalogue, customer):
    nobody = {"id": str(uuid.uuid4())}
    done = swap(database, [customer, nobody], on="new")
    assert (done.asked, done.changed, done.missing) == (2, 1, (nobody["id"],))


def test_without_events_the_version_moves_all_the_same(admin, database, catalogue, customer):
    swap(database, [customer], on="new", acting=Acting(actor="ana", with_events=False))
    assert admin.get(f"/{customer['id']}").json["version"] == 2
    assert rows.told(database, customer["id"]) == [CREATED]


def test_it_takes_three_statements_however_many_customers(internal, database, catalogue, monkeypatch):
    customers = [new_customer(internal) for _ in range(9)]
    wanted = Swap(on=tag_id(database, "new"))
    sent, real = [], Transaction._send
    monkeypatch.setattr(Transaction, "_send", lambda self, *rest: sent.append(1) or real(self, *rest))
    transaction = database.transaction()
    assert bulk_tags.carry_out(transaction, ids(customers), wanted, ACTING).changed == 9
    assert len(sent) == 3
    transaction.rollback()


def test_a_tag_that_has_left_the_catalogue_is_no_longer_put_on(database, customer):
    with pytest.raises(TagNotFound):
        bulk_tags.carry_out(database.transaction(), ids([customer]), Swap(on=uuid.uuid4()), ACTING)


@pytest.mark.usefixtures("no_deadlock")
def test_a_change_that_is_under_way_is_waited_for_and_kept(committing_app, committing_database, elsewhere):
    admin, internal = committing_app.as_("admin"), committing_app.as_("internal_service")
    customer = new_customer(internal, tags=["VIP", "b2b"])
    tag_moves.create(committing_database, "new", None)
    with committing_database.session() as session:
        key = {"id": uuid.UUID(customer["id"])}
        session.execute(text("SELECT id FROM customer WHERE id = :id FOR UPDATE"), key)
        waiting = elsewhere.do_until_it_waits(partial(swap, committing_database, [customer], "new", None))
        session.execute(text("DELETE FROM customer_tag WHERE tag_id = (SELECT id FROM tag WHERE name = 'b2b')"))
        session.commit()
    waiting.result(20)
    assert carried(another(admin), customer) == ["new", "VIP"]
    told = rows.events(committing_database, customer["id"])[-1]
    assert (told.type, told.payload["changes"]) == (UPDATED, {"tags": ["new", "VIP"]})
