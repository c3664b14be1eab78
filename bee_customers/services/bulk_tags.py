"""Tags of many customers at once: one on, one off, or one in the place of another."""

import dataclasses
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import TagNotFound
from bee_customers.services.access import array_of
from bee_customers.services.bulk_changes import EVENTS, WAKE_RELAY, Acting, event_parameters, lock_all
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.rules import TAGS_MOST

# Who has what is to go. Where nothing is, who lacks what is to come.
_IS_MEANT = "CASE WHEN CAST(:off AS uuid) IS NULL THEN NOT has_on ELSE has_off END"
_IS_FULL = f"CAST(:off AS uuid) IS NULL AND number_of_tags >= {TAGS_MOST}"
_LOOK = f"""
WITH asked AS (
    SELECT id, business_id, version, count(tag_id) AS number_of_tags,
        COALESCE(bool_or(tag_id = CAST(:on AS uuid)), false) AS has_on,
        COALESCE(bool_or(tag_id = CAST(:off AS uuid)), false) AS has_off,
        min(customer_tag.created_at) FILTER (WHERE tag_id = CAST(:off AS uuid)) AS since
    FROM customer LEFT JOIN customer_tag ON customer_id = id
    WHERE id = ANY(CAST(:ids AS uuid[])) GROUP BY id
), meant AS MATERIALIZED (
    SELECT *, {_IS_FULL} AS is_full FROM asked WHERE {_IS_MEANT}
)"""
_COUNTS = """
    (SELECT count(*) FROM meant WHERE NOT is_full), (SELECT array_agg(id::text) FROM meant WHERE is_full),
    (SELECT array_agg(id::text) FROM unnest(CAST(:ids AS uuid[])) AS id WHERE id NOT IN (SELECT id FROM asked))"""
_PREVIEW = text(f"{_LOOK} SELECT {_COUNTS}")
# Tags are told as the API tells them: all that the customer carries then, in the order of the catalogue.
_CHANGE = text(f"""{_LOOK}, changed AS MATERIALIZED (
    SELECT *, row_number() OVER () AS number, jsonb_build_object('tags', COALESCE((
        SELECT jsonb_agg(name ORDER BY name_key) FROM (
            SELECT name, name_key FROM customer_tag JOIN tag ON tag.id = tag_id
            WHERE customer_id = meant.id AND tag_id IS DISTINCT FROM CAST(:off AS uuid)
            UNION SELECT name, name_key FROM tag WHERE tag.id = CAST(:on AS uuid)
        ) AS carried
    ), '[]')) AS changes
    FROM meant WHERE NOT is_full
), taken_off AS (
    DELETE FROM customer_tag USING changed WHERE customer_id = changed.id AND tag_id = CAST(:off AS uuid)
), put_on AS (
    INSERT INTO customer_tag (customer_id, tag_id, created_at)
    SELECT id, CAST(:on AS uuid), COALESCE(since, :now) FROM changed WHERE CAST(:on AS uuid) IS NOT NULL
    ON CONFLICT DO NOTHING
), profile AS (
    UPDATE customer SET version = changed.version + 1, updated_at = :now
    FROM changed WHERE customer.id = changed.id
), told AS ({EVENTS})
SELECT {_COUNTS}, {WAKE_RELAY}
""")
_HOLD = text("SELECT id FROM tag WHERE id = CAST(:on AS uuid) FOR KEY SHARE")


@dataclasses.dataclass(frozen=True)
class Swap:
    """What comes on and what goes off, by the ids of the tags; one of them at least."""

    on: uuid.UUID | None = None
    off: uuid.UUID | None = None

    def parameters(self, customer_ids: Sequence[uuid.UUID]) -> dict[str, str | None]:
        on, off = (str(tag_id) if tag_id else None for tag_id in (self.on, self.off))
        return {"on": on, "off": off, "ids": array_of(customer_ids)}


@dataclasses.dataclass(frozen=True)
class Swapped:
    """Of so many customers: how many were changed, or would be; who has no room for a tag; who is not there."""

    asked: int
    changed: int
    full: tuple[str, ...]
    missing: tuple[str, ...]

    def __add__(self, other: "Swapped") -> "Swapped":
        return Swapped(
            self.asked + other.asked,
            self.changed + other.changed,
            self.full + other.full,
            self.missing + other.missing,
        )


NONE = Swapped(0, 0, (), ())


def preview(database: Database, customer_ids: Sequence[uuid.UUID], swap: Swap) -> Swapped:
    """What `carry_out` would do at this moment."""
    return _told(customer_ids, database.read(_PREVIEW, swap.parameters(customer_ids))[0])


def carry_out(
    transaction: Transaction,
    customer_ids: Sequence[uuid.UUID],
    swap: Swap,
    acting: Acting,
    clock: Clock = utc_now,
) -> Swapped:
    """Change the tags of these customers, each as one update with its event; made for some thousands at a time.

    Whoever has what comes already, or lacks what goes, is left as it is, and so is who carries as many as one may.
    Raises TagNotFound where the tag that comes on has left the catalogue.
    """
    lock_all(transaction, customer_ids)
    # not before: everybody locks customers before tags
    if swap.on and not transaction.run(_HOLD, {"on": str(swap.on)}).rows:
        raise TagNotFound("the tag has left the catalogue")
    told = event_parameters(acting, clock(), len(customer_ids))
    rows = transaction.run(_CHANGE, {**swap.parameters(customer_ids), **told}).rows
    return _told(customer_ids, rows[0])


def in_batches(
    database: Database,
    batches: Iterable[Sequence[uuid.UUID]],
    swap: Swap,
    acting: Acting,
    clock: Clock = utc_now,
) -> Iterator[Swapped]:
    """Change the tags of customers batch by batch, each a transaction."""

    def of(ids: Sequence[uuid.UUID]) -> Swapped:
        return transact(database, lambda unit: carry_out(unit.transaction, ids, swap, acting, clock))

    return map(of, batches)


def _told(customer_ids: Sequence[uuid.UUID], row: Sequence[Any]) -> Swapped:
    changed, full, missing = row[:3]
    return Swapped(len(customer_ids), changed, tuple(full or ()), tuple(missing or ()))
