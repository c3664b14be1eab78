"""The files of bulk work, and the tables they go into."""

from pathlib import Path

from bench.data import connected

ORDERS_EACH = 5
ORDER_COLUMNS = "(customer_id, order_id, kind, status, amount, ordered_at, updated_at)"
# In the order in which they refer to each other.
_TABLES = ("tag", "customer", "customer_history", "customer_tag")
_ALL = "customer, customer_history, customer_tag, customer_order, tag, event, import_run, pending_stats"
_CUSTOMERS = """
SELECT user_id, business_id, full_name, email, phone, gender, (
    SELECT string_agg(tag.name, ';' ORDER BY tag.name_key) FROM customer_tag JOIN tag ON tag.id = tag_id
    WHERE customer_id = customer.id) AS tags
FROM customer
WHERE user_id IS NOT NULL OR email_key IS NULL OR NOT EXISTS (
    SELECT 1 FROM customer AS other
    WHERE other.business_id = customer.business_id AND other.email_key = customer.email_key
        AND other.id <> customer.id
)
ORDER BY id
"""
# Each order is of some customer, in no order: as a file of another system would be.
_ORDERS = """
SELECT numbered.id, 'O-' || n, CASE WHEN mod(n, 10) = 0 THEN 'booking' ELSE 'order' END,
    (ARRAY['completed', 'completed', 'completed', 'placed', 'returned', 'cancelled'])[1 + mod(n, 6)],
    ((1 + (hashint8extended(n, 2) & 65535))::numeric / 100)::numeric(14, 2),
    to_char(timestamp '2025-01-01' + mod(n * 977::bigint, 500000) * interval '1 minute',
        'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    '2026-06-01T10:00:00Z'
FROM generate_series(1, {orders}) AS n
JOIN numbered ON numbered.number = mod(hashint8extended(n, 1) & 2147483647, {customers})
ORDER BY n
"""


def customers(source: str, directory: Path) -> Path:
    """As CSV, each of whom can be told from the others by user or e-mail, if by anything."""
    with connected(source) as cursor, (directory / "customers.csv").open("wb") as file:
        cursor.copy_expert(f"COPY ({_CUSTOMERS}) TO STDOUT (FORMAT csv, HEADER)", file)
    return directory / "customers.csv"


def orders(database: str, directory: Path) -> Path:
    """Five for each customer on the average."""
    path = directory / "orders.csv"
    with connected(database) as cursor, path.open("wb") as file:
        cursor.execute(
            "CREATE TEMPORARY TABLE numbered AS"
            " SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM customer"
        )
        cursor.execute("SELECT count(*) FROM numbered")
        count = cursor.fetchone()[0]
        file.write(ORDER_COLUMNS.strip("()").replace(" ", "").encode() + b"\n")
        query = _ORDERS.format(orders=ORDERS_EACH * count, customers=count)
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv)", file)
    return path


def lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def save(database: str, directory: Path) -> dict[str, Path]:
    """The customers and what belongs to them, in files that \\copy takes."""
    paths = {table: directory / f"{table}.copy" for table in _TABLES}
    with connected(database) as cursor:
        for table, path in paths.items():
            with path.open("wb") as file:
                cursor.copy_expert(f"COPY {table} TO STDOUT", file)
    return paths


def load(database: str, tables: dict[str, Path]) -> None:
    """Customers without orders, and no statistics of any."""
    empty(database)
    with connected(database) as cursor:
        for table, path in tables.items():
            with path.open("rb") as file:
                cursor.copy_expert(f"COPY {table} FROM STDIN", file)
            count(database, table)
        cursor.execute(
            "UPDATE customer SET total_orders = 0, lifetime_value = 0 WHERE total_orders + lifetime_value > 0"
        )
        cursor.execute(
            "UPDATE customer_history SET total_bookings = 0, returned_orders = 0, first_order_date = NULL,"
            " last_order_date = NULL WHERE first_order_date IS NOT NULL OR total_bookings + returned_orders > 0"
        )
        cursor.execute("VACUUM FULL customer, customer_history")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def count(database: str, table: str) -> None:
    """For the planner, to whom a table that was looked at in the midst of its COPY has pages and no rows.

    What refers to it would then be checked by whichever index comes first.
    """
    with connected(database) as cursor:
        cursor.execute(f"ANALYZE {table}")


def empty(database: str) -> None:
    with connected(database) as cursor:
        cursor.execute(f"TRUNCATE {_ALL} CASCADE")
        cursor.execute("CHECKPOINT")
