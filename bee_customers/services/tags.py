"""Tags: the global catalogue, and what one customer carries."""

import datetime
import uuid

import uuid_utils.compat
from psycopg2.errors import ForeignKeyViolation
from sqlalchemy import DateTime, Text, Uuid, all_, any_, bindparam, cast, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql.base import Executable

from bee_customers.db.transaction import Transaction
from bee_customers.errors import FieldFault, InvalidDocument, TransactionConflict
from bee_customers.models import CustomerTag, Tag
from bee_customers.services.access import array_of
from bee_customers.services.text import comparison_key

# Built once: building a statement costs more than sending it.
_CARRIED = (
    select(Tag.name)
    .join(CustomerTag, CustomerTag.tag_id == Tag.id)
    .where(CustomerTag.customer_id == bindparam("customer_id"))
    .order_by(Tag.name_key)
)
_FIND = (
    select(Tag.name, Tag.id)
    .where(Tag.name_key == any_(cast(bindparam("keys"), ARRAY(Text))))
    .order_by(Tag.name_key)
)
# or the catalogue could lose a tag between finding and attaching it
_FIND_AND_HOLD = _FIND.with_for_update(read=True, key_share=True)
_ATTACH = (
    insert(CustomerTag)
    .from_select(
        ["customer_id", "tag_id", "created_at"],
        select(
            cast(bindparam("customer_id"), Uuid),
            func.unnest(cast(bindparam("tag_ids"), ARRAY(Uuid))),
            cast(bindparam("attached_at"), DateTime(timezone=True)),
        ),
    )
    .on_conflict_do_nothing()
)
_CREATE = insert(Tag).on_conflict_do_nothing(index_elements=[Tag.name_key])
_DETACH_OTHERS = delete(CustomerTag).where(
    CustomerTag.customer_id == bindparam("carrier_id"),
    CustomerTag.tag_id != all_(cast(bindparam("kept"), ARRAY(Uuid))),
)


class TagService:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def carried_by(self, customer_id: uuid.UUID) -> list[str]:
        """The names a customer carries, in the order they are shown."""
        return [name for (name,) in self._transaction.run(_CARRIED, {"customer_id": customer_id}).rows]

    def check_known(self, names: list[str]) -> None:
        """Raises InvalidDocument naming each tag that the catalogue lacks."""
        wanted = {comparison_key(name): name for name in names}
        known = {comparison_key(name) for name in self._find(wanted, _FIND_AND_HOLD)}
        faults = [
            FieldFault(f"/tags/{index}", f"{name!r} is not in the catalogue")
            for index, name in enumerate(names)
            if comparison_key(name) not in known
        ]
        if faults:
            raise InvalidDocument(faults)

    def replace(self, customer_id: uuid.UUID, names: list[str], now: datetime.datetime) -> list[str]:
        """Let a customer carry exactly these; returns the names as the catalogue writes them."""
        tags = self.ensure(names, now)
        self._transaction.run(_DETACH_OTHERS, {"carrier_id": customer_id, "kept": array_of(tags.values())})
        self.attach(customer_id, tags, now)
        return list(tags)

    def attach(self, customer_id: uuid.UUID, tags: dict[str, uuid.UUID], now: datetime.datetime) -> None:
        """Let a customer carry these too; one that it carries already is left as it is.

        Raises TransactionConflict for one that is not held and has left the catalogue.
        """
        values = {"customer_id": customer_id, "tag_ids": array_of(tags.values()), "attached_at": now}
        try:
            if tags:
                self._transaction.run(_ATTACH, values)
        except ForeignKeyViolation:
            raise TransactionConflict("a tag left the catalogue") from None

    def ensure(self, names: list[str], now: datetime.datetime, *, is_held: bool = True) -> dict[str, uuid.UUID]:
        """Catalogue name to id, in the order shown; what the catalogue lacks is created.

        `is_held` keeps them there until the end of the transaction: only for who has locked the customer before,
        as everybody locks customers before tags. Raises TransactionConflict for one that left at this moment.
        """
        statement = _FIND_AND_HOLD if is_held else _FIND
        wanted = {comparison_key(name): name for name in names}
        found = self._find(wanted, statement)
        if len(found) < len(wanted):
            self._create(wanted, now)
            found = self._find(wanted, statement)
        if len(found) < len(wanted):
            raise TransactionConflict("a tag left the catalogue")
        return found

    def _create(self, wanted: dict[str, str], now: datetime.datetime) -> None:
        # in one order for everybody, or two transactions could wait for each other
        rows = [
            {"id": uuid_utils.compat.uuid7(), "name": wanted[key], "name_key": key, "created_at": now}
            for key in sorted(wanted)
        ]
        self._transaction.run(_CREATE, rows, ("id", "name", "name_key", "created_at"))

    def _find(self, wanted: dict[str, str], statement: Executable) -> dict[str, uuid.UUID]:
        if not wanted:
            return {}
        return dict(self._transaction.run(statement, {"keys": list(wanted)}).rows)
