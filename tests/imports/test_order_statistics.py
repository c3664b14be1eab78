"""Statistics after an import of orders: exact, also while single orders arrive."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.services.bulk_changes import Acting
from bee_customers.services.pending_stats import PendingStats, before_noting
from tests.client import Client
from tests.factories import BUSINESS, new_customer
from tests.functional.ledgers import aggregates, put, recount
from tests.imports import files, importing
from tests.servers import wait_until

WRITTEN = text("""
INSERT INTO customer_order (customer_id, order_id, kind, status, amount, ordered_at, updated_at)
VALUES (:id, :order_id, 'order', 'completed', :amount, '2025-05-01Z', '2025-05-01Z')
""")
NOTED = text("INSERT INTO pending_stats VALUES (:id) ON CONFLICT DO NOTHING")


@pytest.fixture
def internal(committing_app: Client) -> Client:
    return committing_app.as_("internal_service")


def in_bulk(database: Database, customer_id: str, order_id: str = "B-1", amount: str = "7.00") -> None:
    """An entry as an import leaves it before the statistics follow."""
    with database.session() as session:
        values = {"id": uuid.UUID(customer_id), "order_id": order_id, "amount": amount}
        session.execute(WRITTEN, values)
        session.execute(NOTED, values)
        session.commit()


def pending(database: Database) -> PendingStats:
    return PendingStats(database=database, acting=Acting(actor="a test"))


def test_an_order_that_cancels_one_not_counted_yet_is_counted_anew(
    internal: Client, committing_database: Database
) -> None:
    customer = new_customer(internal)
    in_bulk(committing_database, customer["id"])
    in_bulk(committing_database, customer["id"], "B-2")
    reply = put(internal, customer, "B-1", status="cancelled")
    assert reply.status_int == 200
    assert aggregates(committing_database, customer["id"]) == recount(committing_database, customer["id"])


def test_an_order_whose_customer_is_behind_and_past_what_can_be_kept_is_refused(
    internal: Client, committing_database: Database
) -> None:
    customer = new_customer(internal)
    in_bulk(committing_database, customer["id"], amount="999999999999.99")
    assert put(internal, customer, "B-2").status_int == 422


def test_a_ledger_past_what_can_be_kept_does_not_hold_up_the_others(
    internal: Client, committing_database: Database
) -> None:
    rich, usual = new_customer(internal), new_customer(internal)
    for order_id in ("B-1", "B-2"):
        in_bulk(committing_database, rich["id"], order_id, "999999999999.99")
        in_bulk(committing_database, usual["id"], order_id)
    assert pending(committing_database).set_right(lambda _: None, lambda: False)
    assert pending(committing_database).count() == 0
    assert aggregates(committing_database, usual["id"])[0] == 2
    assert aggregates(committing_database, rich["id"])[0] == 0


def test_statistics_asked_to_stop_are_left_for_the_next_time(
    internal: Client, committing_database: Database
) -> None:
    in_bulk(committing_database, new_customer(internal)["id"])
    assert not pending(committing_database).set_right(lambda _: None, lambda: True)
    assert pending(committing_database).count() == 1


def test_who_is_noted_is_taken_up_only_when_the_newest_entries_are_committed(
    internal: Client, committing_database: Database
) -> None:
    customer = new_customer(internal)
    in_bulk(committing_database, customer["id"])
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'import_run'::regclass")
    transaction = committing_database.transaction()
    before_noting(transaction)
    values = {"id": uuid.UUID(customer["id"]), "order_id": "B-2", "amount": "5.00"}
    transaction.run(WRITTEN, values)
    transaction.run(NOTED, values)
    with ThreadPoolExecutor(1) as other:
        done = other.submit(pending(committing_database).set_right, lambda _: None, lambda: False)
        wait_until(lambda: committing_database.read(waiting)[0][0] == 1, 10, "the other to wait")
        transaction.commit()
        assert done.result(10)
    assert aggregates(committing_database, customer["id"]) == recount(committing_database, customer["id"])


def test_statistics_are_exact_when_single_orders_arrive_during_an_import(
    internal: Client, committing_database: Database, tmp_path: Path
) -> None:
    customers = [new_customer(internal, user_id=files.user(number)) for number in range(12)]
    rows = [
        [
            *(BUSINESS, files.user(number % 12), f"S-{number % 90}", "order", "completed", "3.00"),
            *("2025-05-01T10:00:00Z", f"2025-06-01T10:00:{number % 60:02}Z"),
        ]
        for number in range(600)
    ]
    path = files.write_csv(tmp_path / "orders.csv", files.ORDER_HEADER, rows)
    is_over = threading.Event()
    statuses: set[int] = set()

    def keep_writing(first: int) -> None:
        number = first
        while not is_over.is_set():
            number += 1
            status = ("completed", "cancelled", "returned")[number // 12 % 3]
            reply = put(internal, customers[number % 12], f"S-{number % 90}", status=status)
            statuses.add(reply.status_int)

    threads = [threading.Thread(target=keep_writing, args=(first,)) for first in (0, 40)]
    for thread in threads:
        thread.start()
    try:
        for again in range(3):
            assert importing.run(committing_database, path, "orders", batch=40 + again).is_complete
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert statuses <= {200, 201}
    for customer in customers:
        expected = recount(committing_database, customer["id"])
        assert expected[0] > 0
        assert aggregates(committing_database, customer["id"]) == expected


def test_orders_that_name_their_customer_are_found_out_where_one_comes_twice_or_belongs_to_nobody(
    internal: Client, committing_database: Database, tmp_path: Path
) -> None:
    known, unknown = new_customer(internal)["id"], files.user(7)
    times = ["2025-05-01T10:00:00Z", "2025-06-01T10:00:00Z"]
    rows = [
        [known, "S-1", "order", "placed", "3.00", *times],
        [known, "S-1", "order", "completed", "3.00", *times],
        [unknown, "S-2", "order", "completed", "3.00", *times],
        [known, "S-3", "booking", "completed", "4.50", *times],
    ]
    header = ("customer_id", *files.ORDER_HEADER[2:])
    path = files.write_csv(tmp_path / "orders.csv", header, rows)
    heard = importing.Heard()
    counts = importing.run(committing_database, path, "orders", heard=heard).counts
    assert (counts["created"], counts["updated"], counts["rejected"]) == (2, 1, 1)
    assert [reject.line for reject in heard.rejects] == [4]
    assert aggregates(committing_database, known) == recount(committing_database, known)
    assert str(aggregates(committing_database, known)[3]) == "7.50"
