-- Takes away what earlier runs of the benchmark wrote: all that is younger than :end.

DELETE FROM customer WHERE created_at > :end;

DELETE FROM customer_tag WHERE created_at > :end;

-- Orders are recorded for customers who had none: without them, all their aggregates are as at first.
CREATE TEMPORARY TABLE ordered AS SELECT DISTINCT customer_id FROM customer_order WHERE updated_at > :end;

DELETE FROM customer_order WHERE updated_at > :end;

UPDATE customer SET total_orders = 0, lifetime_value = 0 FROM ordered WHERE id = ordered.customer_id;

UPDATE customer_history
SET total_bookings = 0, returned_orders = 0, first_order_date = NULL, last_order_date = NULL
FROM ordered WHERE customer_history.customer_id = ordered.customer_id;

UPDATE customer SET avatar_url = NULL WHERE avatar_url IS NOT NULL;

TRUNCATE event, idempotency_key
