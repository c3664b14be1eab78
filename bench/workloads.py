"""What is asked of both web processes, and the reply that each must give."""

import dataclasses
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import names
from bench.data import connected
from bench.load import Script
from bench.web import Web, bearer

_POOL = 10_000
_LIST = "/v1/customers?business_id={}&limit=50"


class WrongReply(Exception):
    """A reply that is not the one the contract names, or not the one the other process gives."""


@dataclasses.dataclass(frozen=True)
class Pools:
    """Files that wrk's scripts draw from, a line each."""

    customers: Path
    lists: Path
    businesses: Path
    full_names: Path


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


def pools(database: str, directory: Path) -> Pools:
    """Write the pools: any 10,000 customers, the same ones each time, and all businesses."""
    with connected(database) as cursor:
        cursor.execute("SELECT id FROM customer ORDER BY uuid_hash(id), id LIMIT %s", (_POOL,))
        customers = [f"/v1/customers/{row[0]}" for row in cursor.fetchall()]
        cursor.execute("SELECT DISTINCT business_id FROM customer ORDER BY business_id")
        businesses = [row[0] for row in cursor.fetchall()]
    lines = {
        "customers": customers,
        "lists": [_LIST.format(business) for business in businesses],
        "businesses": businesses,
        "full_names": list(names.full_names()),
    }
    return Pools(**{name: _write(directory / f"{name}.txt", content) for name, content in lines.items()})


def all_of(pools: Pools) -> Iterator[Workload]:
    customer, first_list = _first_line(pools.customers), _first_line(pools.lists)
    admin, internal = bearer("admin"), bearer("internal_service")
    yield Workload("get", Script("get", admin, (pools.customers,)), Example("GET", customer, 200), 0.5)
    yield Workload("list", Script("get", admin, (pools.lists,)), Example("GET", first_list, 200), 0.5)
    yield Workload(
        "create",
        Script("create", internal, (pools.businesses, pools.full_names)),
        Example("POST", "/v1/customers", 201, body=_new_customer(_first_line(pools.businesses))),
        0.4,
    )
    patch = [{"op": "replace", "path": "/full_name", "value": "Ștefania Bălan"}]
    yield Workload(
        "patch",
        Script("patch", admin, (pools.customers, pools.full_names)),
        Example("PATCH", customer, 200, "application/json-patch+json", patch),
        0.4,
    )


def check_replies(workload: Workload, service: Web, floor: Web) -> None:
    """See that both answer as they should; what is read must be the same to the last value."""
    theirs, ours = (_reply(web, workload) for web in (floor, service))
    if workload.example.method == "GET" and ours != theirs:
        raise WrongReply(f"the service and the floor read different documents at {workload.example.path}")
    if isinstance(ours, dict) and ours.keys() != theirs.keys():
        raise WrongReply(f"the service and the floor write different fields: {ours.keys() ^ theirs.keys()}")


def _reply(web: Web, workload: Workload) -> Any:
    example = workload.example
    headers = {**workload.script.headers, "Content-Type": example.content_type}
    body = None
    if example.method != "GET":
        # both create, so each needs a user of its own
        body = json.dumps(example.body).replace("USER_ID", str(uuid.uuid4())).encode()
    status, content = web.request(example.method, example.path, headers, body)
    if status != example.status:
        text = content[:300].decode(errors="replace")
        raise WrongReply(f"{web.name} answered {example.method} {example.path} with {status}: {text}")
    return json.loads(content)


def _new_customer(business_id: str) -> dict[str, str]:
    return {
        "user_id": "USER_ID",
        "business_id": business_id,
        "full_name": "Măriuca Țurcanu",
        "email": "mariuca@posta.example",
        "phone": "+40722123456",
        "gender": "female",
    }


def _write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().strip()
