-- :customers made-up customers, the same ones each time. One statement per table: a million rows take a minute or so.
-- Expects the temporary tables given_name, family_name (n, name, key, plain, gender), catalogue (n, name, key),
-- label (name, key) and extreme (id, name, key, entries): two customers more, who have as many orders and notes.

-- A number in [0, 1) that depends on nothing but a row's number and what it is wanted for.
CREATE FUNCTION pg_temp.share(row_number bigint, purpose int) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(row_number, purpose) & 1048575) / 1048576.0;

CREATE FUNCTION pg_temp.version_7(at timestamptz, bits text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(bits, 1, 3)
    || 'a' || substr(bits, 4, 15))::uuid;

INSERT INTO tag (id, name, name_key, created_at)
SELECT pg_temp.version_7(timestamptz '2022-12-31 12:00Z', md5(name)), name, key, timestamptz '2022-12-31 12:00Z'
FROM (SELECT name, key FROM catalogue UNION ALL SELECT name, key FROM label) AS known;

-- Customers come one after the other over three years; some names and some businesses are far more frequent than others.
INSERT INTO customer (id, user_id, business_id, full_name, email, phone, gender, total_orders, lifetime_value,
    name_key, search_text, email_key, created_at, updated_at)
SELECT
    pg_temp.version_7(drawn.at, md5('customer' || i)),
    CASE WHEN pg_temp.share(i, 5) < 0.85 THEN md5('user' || i)::uuid END,
    md5('business' || floor(200 * pg_temp.share(i, 6) ^ 3)::int)::uuid,
    given.name || ' ' || family.name,
    address.email,
    '+' || line.digits,
    CASE WHEN pg_temp.share(i, 7) < 0.85 THEN given.gender END,
    drawn.orders,
    round((drawn.orders * (20 + 180 * pg_temp.share(i, 8)))::numeric, 2),
    given.key || ' ' || family.key,
    given.key || ' ' || family.key || E'\n' || COALESCE(address.email, '') || E'\n' || COALESCE(line.digits, ''),
    address.email,
    drawn.at,
    drawn.at
FROM generate_series(1, :customers) AS i
CROSS JOIN LATERAL (
    SELECT
        timestamptz '2023-01-01Z' + (i - pg_temp.share(i, 1)) / :customers * interval '1096 days' AS at,
        floor(30 * pg_temp.share(i, 2) ^ 4)::int AS orders,
        floor((SELECT count(*) FROM given_name) * pg_temp.share(i, 3) ^ 2)::int AS given,
        floor((SELECT count(*) FROM family_name) * pg_temp.share(i, 4) ^ 2)::int AS family
) AS drawn
JOIN given_name AS given ON given.n = drawn.given
JOIN family_name AS family ON family.n = drawn.family
CROSS JOIN LATERAL (
    SELECT CASE WHEN pg_temp.share(i, 9) < 0.88
        THEN concat_ws('.', nullif(given.plain, ''), nullif(family.plain, ''), i % 1000) || '@'
            || (ARRAY['example.com', 'example.com', 'mail.example.com', 'example.org', 'posta.example'])[1 + i % 5]
        END AS email
) AS address
CROSS JOIN LATERAL (
    SELECT CASE WHEN pg_temp.share(i, 10) < 0.82
        THEN '407' || lpad((20000000 + (hashint8extended(i, 11) & 33554431))::text, 8, '0')
        END AS digits
) AS line
ORDER BY i;

INSERT INTO customer (id, business_id, full_name, name_key, search_text, created_at, updated_at)
SELECT id, md5('business0')::uuid, name, key, key || E'\n\n', timestamptz '2022-12-31 12:00Z',
    timestamptz '2022-12-31 12:00Z'
FROM extreme;

-- Aggregates without a ledger behind them: six million orders would take longer than all the rest. Who has none at all
-- agrees with an empty ledger, and it is for those that the benchmark records orders.
INSERT INTO customer_history (customer_id, first_order_date, last_order_date, returned_orders, total_bookings)
SELECT id, first_day, CASE WHEN total_orders > 1 THEN first_day + total_orders * 7 ELSE first_day END,
    total_orders / 10, total_orders / 5
FROM (
    SELECT id, total_orders, CASE WHEN total_orders > 0 THEN (created_at + interval '3 days')::date END AS first_day
    FROM customer
) AS ordered;

-- About a third carry tags: one, two or three of them.
INSERT INTO customer_tag (customer_id, tag_id, created_at)
SELECT DISTINCT customer.id, tag.id, customer.created_at
FROM customer
CROSS JOIN (VALUES (1, 0.3), (2, 0.1), (3, 0.05)) AS slot (number, chance)
JOIN catalogue
    ON catalogue.n = floor((SELECT count(*) FROM catalogue)
        * pg_temp.share(uuid_hash_extended(customer.id, 12), slot.number) ^ 2)::int
JOIN tag ON tag.name = catalogue.name
WHERE pg_temp.share(uuid_hash_extended(customer.id, 13), slot.number) < slot.chance;

-- One in ten has notes, up to five.
INSERT INTO customer_note (customer_id, id, content, author, created_at)
SELECT customer.id, pg_temp.version_7(written.at, md5('note' || number || customer.id)),
    'Clientul a sunat despre comanda ' || number || ': revenim cu o ofertă până vineri, după ora 14.',
    md5('author' || number)::uuid, written.at
FROM customer
CROSS JOIN LATERAL generate_series(1, 1 + floor(5 * pg_temp.share(uuid_hash_extended(customer.id, 15), 1))::int) AS number
CROSS JOIN LATERAL (SELECT customer.created_at + number * interval '2 hours' AS at) AS written
WHERE pg_temp.share(uuid_hash_extended(customer.id, 14), 1) < 0.1 AND customer.id NOT IN (SELECT id FROM extreme);

INSERT INTO customer_note (customer_id, id, content, author, created_at)
SELECT id, pg_temp.version_7(written.at, md5('note' || number || id)), 'Nota ' || number || ', scrisă după apel.',
    md5('author' || number % 20)::uuid, written.at
FROM extreme
CROSS JOIN LATERAL generate_series(1, entries) AS number
CROSS JOIN LATERAL (SELECT timestamptz '2023-01-01Z' + number * interval '15 minutes' AS at) AS written;

INSERT INTO customer_order (customer_id, order_id, kind, status, amount, ordered_at, updated_at)
SELECT id, 'S-' || number,
    CASE WHEN number % 10 = 0 THEN 'booking' ELSE 'order' END,
    CASE WHEN number % 7 = 0 THEN 'cancelled' WHEN number % 9 = 0 THEN 'returned' WHEN number % 8 = 0 THEN 'placed'
        ELSE 'completed' END,
    20 + number % 180, placed.at, placed.at
FROM extreme
CROSS JOIN LATERAL generate_series(1, entries) AS number
CROSS JOIN LATERAL (SELECT timestamptz '2023-01-01Z' + number * interval '15 minutes' AS at) AS placed;

-- These two do agree with their ledgers.
UPDATE customer SET total_orders = ledger.orders, lifetime_value = ledger.value
FROM (
    SELECT customer_id, count(*) FILTER (WHERE kind = 'order' AND status <> 'cancelled') AS orders,
        sum(amount) FILTER (WHERE status = 'completed') AS value
    FROM customer_order GROUP BY customer_id
) AS ledger
WHERE customer.id = ledger.customer_id;

UPDATE customer_history
SET total_bookings = ledger.bookings, returned_orders = ledger.returned,
    first_order_date = ledger.first_day, last_order_date = ledger.last_day
FROM (
    SELECT customer_id, count(*) FILTER (WHERE kind = 'booking') AS bookings,
        count(*) FILTER (WHERE kind = 'order' AND status = 'returned') AS returned,
        (min(ordered_at) FILTER (WHERE kind = 'order') AT TIME ZONE 'UTC')::date AS first_day,
        (max(ordered_at) FILTER (WHERE kind = 'order') AT TIME ZONE 'UTC')::date AS last_day
    FROM customer_order WHERE status <> 'cancelled' GROUP BY customer_id
) AS ledger
WHERE customer_history.customer_id = ledger.customer_id;
