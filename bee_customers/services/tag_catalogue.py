"""The global catalogue of tags: creating, listing with how many carry one, deleting."""

import contextlib
import dataclasses
import uuid
from typing import Any

import uuid_utils.compat
from psycopg2.errors import UniqueViolation
from sqlalchemy import Boolean, Integer, Text, Uuid, any_, bindparam, cast, delete, func, insert, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.errors import CustomerNotFound, TagExists, TagInUse, TagNotFound
from bee_customers.models import Customer, CustomerTag, Tag
from bee_customers.services.access import Scope
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.customers import CustomerService
from bee_customers.services.text import comparison_key

# Each carrier is a change with an event of its own, and a request must end in time.
DETACHED_MOST = 2000

_IS_IN_SCOPE = or_(
    bindparam("is_everywhere", type_=Boolean),
    Customer.business_id == any_(cast(bindparam("scope_businesses"), ARRAY(Uuid))),
)
_CARRIERS = (
    select(func.count())
    .select_from(CustomerTag)
    .join(Customer, Customer.id == CustomerTag.customer_id)
    .where(CustomerTag.tag_id == Tag.id, _IS_IN_SCOPE)
    .correlate(Tag)
    .scalar_subquery()
)
_PAGE = (
    select(Tag.name, Tag.color, Tag.created_at, _CARRIERS.label("customers"), Tag.name_key)
    .where(Tag.name_key > bindparam("after", type_=Text()))
    .order_by(Tag.name_key)
    .limit(bindparam("row_limit", type_=Integer()))
)
_FIELDS = ("name", "color", "created_at", "customers")
_INSERT = insert(Tag.__table__)  # type: ignore[arg-type]
_COLUMNS = ("id", "name", "name_key", "color", "created_at")
# Taking a tag off by force locks many customers, and those that come to carry it meanwhile in no order: of two at
# once, each could hold what the other waits for. The number is any that nothing else takes.
_TAKE_TURNS = select(func.pg_advisory_xact_lock(5417340927))
_BEFORE_LOCK = text("SAVEPOINT before_lock")
_UNLOCK = text("ROLLBACK TO SAVEPOINT before_lock; RELEASE SAVEPOINT before_lock")
_LOCK = select(Tag.id).where(Tag.name_key == bindparam("key")).with_for_update()
_WHO_CARRIES = (
    select(CustomerTag.customer_id, _IS_IN_SCOPE)
    .join(Customer, Customer.id == CustomerTag.customer_id)
    .where(CustomerTag.tag_id == bindparam("tag_id"))
    .order_by(CustomerTag.customer_id)
    .limit(bindparam("row_limit", type_=Integer()))
)
_DELETE = delete(Tag.__table__).where(Tag.id == bindparam("tag_id"))  # type: ignore[arg-type]


@dataclasses.dataclass(frozen=True)
class TagPage:
    items: list[dict[str, Any]]
    next_after: str | None


def list_tags(database: Database, scope: Scope, limit: int, after: str | None) -> TagPage:
    """Tags by name, each with the number of the caller's customers that carry it."""
    rows = database.read(_PAGE, {"after": after or "", "row_limit": limit + 1, **scope.parameters()})
    kept = rows[:limit]
    items = [dict(zip(_FIELDS, row, strict=False)) for row in kept]
    return TagPage(items, kept[-1][-1] if len(rows) > limit else None)


class TagCatalogue:
    def __init__(self, transaction: Transaction, customers: CustomerService, clock: Clock = utc_now) -> None:
        self._transaction = transaction
        self._customers = customers
        self._clock = clock

    def create(self, name: str, color: str | None) -> dict[str, Any]:
        """Add a tag and return it; raises TagExists, whatever the case and accents of the one there."""
        tag = {"name": name, "color": color, "created_at": self._clock()}
        row = {"id": uuid_utils.compat.uuid7(), "name_key": comparison_key(name), **tag}
        try:
            self._transaction.run(_INSERT, row, _COLUMNS)
        except UniqueViolation:
            raise TagExists("the catalogue has this tag already") from None
        return {**tag, "customers": 0}

    def delete(self, scope: Scope, name: str, *, is_forced: bool) -> None:
        """Remove a tag. Where customers carry it, `is_forced` takes it off them first, each with its event.

        Raises TagNotFound, and TagInUse: not forced, carried by customers out of the caller's reach, or by more
        than one request can change.
        """
        if is_forced:
            self._transaction.run(_TAKE_TURNS)
        room = DETACHED_MOST
        while carriers := self._delete_unless_carried(scope, name, room, is_forced=is_forced):
            self._detach(scope, carriers, name)
            room -= len(carriers)

    def _delete_unless_carried(self, scope: Scope, name: str, room: int, *, is_forced: bool) -> list[uuid.UUID]:
        """Delete the tag, or let go of it and return who carries it.

        Everybody locks customers before tags: who holds a tag locked must wait for nothing.
        """
        self._transaction.run(_BEFORE_LOCK)
        tag_id = self._lock(name)
        carriers = self._carriers(scope, tag_id, room, is_forced=is_forced)
        if carriers:
            self._transaction.run(_UNLOCK)
        else:
            self._transaction.run(_DELETE, {"tag_id": tag_id})
        return carriers

    def _lock(self, name: str) -> uuid.UUID:
        rows = self._transaction.run(_LOCK, {"key": comparison_key(name)}).rows
        if not rows:
            raise TagNotFound("no such tag")
        tag_id: uuid.UUID = rows[0][0]
        return tag_id

    def _carriers(self, scope: Scope, tag_id: uuid.UUID, room: int, *, is_forced: bool) -> list[uuid.UUID]:
        parameters = {"tag_id": tag_id, "row_limit": room + 1, **scope.parameters()}
        carriers = self._transaction.run(_WHO_CARRIES, parameters).rows
        if not all(is_in_scope for _, is_in_scope in carriers):
            raise TagInUse("customers of other businesses carry the tag")
        if carriers and not is_forced:
            raise TagInUse("customers carry the tag; force=true takes it off them")
        if len(carriers) > room:
            raise TagInUse(f"more than {DETACHED_MOST} customers carry the tag, which is too many for one request")
        return [customer_id for customer_id, _ in carriers]

    def _detach(self, scope: Scope, carriers: list[uuid.UUID], name: str) -> None:
        for customer_id in carriers:
            # one that was deleted, or detached the tag, in the meantime needs nothing more
            with contextlib.suppress(CustomerNotFound, TagNotFound):
                self._customers.detach_tag(scope, customer_id, name)
