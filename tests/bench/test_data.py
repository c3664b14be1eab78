"""The rows that the benchmark makes, and that each run begins with the same ones."""

import pytest

from bee_customers.services.rules import TAGS_MOST
from bench import data, names, pools
from bench.checks import NothingWritten, WrongData, check_aggregates, check_keys, check_written
from bench.data import EXTREMES, FEW, MANY, connected
from tests.bench.conftest import CUSTOMERS

FINGERPRINT = """
SELECT
    (SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM customer_tag AS t),
    (SELECT md5(string_agg(h::text, ',' ORDER BY h::text)) FROM customer_history AS h),
    (SELECT md5(string_agg(o::text, ',' ORDER BY o::text)) FROM customer_order AS o),
    (SELECT md5(string_agg(c::text, ',' ORDER BY c::text))
        FROM (SELECT id, total_orders, lifetime_value, avatar_url FROM customer) AS c),
    (SELECT count(*) FROM event)
"""
LATER = "2026-06-01Z"


@pytest.fixture(scope="module", autouse=True)
def as_at_first(made, postgres):
    """Other files of tests may have written."""
    data.prepare(postgres.url, CUSTOMERS)


@pytest.fixture
def cursor(made):
    with connected(made) as cursor:
        cursor.execute("BEGIN")
        yield cursor
        cursor.execute("ROLLBACK")


def one(cursor, query, *parameters):
    cursor.execute(query, parameters)
    return cursor.fetchone()


def test_the_long_and_the_short_history_come_beside_the_others(cursor):
    assert one(cursor, "SELECT count(*) FROM customer WHERE created_at > '2023-01-01Z'") == (CUSTOMERS,)
    for entries in (MANY, FEW):
        for table in ("customer_order", "customer_note"):
            counted = one(cursor, f"SELECT count(*) FROM {table} WHERE customer_id = %s", EXTREMES[entries])
            assert counted == (entries,)


def test_every_tag_can_be_attached_to_every_customer(cursor):
    carried = one(cursor, "SELECT max(n) FROM (SELECT count(*) AS n FROM customer_tag GROUP BY customer_id) AS c")
    assert carried[0] + len(names.labels()) <= TAGS_MOST
    assert one(cursor, "SELECT count(*) FROM tag") == (len(names.tags()) + len(names.labels()),)


def test_orders_are_recorded_where_the_aggregates_agree_with_an_empty_ledger(cursor, drawn):
    ids = [path.rpartition("/")[2] for path in pools.first_lines(drawn.without_orders, CUSTOMERS)]
    query = """SELECT count(*), count(DISTINCT customer_id) FROM customer JOIN customer_history ON customer_id = id
        WHERE id = ANY (%s::uuid[]) AND total_orders + total_bookings + returned_orders + lifetime_value = 0
        AND first_order_date IS NULL AND id NOT IN (SELECT customer_id FROM customer_order)"""
    assert one(cursor, query, ids) == (len(ids), len(ids))
    assert len(ids) > CUSTOMERS / 4


def test_notes_are_read_of_customers_who_have_a_few(cursor, drawn):
    paths = pools.first_lines(drawn.notes, CUSTOMERS)
    assert len(paths) > CUSTOMERS / 20
    assert f"/v1/customers/{EXTREMES[MANY]}/notes" not in paths
    for path in paths[:20]:
        (count,) = one(cursor, "SELECT count(*) FROM customer_note WHERE customer_id = %s", path.split("/")[3])
        assert 1 <= count <= 5


@pytest.mark.parametrize("column", ["total_bookings", "returned_orders", "first_order_date"])
def test_aggregates_that_differ_from_their_ledger_are_found(cursor, column):
    check_aggregates(cursor, [EXTREMES[FEW]])
    cursor.execute(f"UPDATE customer_history SET {column} = {column} + 1 WHERE customer_id = %s", (EXTREMES[FEW],))
    with pytest.raises(WrongData):
        check_aggregates(cursor, [EXTREMES[FEW]])


def test_keys_that_differ_from_the_services_are_found(cursor):
    check_keys(cursor)
    cursor.execute("UPDATE customer SET name_key = name_key || 'x'")
    with pytest.raises(WrongData):
        check_keys(cursor)


def test_the_next_run_begins_with_the_same_rows(made, postgres, drawn):
    customer = pools.first_line(drawn.without_orders).rpartition("/")[2]
    with connected(made) as cursor:
        before = one(cursor, FINGERPRINT)
        leave_what_a_run_leaves(cursor, customer)
        assert all(now != then for now, then in zip(one(cursor, FINGERPRINT), before, strict=True))
        assert data.prepare(postgres.url, CUSTOMERS) == made
        assert one(cursor, FINGERPRINT) == (*before[:4], 0)


def leave_what_a_run_leaves(cursor, customer):
    for statement in (
        "UPDATE customer SET total_orders = 1, lifetime_value = 5, avatar_url = '/media/x' WHERE id = %(id)s",
        "UPDATE customer_history SET last_order_date = %(at)s WHERE customer_id = %(id)s",
        "INSERT INTO customer_order VALUES (%(id)s, 'bench-1', 'order', 'completed', 5, %(at)s, %(at)s)",
        "INSERT INTO customer_tag SELECT %(id)s, id, %(at)s FROM tag WHERE name = 'Campania 7'",
        """INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, actor,
            occurred_at) VALUES (gen_random_uuid(), 'CustomerUpdatedEvent', 'customers.updated', %(id)s, 2, '{}',
            '', '', %(at)s)""",
    ):
        cursor.execute(statement, {"id": customer, "at": LATER})


@pytest.mark.parametrize(("events", "is_well"), [(1000, True), (990, True), (989, False), (0, False)])
def test_a_workload_that_writes_nothing_is_found(events, is_well):
    if is_well:
        check_written("attach", 1000, events)
    else:
        with pytest.raises(NothingWritten, match="attach"):
            check_written("attach", 1000, events)
