"""The statements that merge staged orders into the ledger.

`staged_order` holds the rows, `found` which customer each belongs to.
"""

from sqlalchemy import text

from bee_customers.services.imports.staging import StagingTable

STAGED = StagingTable(
    "staged_order",
    {
        "n": "int",
        "customer_id": "uuid",
        "user_id": "uuid",
        "business_id": "uuid",
        "email_key": "text",
        "order_id": "text",
        "kind": "text",
        "status": "text",
        "amount": "numeric(14, 2)",
        "ordered_at": "timestamptz",
        "updated_at": "timestamptz",
    },
)
FOUND = StagingTable("found", {"n": "int", "owner_id": "uuid"})

# LATERAL with LIMIT is looked up row by row, by index. A row is known by the first of the keys that it has.
FIND = text("""
    INSERT INTO found (n, owner_id)
    SELECT n, owner.id FROM staged_order CROSS JOIN LATERAL (
        SELECT customer.id FROM customer WHERE customer.id = staged_order.customer_id LIMIT 1) AS owner
    WHERE staged_order.customer_id IS NOT NULL
    UNION ALL
    SELECT n, owner.id FROM staged_order CROSS JOIN LATERAL (
        SELECT customer.id FROM customer
        WHERE customer.business_id = staged_order.business_id AND customer.user_id = staged_order.user_id
        LIMIT 1) AS owner
    WHERE staged_order.customer_id IS NULL AND staged_order.user_id IS NOT NULL
    UNION ALL
    SELECT n, owner.id FROM staged_order CROSS JOIN LATERAL (
        SELECT customer.id FROM customer
        WHERE customer.business_id = staged_order.business_id AND customer.email_key = staged_order.email_key
        LIMIT 2) AS owner
    WHERE staged_order.customer_id IS NULL AND staged_order.user_id IS NULL
""")
# Which rows cannot be taken, and why: (n, field, reason).
REFUSED = text("""
    SELECT n, CASE WHEN customer_id IS NOT NULL THEN 'customer_id' WHEN user_id IS NOT NULL THEN 'user_id'
        ELSE 'email' END, 'is of no customer who is there'
    FROM staged_order WHERE NOT EXISTS (SELECT 1 FROM found WHERE found.n = staged_order.n)
    UNION ALL
    SELECT n, 'email', 'several customers of the business have this e-mail address'
    FROM found GROUP BY n HAVING count(*) > 1
    UNION ALL
    SELECT n, 'business_id', 'the customer is of another business'
    FROM found JOIN staged_order USING (n) CROSS JOIN LATERAL (
        SELECT customer.business_id FROM customer WHERE customer.id = owner_id LIMIT 1) AS owner
    WHERE staged_order.customer_id IS NOT NULL AND staged_order.business_id IS NOT NULL
        AND staged_order.business_id <> owner.business_id
    ORDER BY 1
""")
# Of several rows for one order the first goes first; the others come again.
LATER = text("""
    SELECT n FROM (
        SELECT n, row_number() OVER (PARTITION BY owner_id, order_id ORDER BY n) AS place
        FROM found JOIN staged_order USING (n)
    ) AS placed WHERE place > 1 ORDER BY n
""")
DROP = text("""
    WITH gone AS (DELETE FROM found WHERE n = ANY(CAST(:dropped AS int[])))
    DELETE FROM staged_order WHERE n = ANY(CAST(:dropped AS int[]))
""")
FIRST_KNOWN = text("""
    SELECT min(n) FROM found JOIN staged_order AS s USING (n) CROSS JOIN LATERAL (
        SELECT 1 FROM customer_order WHERE customer_order.customer_id = owner_id
            AND customer_order.order_id = s.order_id LIMIT 1) AS known
""")
# The last writer by updated_at wins, as with PUT. Whose ledger changed is noted for their aggregates to follow.
_WRITE = """
    WITH written AS (
        INSERT INTO customer_order (customer_id, order_id, kind, status, amount, ordered_at, updated_at)
        SELECT {owner}, s.order_id, s.kind, s.status, s.amount, s.ordered_at, s.updated_at
        FROM {rows} ORDER BY {owner}
        ON CONFLICT (customer_id, order_id) {on_conflict}
        RETURNING customer_order.customer_id, xmax = 0 AS is_new
    ), noted AS (
        INSERT INTO pending_stats (customer_id) SELECT DISTINCT customer_id FROM written ORDER BY 1
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""
_NOTHING = "DO NOTHING"
_UPDATE = """DO UPDATE SET kind = excluded.kind, status = excluded.status, amount = excluded.amount,
            ordered_at = excluded.ordered_at, updated_at = excluded.updated_at
        WHERE excluded.updated_at >= customer_order.updated_at
            AND (excluded.kind, excluded.status, excluded.amount, excluded.ordered_at, excluded.updated_at)
                <> (customer_order.kind, customer_order.status, customer_order.amount, customer_order.ordered_at,
                    customer_order.updated_at)"""
_FOUND = {"owner": "owner_id", "rows": "found JOIN staged_order AS s USING (n)"}
_NAMED = {"owner": "s.customer_id", "rows": "staged_order AS s"}
# By whether orders that are there already are updated.
WRITE = {
    True: text(_WRITE.format(**_FOUND, on_conflict=_UPDATE)),
    False: text(_WRITE.format(**_FOUND, on_conflict=_NOTHING)),
}
# Without a look for the customers: each row names its own, and is the only one of its order.
WRITE_NAMED = {
    True: text(_WRITE.format(**_NAMED, on_conflict=_UPDATE)),
    False: text(_WRITE.format(**_NAMED, on_conflict=_NOTHING)),
}
BEFORE = text("SAVEPOINT before_writing")
BACK = text("ROLLBACK TO SAVEPOINT before_writing")
