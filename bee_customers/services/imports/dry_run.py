"""A dry run: the very statements of an import, on temporary tables that stand in for the real ones.

A temporary table goes before any other of its name. Before rows are merged, the real ones that they could
touch are copied; so what a batch would do shows in what later ones find, nobody waits for a lock, and nothing is
written that outlives the session.
"""

from collections.abc import Callable

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import DatabaseUnavailable, ImportStopped
from bee_customers.services.imports.batches import Batch
from bee_customers.services.imports.merging import Kept

_SCHEMA = text("""
    SELECT quote_ident(nspname) FROM pg_namespace JOIN pg_class ON relnamespace = pg_namespace.oid
    WHERE pg_class.oid = CAST('customer' AS regclass)
""")
_HAS_BEGUN = text("SELECT to_regclass('pg_temp.dry_run') IS NOT NULL")
_BEGIN = "CREATE TEMPORARY TABLE dry_run (n int)"

# {real} is the schema of the real tables. Of their indexes only those stand in that are used.
_CUSTOMERS = """
    CREATE TEMPORARY TABLE customer (LIKE {real}.customer INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
        PRIMARY KEY (id), UNIQUE (business_id, user_id));
    CREATE INDEX ON customer (business_id, email_key);
    CREATE TEMPORARY TABLE customer_history (LIKE {real}.customer_history INCLUDING DEFAULTS);
    CREATE TEMPORARY TABLE customer_tag (LIKE {real}.customer_tag, PRIMARY KEY (customer_id, tag_id));
    CREATE TEMPORARY TABLE tag (LIKE {real}.tag INCLUDING CONSTRAINTS, PRIMARY KEY (id), UNIQUE (name_key));
    INSERT INTO tag SELECT * FROM {real}.tag
"""
_LOAD_CUSTOMERS = """
    WITH touched AS (
        SELECT found.* FROM staged CROSS JOIN LATERAL (
            SELECT * FROM {real}.customer AS c WHERE c.id = staged.id LIMIT 1) AS found
        WHERE staged.id IS NOT NULL
        UNION SELECT found.* FROM staged CROSS JOIN LATERAL (
            SELECT * FROM {real}.customer AS c
            WHERE c.business_id = staged.business_id AND c.user_id = staged.user_id LIMIT 1) AS found
        WHERE staged.user_id IS NOT NULL
        UNION SELECT found.* FROM staged CROSS JOIN LATERAL (
            SELECT * FROM {real}.customer AS c
            WHERE c.business_id = staged.business_id AND c.email_key = staged.email_key
                AND NOT EXISTS (SELECT 1 FROM customer AS known WHERE known.id = c.id) LIMIT 2) AS found
        WHERE staged.id IS NULL AND staged.user_id IS NULL AND staged.email_key IS NOT NULL
    ), loaded AS (
        INSERT INTO customer SELECT * FROM touched ON CONFLICT DO NOTHING RETURNING id
    )
    INSERT INTO customer_tag SELECT carried.* FROM loaded CROSS JOIN LATERAL (
        SELECT * FROM {real}.customer_tag AS t WHERE t.customer_id = loaded.id) AS carried
    ON CONFLICT DO NOTHING
"""
_ORDERS = """
    CREATE TEMPORARY TABLE customer_order (LIKE {real}.customer_order INCLUDING CONSTRAINTS,
        PRIMARY KEY (customer_id, order_id));
    CREATE TEMPORARY TABLE pending_stats (LIKE {real}.pending_stats, PRIMARY KEY (customer_id))
"""
_LOAD_ORDERS = """
    INSERT INTO customer_order SELECT known.* FROM found JOIN staged_order AS s USING (n) CROSS JOIN LATERAL (
        SELECT * FROM {real}.customer_order AS o
        WHERE o.customer_id = owner_id AND o.order_id = s.order_id LIMIT 1) AS known
    ON CONFLICT DO NOTHING
"""
_TABLES = {"customers": (_CUSTOMERS, _LOAD_CUSTOMERS), "orders": (_ORDERS, _LOAD_ORDERS)}


class DryStore:
    """Keeps nothing. `load` is what a merge calls once its rows are staged."""

    def __init__(self, database: Database, kind: str) -> None:
        self._database = database
        schema = database.read(_SCHEMA)[0][0]
        make, load = (each.format(real=schema) for each in _TABLES[kind])
        self._make = text(f"{_BEGIN}; {make}")
        self._load = text(load)
        self._has_begun = False

    def load(self, transaction: Transaction) -> None:
        transaction.run(self._load)

    def keep(self, batch: Batch, work: Callable[[Transaction], Kept]) -> Kept:
        """Raises ImportStopped where the session was lost, and with it what it knew."""
        try:
            return transact(self._database, lambda unit: self._rehearse(unit.transaction, work))
        except DatabaseUnavailable as error:
            raise ImportStopped(f"{error}; a dry run begins anew") from error

    def _rehearse(self, transaction: Transaction, work: Callable[[Transaction], Kept]) -> Kept:
        if not transaction.run(_HAS_BEGUN).rows[0][0]:
            if self._has_begun:
                raise DatabaseUnavailable("the connection to the database was lost")
            transaction.run(self._make)
            # seen only if this batch is kept
        kept = work(transaction)
        self._has_begun = True
        return kept
