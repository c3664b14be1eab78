"""The statements that merge staged customers. Parameters: `now`, and for events `actor` and `trace_id`.

`staged` holds the rows, `matched` which customer each belongs to, `changed` what those will be that change. A row
goes from `staged` as soon as it is dealt with; what is left there at last is new.
"""

from sqlalchemy import text

from bee_customers.services.imports.staging import StagingTable
from bee_customers.services.rules import TAGS_MOST

STAGED = StagingTable(
    "staged",
    {
        "n": "int",
        "id": "uuid",
        "user_id": "uuid",
        "business_id": "uuid",
        "full_name": "text",
        "name_key": "text",
        "email": "text",
        "email_key": "text",
        "email_search": "text",
        "phone": "text",
        "gender": "text",
        "created_at": "timestamptz",
        "given": "int",
        "new_id": "uuid",
        "event_id": "uuid",
        "tag_ids": "uuid[]",
    },
    key="n",
    found={"version": "int NOT NULL DEFAULT 1"},
)
MATCHED = StagingTable("matched", {"n": "int", "customer_id": "uuid"}, key="n, customer_id")
CHANGED = StagingTable(
    "changed",
    {
        "n": "int",
        "customer_id": "uuid",
        "business_id": "uuid",
        "version": "int",
        "full_name": "text",
        "name_key": "text",
        "email": "text",
        "email_key": "text",
        "phone": "text",
        "gender": "text",
        "search_text": "text",
        "tag_ids": "uuid[]",
        "is_tagged": "boolean",
        "event_id": "uuid",
        "changes": "jsonb",
    },
    key="customer_id",
)
# Bits of `given`, by the order of the fields.
_NAME, _EMAIL, _PHONE, _GENDER, _TAGS = 8, 16, 32, 64, 128

# LATERAL with LIMIT is looked up row by row, by index. A row is known by the first of the keys that it has.
MATCH = text("""
    INSERT INTO matched (n, customer_id)
    SELECT n, found.id FROM staged CROSS JOIN LATERAL (
        SELECT customer.id FROM customer WHERE customer.id = staged.id LIMIT 1) AS found
    WHERE staged.id IS NOT NULL
    UNION ALL
    SELECT n, found.id FROM staged CROSS JOIN LATERAL (
        SELECT customer.id FROM customer
        WHERE customer.business_id = staged.business_id AND customer.user_id = staged.user_id LIMIT 1) AS found
    WHERE staged.id IS NULL AND staged.user_id IS NOT NULL
    UNION ALL
    SELECT n, found.id FROM staged CROSS JOIN LATERAL (
        SELECT customer.id FROM customer
        WHERE customer.business_id = staged.business_id AND customer.email_key = staged.email_key LIMIT 2) AS found
    WHERE staged.id IS NULL AND staged.user_id IS NULL AND staged.email_key IS NOT NULL
""")
LOCK = text("""
    SELECT id FROM customer WHERE id = ANY(ARRAY(SELECT customer_id FROM matched)) ORDER BY id FOR UPDATE
""")
COUNT_MATCHED = text("SELECT count(DISTINCT customer_id) FROM matched")
# Of the keys only the e-mail can change; until the lock, somebody may have changed it.
COUNT_MOVED = text("""
    SELECT count(*) FROM matched JOIN staged USING (n) CROSS JOIN LATERAL (
        SELECT email_key FROM customer WHERE customer.id = customer_id LIMIT 1) AS customer
    WHERE staged.id IS NULL AND staged.user_id IS NULL AND customer.email_key IS DISTINCT FROM staged.email_key
""")

# Which rows cannot be taken, and why: (n, field, reason).
REFUSED_MATCHES = text("""
    SELECT n, 'email', 'several customers of the business have this e-mail address'
    FROM matched GROUP BY n HAVING count(*) > 1
    UNION ALL
    SELECT n, 'business_id', 'the customer is of another business'
    FROM matched JOIN staged USING (n) CROSS JOIN LATERAL (
        SELECT business_id FROM customer WHERE id = customer_id LIMIT 1) AS customer
    WHERE staged.business_id <> customer.business_id
    UNION ALL
    SELECT n, 'user_id', 'the customer has another one, or none, which does not change'
    FROM matched JOIN staged USING (n) CROSS JOIN LATERAL (
        SELECT user_id FROM customer WHERE id = customer_id LIMIT 1) AS customer
    WHERE staged.id IS NOT NULL AND staged.user_id IS NOT NULL AND customer.user_id IS DISTINCT FROM staged.user_id
    ORDER BY 1
""")
REFUSED_NEW = text("""
    SELECT n, CASE WHEN business_id IS NULL THEN 'business_id' ELSE 'full_name' END, 'must be there'
    FROM staged WHERE (business_id IS NULL OR full_name IS NULL)
        AND NOT EXISTS (SELECT 1 FROM matched WHERE matched.n = staged.n)
    UNION ALL
    SELECT n, 'user_id', 'the business has another customer with this user_id'
    FROM staged CROSS JOIN LATERAL (
        SELECT customer.id FROM customer
        WHERE customer.business_id = staged.business_id AND customer.user_id = staged.user_id LIMIT 1) AS found
    WHERE staged.id IS NOT NULL AND staged.user_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM matched WHERE matched.n = staged.n)
    ORDER BY 1
""")
DROP = text("""
    WITH gone AS (DELETE FROM matched WHERE n = ANY(CAST(:dropped AS int[])))
    DELETE FROM staged WHERE n = ANY(CAST(:dropped AS int[]))
""")
# Of several rows for one customer the first goes first; the others come again.
LATER = text("""
    SELECT n FROM (
        SELECT n, row_number() OVER (PARTITION BY customer_id ORDER BY n) AS place FROM matched
    ) AS placed WHERE place > 1 ORDER BY n
""")
MATCHED_PLACES = text("SELECT DISTINCT n FROM matched")
FIRST_MATCHED = text("SELECT min(n) FROM matched")
LEFT = text("SELECT n FROM staged ORDER BY n")
DROP_MATCHED = text("DELETE FROM staged USING matched WHERE staged.n = matched.n")

CHANGE = text(f"""
    INSERT INTO changed
    SELECT n, id, business_id, version + 1, full_name, name_key, email, email_key, phone, gender,
        name_key || E'\\n' || COALESCE(email_search, '') || E'\\n' || COALESCE(ltrim(phone, '+'), ''),
        tag_ids, tag_ids <> had, event_id,
        CASE WHEN full_name <> old_name THEN jsonb_build_object('full_name', full_name) ELSE '{{}}' END
        || CASE WHEN email IS DISTINCT FROM old_email THEN jsonb_build_object('email', email) ELSE '{{}}' END
        || CASE WHEN phone IS DISTINCT FROM old_phone THEN jsonb_build_object('phone', phone) ELSE '{{}}' END
        || CASE WHEN gender IS DISTINCT FROM old_gender THEN jsonb_build_object('gender', gender) ELSE '{{}}' END
        || CASE WHEN tag_ids <> had THEN jsonb_build_object('tags', (
            SELECT COALESCE(jsonb_agg(tag.name ORDER BY tag.name_key), '[]') FROM tag WHERE tag.id = ANY(tag_ids)
        )) ELSE '{{}}' END
    FROM (
        SELECT n, event_id, c.id, c.business_id, c.version,
            c.full_name AS old_name, c.email AS old_email, c.phone AS old_phone, c.gender AS old_gender, had,
            CASE WHEN given & {_NAME} <> 0 THEN s.full_name ELSE c.full_name END AS full_name,
            CASE WHEN given & {_NAME} <> 0 THEN s.name_key ELSE c.name_key END AS name_key,
            CASE WHEN given & {_EMAIL} <> 0 THEN s.email ELSE c.email END AS email,
            CASE WHEN given & {_EMAIL} <> 0 THEN s.email_key ELSE c.email_key END AS email_key,
            CASE WHEN given & {_EMAIL} <> 0 THEN s.email_search
                ELSE split_part(c.search_text, E'\\n', 2) END AS email_search,
            CASE WHEN given & {_PHONE} <> 0 THEN s.phone ELSE c.phone END AS phone,
            CASE WHEN given & {_GENDER} <> 0 THEN s.gender ELSE c.gender END AS gender,
            CASE WHEN given & {_TAGS} <> 0 THEN s.tag_ids
                WHEN s.tag_ids = '{{}}' THEN had
                ELSE ARRAY(SELECT unnest(had) UNION SELECT unnest(s.tag_ids) ORDER BY 1) END AS tag_ids
        FROM matched JOIN staged AS s USING (n)
        CROSS JOIN LATERAL (SELECT * FROM customer WHERE customer.id = customer_id LIMIT 1) AS c
        CROSS JOIN LATERAL (SELECT ARRAY(
            SELECT tag_id FROM customer_tag AS t WHERE t.customer_id = c.id ORDER BY tag_id) AS had) AS carried
    ) AS target
    WHERE full_name <> old_name OR email IS DISTINCT FROM old_email OR phone IS DISTINCT FROM old_phone
        OR gender IS DISTINCT FROM old_gender OR tag_ids <> had
""")
TOO_MANY_TAGS = text(f"SELECT n FROM changed WHERE is_tagged AND cardinality(tag_ids) > {TAGS_MOST} ORDER BY n")
DROP_CHANGED = text("DELETE FROM changed WHERE n = ANY(CAST(:dropped AS int[]))")
STORE = text("""
    UPDATE customer SET full_name = x.full_name, name_key = x.name_key, email = x.email, email_key = x.email_key,
        phone = x.phone, gender = x.gender, search_text = x.search_text, version = x.version, updated_at = :now
    FROM changed AS x WHERE customer.id = x.customer_id
""")
DETACH = text("""
    DELETE FROM customer_tag USING changed AS x
    WHERE x.is_tagged AND customer_tag.customer_id = x.customer_id AND customer_tag.tag_id <> ALL(x.tag_ids)
""")
ATTACH = text("""
    INSERT INTO customer_tag (customer_id, tag_id, created_at)
    SELECT customer_id, unnest(tag_ids), CAST(:now AS timestamptz) FROM changed WHERE is_tagged
    ON CONFLICT DO NOTHING
""")
TELL_CHANGED = text("""
    INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, actor, occurred_at)
    SELECT event_id, :type, :routing_key, customer_id, version,
        jsonb_build_object('business_id', business_id, 'changes', changes), :trace_id, :actor, :now
    FROM changed ORDER BY n
""")

# Who comes back with the id it had goes on above what consumers have seen of it.
GO_ON = text("""
    WITH known AS MATERIALIZED (
        SELECT n, (SELECT max(customer_version) FROM event WHERE customer_id = staged.id) AS version
        FROM staged WHERE id IS NOT NULL
    )
    UPDATE staged SET version = known.version + 1 FROM known WHERE staged.n = known.n AND known.version IS NOT NULL
""")
INSERT = text("""
    INSERT INTO customer (id, user_id, business_id, full_name, name_key, email, email_key, phone, gender,
        search_text, version, created_at, updated_at)
    SELECT new_id, user_id, business_id, full_name, name_key, email, email_key, phone, gender,
        name_key || E'\\n' || COALESCE(email_search, '') || E'\\n' || COALESCE(ltrim(phone, '+'), ''),
        version, COALESCE(created_at, :now), :now
    FROM staged ORDER BY n
""")
INSERT_HISTORY = text("INSERT INTO customer_history (customer_id) SELECT new_id FROM staged ORDER BY n")
INSERT_TAGS = text("""
    INSERT INTO customer_tag (customer_id, tag_id, created_at)
    SELECT new_id, unnest(tag_ids), CAST(:now AS timestamptz) FROM staged WHERE tag_ids <> '{}' ORDER BY n
""")
# Only such as this very batch created: nobody else can have seen them yet.
FORGET_TAGS = text("""
    DELETE FROM tag WHERE name_key = ANY(:keys) AND created_at = :now
        AND NOT EXISTS (SELECT 1 FROM customer_tag WHERE customer_tag.tag_id = tag.id)
""")
TELL_NEW = text("""
    INSERT INTO event (id, type, routing_key, customer_id, customer_version, payload, trace_id, actor, occurred_at)
    SELECT event_id, :type, :routing_key, new_id, version,
        jsonb_build_object('business_id', business_id, 'changes', jsonb_strip_nulls(jsonb_build_object(
            'user_id', user_id, 'full_name', full_name, 'email', email, 'phone', phone, 'gender', gender,
            'tags', CASE WHEN tag_ids <> '{}' THEN (
                SELECT jsonb_agg(tag.name ORDER BY tag.name_key) FROM tag WHERE tag.id = ANY(tag_ids)
            ) END))),
        :trace_id, :actor, :now
    FROM staged ORDER BY n
""")
