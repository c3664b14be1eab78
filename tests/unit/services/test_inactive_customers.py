"""Customers without an order and without a change go, with all that is kept about them."""

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.services import inactive_customers
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import new_customer
from tests.functional import rows
from tests.functional.ledgers import put
from tests.functional.uploading import keys, upload
from tests.servers import wait_until
from tests.unit.services.retaining import DAY, LATELY, LONG_AGO, NOW, WAITING, age, policy, run


def is_there(admin: Client, customer: dict[str, Any]) -> bool:
    return admin.get(f"/{customer['id']}").status_int == 200


def test_an_inactive_customer_goes_with_all_that_is_kept_about_it(
    admin: Client, internal: Client, customer: dict[str, Any], database: Database, storage: LocalStorage
) -> None:
    upload(admin, customer["id"], Idempotency_Key="a-key")
    admin.post({"content": "likes honey"}, f"/{customer['id']}/notes")
    put(internal, customer, ordered_at=LONG_AGO.isoformat(), updated_at=LONG_AGO.isoformat())
    age(database, customer)
    assert run("inactive customers", database, storage) == 1
    assert not is_there(admin, customer)
    assert keys(storage) == []
    for table in ("customer", "customer_history", "customer_note", "customer_order", "customer_tag"):
        assert rows.count(database, table) == 0
    assert rows.count(database, "idempotency_key") == 0


def test_its_event_follows_the_others_and_names_nobody(
    admin: Client, customer: dict[str, Any], database: Database, storage: LocalStorage
) -> None:
    admin.merge(f"/{customer['id']}", {"full_name": "Somebody Else"})
    age(database, customer)
    run("inactive customers", database, storage)
    assert rows.told(database, customer["id"]) == [
        "CustomerCreatedEvent",
        "CustomerUpdatedEvent",
        "CustomerDeletedEvent",
    ]
    *earlier, last = rows.events(database, customer["id"])
    business = {"business_id": customer["business_id"]}
    assert [event.payload for event in earlier] == [business, business]
    assert (last.payload, last.routing_key) == (business | {"reason": "retention"}, "customers.deleted")
    assert (last.published_at, last.attempts) == (None, 0)


@pytest.mark.parametrize(
    ("changed", "ordered", "stays"),
    [
        (LONG_AGO, None, False),
        (LATELY, None, True),
        (LONG_AGO, LONG_AGO, False),
        (LONG_AGO, LATELY, True),
        (LONG_AGO, NOW + DAY, True),
    ],
)
def test_a_customer_is_inactive_without_an_order_and_without_a_change(
    admin: Client,
    customer: dict[str, Any],
    database: Database,
    storage: LocalStorage,
    changed: datetime.datetime,
    ordered: datetime.datetime | None,
    stays: bool,
) -> None:
    rows.set_history(database, customer["id"], last_order_date=ordered and ordered.date())
    age(database, customer, changed)
    run("inactive customers", database, storage)
    assert is_there(admin, customer) == stays


BOOKED = text("""
INSERT INTO customer_order VALUES (:id, 'B-1', 'booking', 'placed', 10, :ordered, CAST(:recorded AS timestamptz))
""")
NOTED = text("INSERT INTO pending_stats VALUES (:id)")


@pytest.mark.parametrize(("ordered", "stays"), [(LONG_AGO, False), (LATELY, True), (NOW + DAY, True)])
def test_a_booking_counts_as_an_order_does(
    admin: Client,
    customer: dict[str, Any],
    database: Database,
    storage: LocalStorage,
    ordered: datetime.datetime,
    stays: bool,
) -> None:
    age(database, customer)
    write(database, BOOKED, id=customer["id"], ordered=ordered, recorded=LONG_AGO)
    run("inactive customers", database, storage)
    assert is_there(admin, customer) == stays


def test_a_customer_whose_orders_an_import_has_not_counted_yet_stays(
    admin: Client, customer: dict[str, Any], database: Database, storage: LocalStorage
) -> None:
    age(database, customer)
    write(database, NOTED, id=customer["id"])
    run("inactive customers", database, storage)
    assert is_there(admin, customer)


def write(database: Database, statement: Any, **values: Any) -> None:
    with database.session() as session:
        session.execute(statement, values)
        session.commit()


def test_a_customer_that_changes_after_it_was_found_stays(
    admin: Client, internal: Client, database: Database, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [new_customer(internal) for _ in range(3)]
    for one in people:
        age(database, one)
    remove = inactive_customers.customer_removal.remove

    def after_a_change(*arguments: Any, **options: Any) -> Any:
        age(database, people[1], NOW)
        return remove(*arguments, **options)

    monkeypatch.setattr(inactive_customers.customer_removal, "remove", after_a_change)
    assert sum(policy("inactive customers", database, storage).remove(NOW)) == 2
    assert [is_there(admin, one) for one in people] == [False, True, False]


def test_a_run_that_is_left_between_two_batches_is_finished_by_the_next(
    internal: Client, database: Database, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inactive_customers, "BATCH", 2)
    people = [new_customer(internal) for _ in range(5)]
    for one in people:
        age(database, one)
    assert next(policy("inactive customers", database, storage).remove(NOW)) == 2
    assert rows.count(database, "customer") == 3
    assert run("inactive customers", database, storage) == 3
    deleted = [rows.told(database, one["id"])[-1] for one in people]
    assert deleted == ["CustomerDeletedEvent"] * 5


def test_what_another_transaction_wrote_of_an_inactive_customer_is_waited_for(
    committing_database: Database, committing_app: Client, shared_storage: LocalStorage
) -> None:
    """A change that is under way when the customer is found saves it."""
    made = new_customer(committing_app.as_("internal_service"))
    rows.set_customer(committing_database, made["id"], updated_at=LONG_AGO)
    remove = policy("inactive customers", committing_database, shared_storage).remove(NOW)
    with committing_database.session() as session, ThreadPoolExecutor(1) as pool:
        change = rows.text("UPDATE customer SET updated_at = now() WHERE id = :id")
        session.execute(change, {"id": uuid.UUID(made["id"])})
        removed = pool.submit(lambda: sum(remove))
        wait_until(lambda: bool(committing_database.read(rows.text(WAITING))), 10, "the removal to wait")
        session.commit()
        assert removed.result(20) == 0
    assert committing_app.as_("admin").get(f"/{made['id']}").status_int == 200
