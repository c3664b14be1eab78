"""Notes of staff about a customer."""

import dataclasses
import uuid
from typing import Any

import uuid_utils.compat
from sqlalchemy import Integer, Select, Text, Uuid, bindparam, cast, delete, insert, literal_column, select

from bee_customers.db.engine import Database
from bee_customers.db.statements import Prepared
from bee_customers.db.transaction import Transaction
from bee_customers.errors import CustomerNotFound, NoteNotFound
from bee_customers.models import Customer, CustomerNote
from bee_customers.services import customer_documents
from bee_customers.services.access import Scope
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.customer_documents import is_reachable

_COLUMNS = (
    cast(CustomerNote.id, Text).label("id"),
    CustomerNote.content.expression,
    CustomerNote.author.expression,
    CustomerNote.created_at.expression,
)
_FIELDS = tuple(column.name for column in _COLUMNS)
_IS_CUSTOMER = Customer.id == cast(bindparam("customer_id"), Uuid)
# Ids are UUIDv7: newest first is the primary key read backwards. The join makes another business's customer
# the same as none.
_PAGE = Prepared(
    "customer_notes",
    select(*_COLUMNS)
    .join(Customer, Customer.id == CustomerNote.customer_id)
    .where(_IS_CUSTOMER, is_reachable(), CustomerNote.id < cast(bindparam("before"), Uuid))
    .order_by(CustomerNote.id.desc())
    .limit(bindparam("row_limit", type_=Integer())),
)
# FOR KEY SHARE keeps the customer from being deleted under the note, and lets everything else pass.
_HOLD: Select[Any] = (
    select(literal_column("1"))
    .select_from(Customer)
    .where(_IS_CUSTOMER, is_reachable())
    .with_for_update(read=True, key_share=True)
)
_INSERT = insert(CustomerNote.__table__)  # type: ignore[arg-type]
_DELETE = delete(CustomerNote).where(
    CustomerNote.customer_id == bindparam("note_customer_id"), CustomerNote.id == bindparam("note_id")
)
_NEWEST = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclasses.dataclass(frozen=True)
class NotePage:
    items: list[dict[str, Any]]
    next_before: str | None


class NoteService:
    """Notes are internal to the staff: they are no change of the customer and tell no event."""

    def __init__(self, transaction: Transaction, clock: Clock = utc_now) -> None:
        self._transaction = transaction
        self._clock = clock

    def add(self, scope: Scope, customer_id: uuid.UUID, content: str, author: str) -> dict[str, Any]:
        """Store a note and return it; raises CustomerNotFound."""
        self._hold(scope, customer_id)
        note = {
            "id": uuid_utils.compat.uuid7(),
            "content": content,
            "author": author,
            "created_at": self._clock(),
        }
        self._transaction.run(_INSERT, {"customer_id": customer_id, **note}, ("customer_id", *_FIELDS))
        return note

    def delete(self, scope: Scope, customer_id: uuid.UUID, note_id: uuid.UUID) -> None:
        """Remove a note; raises CustomerNotFound and NoteNotFound."""
        self._hold(scope, customer_id)
        if self._transaction.run(_DELETE, {"note_customer_id": customer_id, "note_id": note_id}).count == 0:
            raise NoteNotFound("no such note")

    def _hold(self, scope: Scope, customer_id: uuid.UUID) -> None:
        if not self._transaction.run(_HOLD, {"customer_id": customer_id, **scope.parameters()}).rows:
            raise CustomerNotFound("no such customer")


def list_notes(
    database: Database, scope: Scope, customer_id: uuid.UUID, limit: int, before: str | None
) -> NotePage:
    """A customer's notes, newest first, behind the note with the id `before`; raises CustomerNotFound."""
    parameters = {"customer_id": str(customer_id), "before": before or _NEWEST, "row_limit": limit + 1}
    rows = database.read(_PAGE, {**parameters, **scope.parameters()})
    if not rows:
        customer_documents.get(database, scope, customer_id)
    kept = rows[:limit]
    items = [dict(zip(_FIELDS, row, strict=True)) for row in kept]
    return NotePage(items, kept[-1][0] if len(rows) > limit else None)
