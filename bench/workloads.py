"""What is asked of both web processes, and the bound of each workload."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from bench.load import Script
from bench.pools import Pools, first_line
from bench.web import bearer


@dataclasses.dataclass(frozen=True)
class Example:
    """One request of a workload, made before the load to see that the reply is right."""

    method: str
    path: str
    status: int
    content_type: str = "application/json"
    body: Any = None


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    script: Script
    example: Example
    least_ratio: float


def all_of(pools: Pools) -> Iterator[Workload]:
    customer, first_list = first_line(pools.customers), first_line(pools.lists)
    admin, internal = bearer("admin"), bearer("internal_service")
    yield Workload("get", Script("get", admin, (pools.customers,)), Example("GET", customer, 200), 0.5)
    yield Workload("list", Script("get", admin, (pools.lists,)), Example("GET", first_list, 200), 0.5)
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
        Example("PATCH", customer, 200, "application/json-patch+json", patch),
        0.4,
    )


def _new_customer(business_id: str) -> dict[str, str]:
    return {
        "user_id": "USER_ID",
        "business_id": business_id,
        "full_name": "Măriuca Țurcanu",
        "email": "mariuca@posta.example",
        "phone": "+40722123456",
        "gender": "female",
    }
