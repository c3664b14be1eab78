"""The customers in the database: made once, checked by the service's own rule, tidied before each run."""

import contextlib
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extras import execute_values
from sqlalchemy import create_engine

from bee_customers.db.url import to_sqlalchemy
from bee_customers.services.migrations import upgrade
from bee_customers.services.text import comparison_key
from bench import names
from bench.checks import check_aggregates, check_keys

_HERE = Path(__file__).parent
MIGRATIONS = _HERE.parent / "alembic"
# Whoever is younger was written by an earlier benchmark.
_END = "2026-01-02Z"
# Beside all others: one with many orders and as many notes, and one with few.
MANY, FEW = 100_000, 10
EXTREMES = {
    MANY: "01856a00-0000-7000-8000-00000000000a",
    FEW: "01856a00-0000-7000-8000-00000000000b",
}
_FILLED = ["customer", "customer_history", "customer_tag", "customer_note", "customer_order"]
_TABLES = ", ".join([*_FILLED, "tag", "event", "idempotency_key"])


@contextlib.contextmanager
def connected(url: str) -> Iterator[Any]:
    """A cursor in autocommit."""
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def prepare(url: str, customers: int) -> str:
    """Make or find the database of that many customers and leave it tidy; gives its URL."""
    name = f"bench_{customers}_{_recipe()}"
    database = url.rsplit("/", 1)[0] + "/" + name
    if not _exists(url, name):
        print(f"Making {customers:,} customers, once.")
        _make(url, name, customers)
    upgrade(create_engine(to_sqlalchemy(database)), MIGRATIONS)
    with connected(database) as cursor:
        _forget_earlier_runs(cursor)
        check_keys(cursor)
        check_aggregates(cursor, list(EXTREMES.values()))
    return database


def _recipe() -> str:
    """Another recipe makes another database, so that a kept one is never out of step."""
    text = b"".join((_HERE / name).read_bytes() for name in ("data.sql", "names.py", "data.py"))
    return hashlib.sha256(text).hexdigest()[:8]


def _make(url: str, name: str, customers: int) -> None:
    unfinished = f"{name}_unfinished"
    with connected(url) as cursor:
        for old in _databases(cursor):
            cursor.execute(f'DROP DATABASE "{old}"')
        cursor.execute(f'CREATE DATABASE "{unfinished}"')
    database = url.rsplit("/", 1)[0] + "/" + unfinished
    engine = create_engine(to_sqlalchemy(database))
    upgrade(engine, MIGRATIONS)
    engine.dispose()
    with connected(database) as cursor:
        _load(cursor, customers)
    with connected(url) as cursor:
        cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _load(cursor: Any, customers: int) -> None:
    start = time.monotonic()
    cursor.execute("SET synchronous_commit = off")
    indexes = _drop_indexes(cursor)
    columns = "(n int, name text, key text, plain text, gender text)"
    for table, rows in (("given_name", names.given_names()), ("family_name", names.families())):
        cursor.execute(f"CREATE TEMPORARY TABLE {table} {columns}")
        execute_values(cursor, f"INSERT INTO {table} VALUES %s", rows)
    cursor.execute("CREATE TEMPORARY TABLE catalogue (n int, name text, key text)")
    execute_values(cursor, "INSERT INTO catalogue VALUES %s", names.tags())
    cursor.execute("CREATE TEMPORARY TABLE label (name text, key text)")
    execute_values(cursor, "INSERT INTO label VALUES %s", names.labels())
    cursor.execute("CREATE TEMPORARY TABLE extreme (id uuid, name text, key text, entries int)")
    execute_values(cursor, "INSERT INTO extreme VALUES %s", _extremes())
    for statement in _statements("data.sql"):
        cursor.execute(statement.replace(":customers", str(customers)))
    for definition in indexes:
        cursor.execute(definition)
    cursor.execute(f"VACUUM (ANALYZE, FREEZE) {_TABLES}")
    print(f"Made in {time.monotonic() - start:.0f} s.")


def _extremes() -> Iterator[tuple[str, str, str, int]]:
    for entries, customer_id in EXTREMES.items():
        name = f"Client cu {entries}"
        yield customer_id, name, comparison_key(name), entries


def _statements(file: str) -> list[str]:
    text = (_HERE / file).read_text(encoding="utf-8")
    return [statement for statement in text.split(";\n") if statement.strip()]


def _drop_indexes(cursor: Any) -> list[str]:
    """Filling a table and then indexing it takes a fraction of the other order. Constraints stay."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY (%s::regclass[])"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        (_FILLED,),
    )
    found = cursor.fetchall()
    for index, _ in found:
        cursor.execute(f"DROP INDEX {index}")
    return [definition for _, definition in found]


def _forget_earlier_runs(cursor: Any) -> None:
    for statement in _statements("tidy.sql"):
        cursor.execute(statement.replace(":end", f"timestamptz '{_END}'"))
    cursor.execute(f"VACUUM (ANALYZE) {_TABLES}")
    cursor.execute("CHECKPOINT")


def _exists(url: str, name: str) -> bool:
    with connected(url) as cursor:
        return name in _databases(cursor)


def _databases(cursor: Any) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench\\_%'")
    return [row[0] for row in cursor.fetchall()]
