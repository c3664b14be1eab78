"""The law of the ledger: aggregates equal a recount of its rows, whatever arrives, in whatever order"""

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bee_customers.db.engine import Database
from bee_customers.models import ORDER_KINDS, ORDER_STATUSES
from tests.client import Client
from tests.factories import new_customer
from tests.functional import rows
from tests.functional.ledgers import aggregates, put, recount

Put = dict[str, Any]
# The fixtures hold nothing that one example could leave to the next: each has its own customer.
modest = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
times = st.builds(
    "2026-{:02}-{:02}T{:02}:30:00{}".format,
    st.integers(1, 3),
    st.integers(1, 28),
    st.integers(0, 23),
    st.sampled_from(["Z", "+14:00", "-12:00"]),
)
amounts = st.builds("{}.{:02}".format, st.integers(0, 99_999), st.integers(0, 99))
puts = st.fixed_dictionaries(
    {
        # few ids, so that entries are written again and again
        "order_id": st.sampled_from(["A", "B", "C"]),
        "kind": st.sampled_from(ORDER_KINDS),
        "status": st.sampled_from(ORDER_STATUSES),
        "amount": amounts,
        "ordered_at": times,
        "updated_at": st.builds("2026-06-01T00:00:{:02}Z".format, st.integers(0, 9)),
    }
)


def shown(admin: Client, customer: dict[str, Any]) -> list[Any]:
    """All that is told of the ledger; the order in which equal times arrived is not part of it."""
    entries = sorted(admin.get(f"/{customer['id']}/orders").json, key=lambda entry: str(entry["order_id"]))
    stats = admin.get(f"/{customer['id']}/stats").json
    return [entries, {name: value for name, value in stats.items() if name != "computed_at"}]


@given(sent=st.lists(puts, max_size=12), repeats=st.lists(st.integers(0, 11), max_size=4))
@modest
def test_aggregates_equal_a_recount_at_every_moment(
    internal: Client, database: Database, sent: list[Put], repeats: list[int]
) -> None:
    customer = new_customer(internal)
    version, before = 1, aggregates(database, customer["id"])
    for entry in sent + [sent[index % len(sent)] for index in repeats if sent]:
        reply = put(internal, customer, **entry)
        assert reply.status_int in (200, 201), reply.body
        after = aggregates(database, customer["id"])
        assert after == recount(database, customer["id"])
        version, before = version + (after != before), after
        told = rows.events(database, customer["id"])
        assert [event.customer_version for event in told] == list(range(1, version + 1))


@given(sent=st.lists(puts, min_size=2, max_size=8), shuffle=st.randoms(use_true_random=False))
@modest
def test_any_order_of_arrival_ends_alike(
    admin: Client, internal: Client, database: Database, sent: list[Put], shuffle: random.Random
) -> None:
    distinct = [entry | {"updated_at": f"2026-06-01T00:00:{n:02}Z"} for n, entry in enumerate(sent)]
    ends = []
    for arrival in (distinct, shuffle.sample(distinct, len(distinct)), distinct[::-1]):
        customer = new_customer(internal)
        for entry in arrival:
            put(internal, customer, **entry)
        assert aggregates(database, customer["id"]) == recount(database, customer["id"])
        ends.append(shown(admin, customer))
    assert ends[0] == ends[1] == ends[2]
    newest = {entry["order_id"]: entry["updated_at"] for entry in distinct}
    assert {entry["order_id"]: entry["updated_at"] for entry in ends[0][0]} == newest
