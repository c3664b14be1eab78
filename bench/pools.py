"""What requests are drawn from: the same customers each time."""

import dataclasses
from pathlib import Path

from bench import names
from bench.data import connected

_ANY = "ORDER BY uuid_hash(id), id LIMIT"
_QUERIES = {
    "customers": f"SELECT '/v1/customers/' || id FROM customer {_ANY} 10000",
    "stats": f"SELECT '/v1/customers/' || id || '/stats' FROM customer {_ANY} 10000",
    # only who has a few: the one with very many is measured by itself
    "notes": f"""SELECT '/v1/customers/' || id || '/notes'
        FROM (SELECT customer_id AS id FROM customer_note GROUP BY customer_id HAVING count(*) <= 5) AS noted
        {_ANY} 10000""",
    # so many that hardly a customer is drawn twice in a run, and nearly each attaching finds ten new tags
    "many_customers": f"SELECT '/v1/customers/' || id FROM customer {_ANY} 50000",
    # their aggregates agree with their ledger, which is empty
    "without_orders": f"SELECT '/v1/customers/' || id FROM customer WHERE total_orders = 0 {_ANY} 10000",
    "businesses": "SELECT DISTINCT business_id FROM customer ORDER BY business_id",
    "lists": """SELECT '/v1/customers?business_id=' || business_id || '&limit=50'
        FROM (SELECT DISTINCT business_id FROM customer ORDER BY business_id) AS business""",
}


@dataclasses.dataclass(frozen=True)
class Pools:
    """Files that wrk's scripts draw from, a line each."""

    customers: Path
    stats: Path
    notes: Path
    many_customers: Path
    without_orders: Path
    businesses: Path
    lists: Path
    full_names: Path
    labels: Path


def write(database: str, directory: Path) -> Pools:
    """Write the pools."""
    lines = {"full_names": list(names.full_names()), "labels": [name for name, _ in names.labels()]}
    with connected(database) as cursor:
        for name, query in _QUERIES.items():
            cursor.execute(query)
            lines[name] = [row[0] for row in cursor.fetchall()]
    return Pools(**{name: _write(directory / f"{name}.txt", content) for name, content in lines.items()})


def first_line(path: Path) -> str:
    return first_lines(path, 1)[0]


def first_lines(path: Path, count: int) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[:count]


def _write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
