"""What is asked of both web processes, and the bound of each workload."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from bench.load import Script
from bench.pools import Pools, first_line, first_lines
from bench.web import bearer


@dataclasses.dataclass(frozen=True)
class Example:
    """One request of a workload, made before the load to see that the reply is right.

    UNIQUE in the path or body is a UUID that is new each time. `varying` fields differ between two replies
    to the same question.
    """

    method: str
    path: str
    status: int
    content_type: str = "application/json"
    body: Any = None
    varying: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    script: Script
    example: Example
    least_ratio: float

    @property
    def writes(self) -> bool:
        return self.example.method != "GET"


def all_of(pools: Pools) -> Iterator[Workload]:
    yield from _reads(pools)
    yield from _writes_of_profiles(pools)
    yield _attach(pools)
    yield _order(pools)


def _reads(pools: Pools) -> Iterator[Workload]:
    moment = frozenset({"computed_at"})
    for name, pool, varying, bound in (
        ("get", pools.customers, frozenset[str](), 0.5),
        ("list", pools.lists, frozenset[str](), 0.5),
        ("stats", pools.stats, moment, 0.4),
        ("notes", pools.notes, frozenset[str](), 0.4),
    ):
        example = Example("GET", first_line(pool), 200, varying=varying)
        yield Workload(name, Script("get", bearer("admin"), (pool,)), example, bound)


def _writes_of_profiles(pools: Pools) -> Iterator[Workload]:
    admin, internal = bearer("admin"), bearer("internal_service")
    yield Workload(
        "create",
        Script("create", internal, (pools.businesses, pools.full_names)),
        Example("POST", "/v1/customers", 201, body=_new_customer(first_line(pools.businesses))),
        0.4,
    )
    patch = [{"op": "replace", "path": "/full_name", "value": "Ștefania Bălan"}]
    yield Workload(
        "patch",
        Script("patch", admin, (pools.customers, pools.full_names)),
        Example("PATCH", first_line(pools.customers), 200, "application/json-patch+json", patch),
        0.4,
    )


def _attach(pools: Pools) -> Workload:
    """Ten tags out of forty, for a customer that will rarely carry any of them."""
    path = f"{first_line(pools.many_customers)}/tags"
    example = Example("POST", path, 200, body={"tags": first_lines(pools.labels, 10)})
    script = Script("attach", bearer("admin"), (pools.many_customers, pools.labels))
    return Workload("attach", script, example, 0.4)


def _order(pools: Pools) -> Workload:
    """A new order each time, completed, so that it moves the customer's aggregates."""
    path = f"{first_line(pools.without_orders)}/orders/bench-UNIQUE"
    moment = "2026-02-03T10:00:00Z"
    body = {"kind": "order", "status": "completed", "amount": "149.90", "ordered_at": moment, "updated_at": moment}
    script = Script("order", bearer("internal_service"), (pools.without_orders,))
    return Workload("order", script, Example("PUT", path, 201, body=body), 0.4)


def _new_customer(business_id: str) -> dict[str, str]:
    return {
        "user_id": "UNIQUE",
        "business_id": business_id,
        "full_name": "Măriuca Țurcanu",
        "email": "mariuca@posta.example",
        "phone": "+40722123456",
        "gender": "female",
    }
