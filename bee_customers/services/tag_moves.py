"""Renaming, merging and removing tags, whoever carries them: in batches of customers, each a transaction.

A tag never changes its name in place: customers would show another name at once, and be told of later or never.
Its carriers move to another tag, batch by batch, and the one that nobody carries any more leaves the catalogue.
Whoever is stopped in between leaves both tags behind, and every customer with one of them and its event.
"""

import dataclasses
import datetime
import uuid
from collections.abc import Iterator
from typing import Any

import uuid_utils.compat
from psycopg2.errors import UniqueViolation
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.statements import Rows
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import TagExists, TagNotFound
from bee_customers.services import bulk_tags
from bee_customers.services.bulk_changes import Acting
from bee_customers.services.bulk_tags import Swap
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.customer_choice import BATCH
from bee_customers.services.text import comparison_key

# The name held by whoever changes the catalogue: two merges against each other would never end.
LOCK = "tags"
_BEFORE_ALL = str(uuid.UUID(int=0))
_ALL = text("""
SELECT tag.id, name, name_key, color, tag.created_at, count(customer_id)
FROM tag LEFT JOIN customer_tag ON tag_id = tag.id GROUP BY tag.id ORDER BY name_key
""")
_FIND = text("""
SELECT id, name, name_key, color, created_at, (SELECT count(*) FROM customer_tag WHERE tag_id = tag.id)
FROM tag WHERE name_key = :key
""")
_BOTH = text("""
SELECT count(*) FROM customer_tag AS one JOIN customer_tag AS other USING (customer_id)
WHERE one.tag_id = CAST(:one AS uuid) AND other.tag_id = CAST(:other AS uuid)
""")
_CARRIERS = text("""
SELECT customer_id FROM customer_tag
WHERE tag_id = CAST(:tag_id AS uuid) AND customer_id > CAST(:after AS uuid) ORDER BY customer_id LIMIT :batch
""")
_SET_ASIDE = text("UPDATE tag SET name_key = :aside WHERE id = CAST(:id AS uuid)")
_INSERT = text("""
INSERT INTO tag (id, name, name_key, color, created_at)
VALUES (CAST(:id AS uuid), :name, :name_key, :color, :created_at)
""")
_LOCK_TAG = text("SELECT id FROM tag WHERE id = CAST(:id AS uuid) FOR UPDATE")
_REMOVE = text("""
DELETE FROM tag WHERE id = CAST(:id AS uuid)
    AND NOT EXISTS (SELECT FROM customer_tag WHERE tag_id = CAST(:id AS uuid))
""")
_IS_THERE = text("SELECT count(*) FROM tag WHERE id = CAST(:id AS uuid)")


@dataclasses.dataclass(frozen=True)
class TagRow:
    """A tag with how many customers carry it."""

    id: uuid.UUID
    name: str
    key: str
    color: str | None
    created_at: datetime.datetime
    customers: int

    @property
    def is_set_aside(self) -> bool:
        """Whether its carriers are on their way to another spelling of it."""
        return self.key.startswith(" ")


def catalogue(database: Database) -> list[TagRow]:
    """All tags by name."""
    return [TagRow(*row) for row in database.read(_ALL)]


def find(database: Database, name: str) -> TagRow:
    """The tag of that name in any spelling, else one set aside by a rename; raises TagNotFound."""
    key = comparison_key(name)
    found = _find(database, key) or _find(database, f" {key}")
    if found is None:
        raise TagNotFound(f"no such tag: {name!r}")
    return found


def create(database: Database, name: str, color: str | None, clock: Clock = utc_now) -> TagRow:
    """Add a tag to the catalogue; raises TagExists, whatever the spelling of the one there."""
    return transact(database, lambda unit: _insert(unit.transaction, name, color, clock()))


def carried_with(database: Database, one: TagRow, other: TagRow) -> int:
    """How many customers carry both."""
    return int(_rows(database, _BOTH, one=str(one.id), other=str(other.id))[0][0])


def merge(
    database: Database, source: TagRow, target: TagRow, acting: Acting, clock: Clock = utc_now
) -> Iterator[int]:
    """Let all who carry one tag carry the other instead, and remove the first; tells how many changed, by batches.

    Those that come to carry it meanwhile are moved too. A merge that is repeated does what is left.
    """
    return _retire(database, source, Swap(on=target.id, off=source.id), acting, clock)


def delete(database: Database, tag: TagRow, acting: Acting, clock: Clock = utc_now) -> Iterator[int]:
    """Take a tag off all who carry it, and remove it; tells how many changed, by batches."""
    return _retire(database, tag, Swap(off=tag.id), acting, clock)


@dataclasses.dataclass(frozen=True)
class Rename:
    """A new name for a tag, perhaps only another spelling of it.

    Of two spellings only one can have the key by which tags are found. The old one is set aside: it gets the key
    with a blank in front, which no name has. The same rename again goes on with what is set aside.
    """

    tag: TagRow
    name: str
    aside: TagRow | None

    @property
    def is_another(self) -> bool:
        """Whether it is not called so already."""
        return self.tag.name != self.name or self.tag.is_set_aside

    @property
    def keeps_its_key(self) -> bool:
        """Whether it is only another spelling."""
        return comparison_key(self.name) == self.tag.key

    @property
    def customers(self) -> int:
        """How many will change."""
        return (self.tag.customers if self.is_another else 0) + (self.aside.customers if self.aside else 0)

    def run(self, database: Database, acting: Acting, clock: Clock = utc_now) -> Iterator[int]:
        """Tells how many changed, by batches."""
        if self.aside:
            yield from merge(database, self.aside, self.tag, acting, clock)
        if self.is_another:
            target = transact(database, lambda unit: self._make(unit.transaction))
            yield from merge(database, self.tag, target, acting, clock)

    def _make(self, transaction: Transaction) -> TagRow:
        if self.keeps_its_key:
            transaction.run(_SET_ASIDE, {"id": str(self.tag.id), "aside": f" {self.tag.key}"})
        return _insert(transaction, self.name, self.tag.color, self.tag.created_at)


def renaming(database: Database, old: str, new: str) -> Rename:
    """The rename of a tag; raises TagNotFound, and TagExists where the new name is that of another one."""
    tag, key = find(database, old), comparison_key(new)
    if key != tag.key and _find(database, key) is not None:
        raise TagExists(f"the catalogue has {new!r} already: `tags merge {old!r} {new!r}` makes one of the two")
    return Rename(tag, new, None if tag.is_set_aside else _find(database, f" {tag.key}"))


def _insert(transaction: Transaction, name: str, color: str | None, now: datetime.datetime) -> TagRow:
    made = TagRow(uuid_utils.compat.uuid7(), name, comparison_key(name), color, now, 0)
    values = {"id": str(made.id), "name": name, "name_key": made.key, "color": color, "created_at": now}
    try:
        transaction.run(_INSERT, values)
    except UniqueViolation:
        raise TagExists(f"the catalogue has {name!r} already, perhaps in another spelling") from None
    return made


def _retire(database: Database, tag: TagRow, swap: Swap, acting: Acting, clock: Clock) -> Iterator[int]:
    """Until nobody carries it, whoever may have come to carry it meanwhile."""
    while not _remove(database, tag):
        for done in bulk_tags.in_batches(database, _carriers(database, tag), swap, acting, clock):
            yield done.changed


def _remove(database: Database, tag: TagRow) -> bool:
    """Remove it where nobody carries it; whether it is gone.

    Locked first: whoever is about to carry it is waited for, and the statement after that sees it.
    """

    def attempt(transaction: Transaction) -> bool:
        named = {"id": str(tag.id)}
        is_there = bool(transaction.run(_LOCK_TAG, named).rows)
        return not is_there or transaction.run(_REMOVE, named).count == 1

    return transact(database, lambda unit: attempt(unit.transaction))


def _carriers(database: Database, tag: TagRow) -> Iterator[list[uuid.UUID]]:
    position = _BEFORE_ALL
    while rows := _rows(database, _CARRIERS, tag_id=str(tag.id), after=position, batch=BATCH):
        position = str(rows[-1][0])
        yield [customer_id for (customer_id,) in rows]


def _find(database: Database, key: str) -> TagRow | None:
    rows = _rows(database, _FIND, key=key)
    return TagRow(*rows[0]) if rows else None


def _rows(database: Database, statement: Any, **parameters: Any) -> Rows:
    """Of the primary: a standby that lags behind would show carriers again and again."""
    return transact(database, lambda unit: unit.transaction.run(statement, parameters).rows)
