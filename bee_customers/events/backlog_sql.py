"""The statements of the backlog, by the indexes of what is ready, what was refused, and what that holds up."""

import dataclasses

from sqlalchemy import text

from bee_customers.events.envelope import NOT_A_CHANGE, EventRow

_STEP_OF_MARKS = 2000
_FIELDS = ", ".join(field.name for field in dataclasses.fields(EventRow)).replace("payload", "payload::text")
_NAMED = "unnest(CAST(:customers AS uuid[]), CAST(:sequences AS bigint[]))"
# Behind a customer's event that was refused its later ones wait until it is published, but not behind one that is
# no change; and none goes before what is still marked. Subqueries that give a value are run for each row, by the
# indexes of what was refused and what is marked: as NOT EXISTS they would be planned as joins, whose cost is the
# product of what waits and what was refused.
_IS_REFUSED = f"""refused.customer_id = event.customer_id AND refused.sequence < event.sequence
    AND refused.published_at IS NULL AND refused.attempts > 0 AND refused.type <> '{NOT_A_CHANGE}'"""
_NOT_HELD_UP = f"(SELECT true FROM event AS refused WHERE {_IS_REFUSED} LIMIT 1) IS NULL"
_IS_NEXT = f"""{_NOT_HELD_UP} AND (
    SELECT true FROM event AS marked
    WHERE marked.customer_id = event.customer_id AND marked.sequence < event.sequence
        AND marked.published_at IS NULL AND marked.is_held_up
    LIMIT 1
) IS NULL"""
_READY = "published_at IS NULL AND attempts = 0 AND NOT is_held_up AND sequence > :after AND sequence <= :last"
# Asked before the first claim of a pass. An event that is committed when the pass is beyond it goes with the next
# one, and so must those behind it, which are higher than this.
LAST = text("SELECT last_value FROM event_sequence_seq")
_MEET = f"SELECT {_FIELDS}, {_IS_NEXT} FROM event WHERE {_READY} AND {{also}} ORDER BY sequence LIMIT :limit"
MEET_ANY = text(_MEET.format(also="true"))
MEET_NOT_IN_FALLBACK = text(_MEET.format(also="fallback_id IS NULL"))
CLAIM_DUE = text(f"""
SELECT {_FIELDS} FROM event
WHERE published_at IS NULL AND attempts > 0 AND quarantined_at IS NULL AND next_attempt_at <= now()
    AND {_NOT_HELD_UP}
ORDER BY next_attempt_at LIMIT :limit
""")
# Not one whose earlier event is left out of the names, and would be overtaken.
_IS_FIRST = """NOT EXISTS (
        SELECT FROM event AS earlier
        WHERE earlier.customer_id = event.customer_id AND earlier.sequence < event.sequence
            AND earlier.published_at IS NULL
            AND (earlier.customer_id, earlier.sequence) NOT IN (SELECT * FROM named)
    )"""
CLAIM_NAMED = text(f"""
WITH named AS (SELECT * FROM {_NAMED} AS told (customer_id, sequence))
SELECT {_FIELDS} FROM event JOIN named USING (customer_id, sequence)
WHERE {_READY} AND {_IS_FIRST} AND {_IS_NEXT} ORDER BY sequence
""")
MARK_HELD_UP = text(f"""
UPDATE event SET is_held_up = true FROM {_NAMED} AS told (customer_id, sequence)
WHERE event.customer_id = told.customer_id AND event.sequence = told.sequence AND event.published_at IS NULL
""")
FREE = text("""
UPDATE event SET is_held_up = false
WHERE published_at IS NULL AND is_held_up AND customer_id = ANY(CAST(:customers AS uuid[]))
""")
MARKED_FOR_NOTHING = text(f"""
SELECT customer_id::text, sequence, (
    SELECT true FROM event AS refused
    WHERE refused.customer_id = event.customer_id AND refused.published_at IS NULL AND refused.attempts > 0
        AND refused.type <> '{NOT_A_CHANGE}'
    LIMIT 1
) IS NULL
FROM event
WHERE published_at IS NULL AND is_held_up AND (customer_id, sequence) > (CAST(:customer AS uuid), :sequence)
ORDER BY event.customer_id, event.sequence LIMIT {_STEP_OF_MARKS}
""")
CHECK = text("SELECT 1")
MARK_PUBLISHED = text(f"""
UPDATE event SET published_at = now(), last_error = NULL, fallback_id = NULL, is_held_up = false
FROM {_NAMED} AS told (customer_id, sequence)
WHERE event.customer_id = told.customer_id AND event.sequence = told.sequence
""")
MARK_REFUSED = text("""
UPDATE event SET attempts = attempts + 1, last_error = told.reason, fallback_id = NULL,
    next_attempt_at = now() + told.pause * interval '1 second',
    quarantined_at = CASE WHEN attempts + 1 >= :attempts_most THEN now() END
FROM unnest(CAST(:customers AS uuid[]), CAST(:sequences AS bigint[]), CAST(:reasons AS text[]),
    CAST(:pauses AS float8[])) AS told (customer_id, sequence, reason, pause)
WHERE event.customer_id = told.customer_id AND event.sequence = told.sequence
""")
MARK_IN_FALLBACK = text("""
UPDATE event SET fallback_id = told.fallback_id
FROM unnest(CAST(:customers AS uuid[]), CAST(:sequences AS bigint[]), CAST(:fallback_ids AS text[]))
    AS told (customer_id, sequence, fallback_id)
WHERE event.customer_id = told.customer_id AND event.sequence = told.sequence
""")
FORGET_FALLBACK = text(
    "UPDATE event SET fallback_id = NULL WHERE published_at IS NULL AND attempts = 0 AND fallback_id IS NOT NULL"
)
