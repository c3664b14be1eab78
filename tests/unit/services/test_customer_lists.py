"""What pages of customers are found by, as PostgreSQL's planner tells it."""

import decimal
from typing import Any

import pytest

from bee_customers.services import customer_lists
from bee_customers.services.access import Scope
from bee_customers.services.customer_lists import Filters
from tests.functional import rows

COVERING = ("ix_customer_lifetime_value_total_orders", "ix_customer_total_orders_lifetime_value")
WORTH = decimal.Decimal(10)
BY_WORTH_OR_ORDERS = [{"min_lifetime_value": WORTH}, {"max_lifetime_value": WORTH}, {"min_orders": 3}]


def scans(node):
    if "Index Name" in node:
        yield node["Index Name"], node["Node Type"]
    for below in node.get("Plans", []):
        yield from scans(below)


@pytest.fixture
def plan(database, monkeypatch):
    """Of a page: by which kind of scan each index is used, where tables are too large to be read."""
    rows.run(database, "SET LOCAL enable_seqscan = off")
    rows.run(database, "SET LOCAL enable_bitmapscan = off")

    def of_page(sort, **filters):
        plans: list[dict[str, Any]] = []
        monkeypatch.setattr(database, "read", lambda *it: plans.append(database.explain(*it)) or [])
        customer_lists.list_page(database, Scope(businesses=None), Filters(**filters), sort, 50, None)
        return dict(scans(plans[0]))

    return of_page


@pytest.mark.parametrize("sort", ["lifetime_value", "-lifetime_value", "total_orders", "-total_orders"])
@pytest.mark.parametrize("filters", BY_WORTH_OR_ORDERS)
def test_who_is_filtered_and_sorted_by_worth_and_orders_is_found_in_an_index(plan, sort, filters):
    used = plan(sort, **filters)
    assert [used[index] for index in COVERING if index in used] == ["Index Only Scan"]


@pytest.mark.parametrize("gender", ["other", "unspecified"])
def test_genders_that_few_have_are_found_in_an_index(plan, gender):
    assert "ix_customer_rare_gender" in plan("-created_at", gender=gender)
