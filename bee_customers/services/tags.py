"""Tags: the global catalogue, and what one customer carries."""

import datetime
import uuid

import uuid_utils.compat
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bee_customers.models import CustomerTag, Tag
from bee_customers.services.text import comparison_key


class TagService:
    def __init__(self, session: Session) -> None:
        self._session = session

    def carried_by(self, customer_id: uuid.UUID) -> list[str]:
        """The names a customer carries, in the order they are shown."""
        statement = (
            select(Tag.name)
            .join(CustomerTag, CustomerTag.tag_id == Tag.id)
            .where(CustomerTag.customer_id == customer_id)
            .order_by(Tag.name_key)
        )
        return list(self._session.scalars(statement))

    def replace(self, customer_id: uuid.UUID, names: list[str], now: datetime.datetime) -> list[str]:
        """Let a customer carry exactly these; returns the names as the catalogue writes them."""
        catalogue = self._ensure(names, now)
        ids = list(catalogue.values())
        self._session.execute(
            delete(CustomerTag).where(CustomerTag.customer_id == customer_id, CustomerTag.tag_id.not_in(ids))
        )
        if ids:
            rows = [{"customer_id": customer_id, "tag_id": tag_id, "created_at": now} for tag_id in ids]
            self._session.execute(insert(CustomerTag).on_conflict_do_nothing(), rows)
        return list(catalogue)

    def _ensure(self, names: list[str], now: datetime.datetime) -> dict[str, uuid.UUID]:
        """Catalogue name to id, in the order shown; what the catalogue lacks is created."""
        wanted = {comparison_key(name): name for name in names}
        found = self._find(wanted)
        if len(found) < len(wanted):
            # in one order for everybody, or two transactions could wait for each other
            rows = [
                {"id": uuid_utils.compat.uuid7(), "name": wanted[key], "name_key": key, "created_at": now}
                for key in sorted(wanted)
            ]
            self._session.execute(insert(Tag).on_conflict_do_nothing(index_elements=[Tag.name_key]), rows)
            found = self._find(wanted)
        return found

    def _find(self, wanted: dict[str, str]) -> dict[str, uuid.UUID]:
        if not wanted:
            return {}
        statement = select(Tag.name, Tag.id).where(Tag.name_key.in_(wanted)).order_by(Tag.name_key)
        return {row.name: row.id for row in self._session.execute(statement)}
