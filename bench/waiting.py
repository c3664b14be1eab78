"""A database of events alone, and events that wait there to be published: the same ones each time."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg2
from sqlalchemy import create_engine

from bee_customers.db.engine import Database
from bee_customers.db.url import to_sqlalchemy
from bee_customers.db.worker_session import WorkerSession
from bee_customers.events.backlog import Backlog
from bee_customers.events.outbox import CHANNEL
from bee_customers.services.migrations import upgrade
from bench import names
from bench.data import MIGRATIONS, connected

# Half are creations with all fields, the others changes of one or two. Of sixty in a row, three tell of one
# customer.
_INSERT = """
INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, traceparent, actor,
    occurred_at)
SELECT md5('event' || n)::uuid, 'Customer' || what || 'Event', 'customers.' || lower(what),
    md5('customer' || n - nth)::uuid, CASE what WHEN 'Created' THEN 1 ELSE 2 + nth END,
    jsonb_build_object('business_id', md5('business' || mod(n, 200))::uuid, 'changes', changes),
    md5('trace' || n),
    CASE WHEN mod(n, 3) = 0 THEN '00-' || md5('trace' || n) || '-' || left(md5('span' || n), 16) || '-01' END,
    md5('actor' || mod(n, 50)), timestamptz '2026-03-01Z' + n * interval '7.3 ms'
FROM generate_series(%(first)s, %(last)s) AS n
CROSS JOIN LATERAL (SELECT CASE WHEN mod(n, 60) < 3 THEN mod(n, 60) ELSE 0 END AS nth) AS place
CROSS JOIN LATERAL (SELECT CASE WHEN mod(n, 2) = 0 AND nth = 0 THEN 'Created' ELSE 'Updated' END AS what) AS kind
CROSS JOIN LATERAL (
    SELECT (%(names)s::text[])[1 + mod(n, 100)] AS full_name, '+407' || 20000000 + n AS phone,
        'client.' || n || '@posta.example' AS email
) AS drawn
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN what = 'Created' THEN jsonb_build_object('user_id', md5('user' || n)::uuid, 'full_name', full_name,
            'email', email, 'phone', phone, 'gender', 'female')
        WHEN mod(n, 5) = 0 THEN jsonb_build_object('phone', phone)
        WHEN mod(n, 5) = 1 THEN jsonb_build_object('full_name', full_name, 'email', email)
        WHEN mod(n, 5) = 2 THEN jsonb_build_object('tags', ARRAY['newsletter', 'VIP'])
        ELSE jsonb_build_object('total_orders', mod(n, 30), 'lifetime_value', '149.90')
    END AS changes
) AS told
ORDER BY n
"""


@contextlib.contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """A migrated database without rows, gone after the block; gives its URL."""
    url = f"{server.rsplit('/', 1)[0]}/{name}"
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    with connected(server) as cursor:
        cursor.execute(drop)  # of a run that was killed
        cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            engine = create_engine(to_sqlalchemy(url))
            upgrade(engine, MIGRATIONS)
            engine.dispose()
            yield url
        finally:
            with contextlib.suppress(psycopg2.Error):  # the server may have gone first
                cursor.execute(drop)


def write(cursor: Any, count: int, first: int = 0) -> None:
    """Add events that wait; no relay is told."""
    drawn = {"first": first, "last": first + count - 1, "names": list(names.full_names())}
    cursor.execute(_INSERT, drawn)


def left(cursor: Any) -> int:
    """How many wait."""
    cursor.execute("SELECT count(*) FROM event WHERE published_at IS NULL")
    return int(cursor.fetchone()[0])


@contextlib.contextmanager
def claiming(url: str) -> Iterator[Backlog]:
    """As a relay claims: in a session of its kind."""
    with WorkerSession(Database(url), CHANNEL) as session:
        yield Backlog(session)
