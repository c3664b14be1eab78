"""What operators run over all customers, against what PostgreSQL needs for the same at the least."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2

from bench.data import connected
from bench.outcome import Duration
from bench.processes import ProcessFailed

NAMES = ("verify", "recompute", "export")
_ORDERS_EACH = 5
# A ledger that grew by the day: its order is that of time, and customers come in any.
_LEDGER = f"""
CREATE TEMPORARY TABLE numbered AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM customer;
ALTER TABLE numbered ADD PRIMARY KEY (number);
TRUNCATE customer_order;
INSERT INTO customer_order (customer_id, order_id, kind, status, amount, ordered_at, updated_at)
SELECT id, 'O-' || n, CASE WHEN mod(n, 10) = 0 THEN 'booking' ELSE 'order' END,
    (ARRAY['completed', 'completed', 'completed', 'placed', 'returned', 'cancelled'])[1 + mod(n, 6)],
    (1 + (hashint8extended(n, 2) & 65535)) / 100.0, at, at
FROM generate_series(1, {_ORDERS_EACH} * (SELECT count(*) FROM numbered)) AS n
JOIN numbered ON number = mod(hashint8extended(n, 1) & 2147483647, (SELECT count(*) FROM numbered))
CROSS JOIN LATERAL (SELECT timestamptz '2025-01-01Z' + n * interval '5 s' AS at) AS placed
ORDER BY n;
"""
_SPOILED_SHARE = 100
_SPOIL = f"UPDATE customer SET total_orders = total_orders + 1 WHERE mod(uuid_hash(id), {_SPOILED_SHARE}) = 0"
# Both sides of the comparison, and nothing compared.
_AGGREGATES = """
SELECT customer.id, total_orders, lifetime_value, total_bookings, returned_orders, first_order_date,
    last_order_date,
    count(*) FILTER (WHERE kind = 'order' AND status <> 'cancelled') AS orders,
    count(*) FILTER (WHERE kind = 'booking' AND status <> 'cancelled') AS bookings,
    count(*) FILTER (WHERE kind = 'order' AND status = 'returned') AS returned,
    sum(amount) FILTER (WHERE status = 'completed') AS value,
    min(ordered_at) FILTER (WHERE kind = 'order' AND status <> 'cancelled') AS first,
    max(ordered_at) FILTER (WHERE kind = 'order' AND status <> 'cancelled') AS last
FROM customer JOIN customer_history ON customer_id = id LEFT JOIN customer_order USING (customer_id)
GROUP BY id, customer_history.customer_id
"""
_COUNT = f"SELECT count(counted) FROM ({_AGGREGATES}) AS counted"
_RAW = """
COPY (
    SELECT id, user_id, business_id, full_name, email, phone, gender, avatar_url, total_orders, lifetime_value,
        version, created_at, updated_at
    FROM customer
) TO STDOUT (FORMAT csv)
"""
_COMMANDS = {
    "verify": ("stats verify / bare aggregate SQL", 1.3),
    "recompute": ("stats recompute, 1% drifted / bare aggregate SQL", 2.0),
    # at least 0.4 of its rate
    "export": ("export customers / raw \\copy of their rows", 2.5),
}


def measure(name: str, server: str, source: str, directory: Path, rounds: int) -> Iterator[Duration]:
    """One of NAMES, on a copy of the database `source` in which all customers have orders."""
    title, bound = _COMMANDS[name]
    with _copy_of(source, server, "operations") as database, connected(database) as cursor:
        if name != "export":
            _fill(cursor, database)
        own, floor = [], []
        for _ in range(rounds):
            if name == "recompute":
                cursor.execute(_SPOIL)
            cursor.execute("VACUUM (ANALYZE) customer, customer_history, event")
            floor.append(_timed(_raw(cursor, directory) if name == "export" else lambda: cursor.execute(_COUNT)))
            own.append(_timed(lambda: _command(database, name, directory)))
        yield Duration(title, own, floor, bound)


def _fill(cursor: Any, database: str) -> None:
    for statement in _LEDGER.split(";\n"):
        if statement.strip():
            cursor.execute(statement)
    _run(database, "stats", "recompute", "--no-events", "--json")
    cursor.execute("VACUUM (ANALYZE)")
    cursor.execute("CHECKPOINT")


def _command(database: str, name: str, directory: Path) -> None:
    if name == "export":
        file = directory / "customers.csv"
        _run(database, "export", "customers", "--output", str(file), "--overwrite")
    else:
        _run(database, "stats", name, "--json")


def _run(database: str, *words: str) -> None:
    program = Path(sys.executable).with_name("bee-customers")
    environ = {**os.environ, "DATABASE_URL": database}
    done = subprocess.run([program, *words], env=environ, capture_output=True, text=True)
    if done.returncode:
        raise ProcessFailed(f"{' '.join(words[:2])} ended with {done.returncode}: {done.stderr.strip()}")


def _raw(cursor: Any, directory: Path) -> Callable[[], None]:
    def copy() -> None:
        with (directory / "raw.csv").open("wb") as file:
            cursor.copy_expert(_RAW, file)

    return copy


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1e3


@contextlib.contextmanager
def _copy_of(source: str, server: str, name: str) -> Iterator[str]:
    """A database like another one, gone after the block; gives its URL."""
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    with connected(server) as cursor:
        cursor.execute(drop)  # of a run that was killed
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source.rpartition("/")[2]}"')
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            with contextlib.suppress(psycopg2.Error):  # the server may have gone first
                cursor.execute(drop)
