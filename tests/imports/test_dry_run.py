"""A dry run tells exactly what the run then does; and how a file is cut into batches makes no difference."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bee_customers.errors import DomainError
from tests.factories import BUSINESS, OTHER_BUSINESS
from tests.imports.desk import Desk, own_id, row, user

# So few of each that rows meet.
_IDS = [own_id(number) for number in range(3)]
_USERS = [user(number) for number in range(3)]
_EMAILS = ["a@example.com", "A@Example.com", "b@example.com", "c@example.com", "no address"]
_TAGS = st.lists(st.sampled_from(["x", "y", "z", "w"]), max_size=3)
_MISSING = st.just(...)
CUSTOMERS = st.fixed_dictionaries(
    {
        "id": _MISSING | _MISSING | st.sampled_from(_IDS),
        "user_id": _MISSING | st.sampled_from(_USERS),
        "business_id": st.sampled_from([BUSINESS, BUSINESS, BUSINESS, OTHER_BUSINESS, ...]),
        "full_name": st.sampled_from(["Ana", "Ion", "Eva", "Ana", ..., None]),
        "email": _MISSING | st.none() | st.sampled_from(_EMAILS),
        "phone": st.sampled_from([..., None, "+40722123456", "0"]),
        "gender": st.sampled_from([..., None, "male", "female"]),
        "tags": _MISSING | st.none() | _TAGS,
        "created_at": st.sampled_from([..., ..., "2020-01-01T00:00:00Z"]),
    }
).map(lambda fields: {name: value for name, value in fields.items() if value is not ...})
ORDERS = st.fixed_dictionaries(
    {
        "customer_id": _MISSING | st.sampled_from(_IDS),
        "user_id": _MISSING | st.sampled_from(_USERS),
        "business_id": st.sampled_from([BUSINESS, BUSINESS, OTHER_BUSINESS, ...]),
        "email": _MISSING | st.sampled_from(_EMAILS),
        "order_id": st.sampled_from(["A", "B", "A B"]),
        "kind": st.sampled_from(["order", "booking"]),
        "status": st.sampled_from(["placed", "completed", "cancelled"]),
        "amount": st.sampled_from(["1", "1.00", "2.50", "-1"]),
        "ordered_at": st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]),
        "updated_at": st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]),
    }
).map(lambda fields: {name: value for name, value in fields.items() if value is not ...})
CONFLICTS = st.sampled_from(["skip", "update", "update", "fail"])
LAW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    # an example takes long, and there is not much to be made simpler of it
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def desk(real_desk: Desk) -> Desk:
    return real_desk


def bring(desk: Desk, rows: Any, kind: str, **options: Any) -> tuple[dict[str, int], list[str]]:
    """What an import says of itself: its counts and refusals, or why it stopped."""
    try:
        done = desk.bring(rows, kind, **options)
    except DomainError as error:
        # how far it came depends on the batches, and a dry run comes nowhere
        return {}, [str(error).partition(";")[0].rpartition(", ")[2]]
    return done.counts, done.told


def state(desk: Desk) -> Any:
    """All that there is, without ids and times of now."""
    people = [
        {name: value for name, value in one.items() if name not in ("id", "updated_at", "created_at")}
        | {"is_old": one["created_at"].year == 2020}
        for one in desk.people()
    ]
    numbers = {one["id"]: str(number) for number, one in enumerate(desk.people())}
    events = [
        (numbers.get(one["customer_id"]), one["customer_version"], one["type"], str(one["payload"]))
        for one in desk.events()
    ]
    orders = [one | {"customer_id": numbers[one["customer_id"]]} for one in desk.orders()]
    return people, sorted(events, key=str), sorted(orders, key=str), desk.tags()


@LAW
@given(there=st.lists(CUSTOMERS, max_size=4), rows=st.lists(CUSTOMERS, max_size=12), on_conflict=CONFLICTS,
       batch=st.sampled_from([1, 2, 1000]))  # fmt: skip
def test_of_customers(desk: Desk, there: Any, rows: Any, on_conflict: str, batch: int) -> None:
    desk.clear()
    desk.bring(there or [row(0)], on_conflict="update", batch=1)
    before = desk.everything()
    options = {"on_conflict": on_conflict, "batch": batch}
    told = bring(desk, rows or [row(0)], "customers", is_dry_run=True, **options)
    assert desk.everything() == before
    assert told == bring(desk, rows or [row(0)], "customers", **options)


@LAW
@given(there=st.lists(ORDERS, max_size=4), rows=st.lists(ORDERS, max_size=12), on_conflict=CONFLICTS,
       batch=st.sampled_from([1, 2, 1000]))  # fmt: skip
def test_of_orders(desk: Desk, there: Any, rows: Any, on_conflict: str, batch: int) -> None:
    desk.clear()
    desk.bring([row(number, id=_IDS[number], email=_EMAILS[number]) for number in range(3)])
    desk.bring(there or [{}], "orders")
    before = desk.everything()
    options = {"on_conflict": on_conflict, "batch": batch}
    told = bring(desk, rows or [{}], "orders", is_dry_run=True, **options)
    assert desk.everything() == before
    assert told == bring(desk, rows or [{}], "orders", **options)


@LAW
@given(there=st.lists(CUSTOMERS, max_size=4), rows=st.lists(CUSTOMERS, min_size=1, max_size=12),
       on_conflict=st.sampled_from(["skip", "update"]))  # fmt: skip
def test_batches_of_customers(desk: Desk, there: Any, rows: Any, on_conflict: str) -> None:
    ends = []
    for batch in (1, 1000):
        desk.clear()
        desk.bring(there or [row(0)], on_conflict="update", batch=1)
        ends.append((bring(desk, rows, "customers", on_conflict=on_conflict, batch=batch), state(desk)))
    assert ends[0] == ends[1]


@LAW
@given(rows=st.lists(ORDERS, min_size=1, max_size=16), on_conflict=st.sampled_from(["skip", "update"]))
def test_batches_of_orders(desk: Desk, rows: Any, on_conflict: str) -> None:
    ends = []
    for batch in (1, 1000):
        desk.clear()
        desk.bring([row(number, id=_IDS[number], email=_EMAILS[number]) for number in range(3)])
        ends.append((bring(desk, rows, "orders", on_conflict=on_conflict, batch=batch), desk.orders()))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("batch", [1, 1000])
def test_one_address_of_more_than_two(desk: Desk, batch: int) -> None:
    desk.bring([row(number, id=_IDS[number], email="info@example.com") for number in range(3)])
    rows = [{"id": one, "email": f"{one}@example.com"} for one in _IDS]
    for cut in range(3):
        taken = [*rows[:cut], row(user_id=..., email="info@example.com", full_name="Ana")]
        options = {"on_conflict": "update", "batch": batch}
        told = bring(desk, taken, "customers", is_dry_run=True, **options)
        assert told == bring(desk, taken, "customers", **options)
        assert told[1] == [] if cut == 2 else len(told[1]) == 1
