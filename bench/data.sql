-- :customers made-up customers, the same ones each time. One statement per table: a million rows take a minute or so.
-- Expects the temporary tables given_name, family_name (n, name, key, plain, gender) and catalogue (n, name, key).

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
FROM catalogue;

-- Customers come one after the other over three years; some names and some businesses are far more frequent than others.
INSERT INTO customer (id, user_id, business_id, full_name, email, phone, gender, total_orders, lifetime_value,
    name_key, search_text, created_at, updated_at)
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
