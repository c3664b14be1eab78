"""What requests are drawn from: the same customers each time."""

import dataclasses
from pathlib import Path

from bench import names
from bench.data import connected

_POOL = 10_000
_LIST = "/v1/customers?business_id={}&limit=50"


@dataclasses.dataclass(frozen=True)
class Pools:
    """Files that wrk's scripts draw from, a line each."""

    customers: Path
    lists: Path
    businesses: Path
    full_names: Path


def write(database: str, directory: Path) -> Pools:
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


def first_line(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().strip()


def _write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
