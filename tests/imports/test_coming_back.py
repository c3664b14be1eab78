"""A customer who was deleted and comes back with its id goes on with its versions."""

import datetime
from typing import Any

import pytest

from bee_customers.services import retention
from bee_customers.settings import load
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.imports.desk import Desk, own_id, row

DAY = datetime.timedelta(days=1)


@pytest.fixture
def gone(desk: Desk, admin: Client) -> str:
    """One who was changed twice and then deleted: its last version is 4."""
    desk.bring([row(1, id=own_id(1)), row(2, id=own_id(2))])
    for name in ("Ana", "Eva"):
        admin.merge(f"/{own_id(1)}", {"full_name": name})
    admin.delete(f"/{own_id(1)}")
    return own_id(1)


def versions(desk: Desk, customer_id: str) -> list[tuple[str, int]]:
    told = [event for event in desk.events() if event["customer_id"] == customer_id]
    return [(event["type"], event["customer_version"]) for event in told]


def of(desk: Desk, customer_id: str) -> dict[str, Any]:
    (person,) = [person for person in desk.people() if person["id"] == customer_id]
    return person


@pytest.mark.parametrize("on_conflict", ["skip", "update", "fail"])
def test_its_versions_go_on(on_conflict: str, desk: Desk, gone: str) -> None:
    assert desk.bring([row(1, id=gone), row(7)], on_conflict=on_conflict).counts == {"created": 2}
    assert of(desk, gone)["version"] == 5
    assert versions(desk, gone)[-2:] == [("CustomerDeletedEvent", 4), ("CustomerCreatedEvent", 5)]
    (other,) = [person for person in desk.people() if person["user_id"] == row(7)["user_id"]]
    assert (other["version"], versions(desk, other["id"])) == (1, [("CustomerCreatedEvent", 1)])


def test_and_then_each_change_is_above_the_one_before(desk: Desk, gone: str) -> None:
    rows = [row(1, id=gone), row(1, id=gone, full_name="Ion")]
    assert desk.bring(rows, on_conflict="update").counts == {"created": 1, "updated": 1}
    assert [version for _, version in versions(desk, gone)] == [1, 2, 3, 4, 5, 6]


def test_without_events_its_versions_go_on_too(desk: Desk, gone: str) -> None:
    desk.bring([row(1, id=gone)], with_events=False)
    assert of(desk, gone)["version"] == 5


def test_a_dry_run_says_the_same(desk: Desk, gone: str) -> None:
    assert desk.bring([row(1, id=gone)], is_dry_run=True).counts == {"created": 1}


@pytest.mark.parametrize(("reason", "left"), [("deleted", 1), ("retention", 1), ("erasure", 0)])
def test_retention_leaves_what_says_how_far_it_was(
    reason: str, left: int, desk: Desk, gone: str, shared_storage: LocalStorage
) -> None:
    """Who was erased does not come back by its id, and nothing is kept for that."""
    desk.do(
        "UPDATE event SET published_at = occurred_at, payload = CASE type WHEN 'CustomerDeletedEvent' "
        "THEN jsonb_set(payload, '{reason}', to_jsonb(CAST(:reason AS text))) ELSE payload END",
        reason=reason,
    )
    policies = retention.policies(desk.database, shared_storage, load({}, {}))
    (policy,) = [each for each in policies if each.name == "published events"]
    later = datetime.datetime.now(datetime.UTC) + 400 * DAY
    due = policy.count(later)
    assert sum(policy.remove(later)) == due == 5 - left
    assert versions(desk, gone) == [("CustomerDeletedEvent", 4)] * left
    desk.bring([row(1, id=gone)])
    assert of(desk, gone)["version"] == (5 if left else 1)
