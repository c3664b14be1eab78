"""A note of staff about a customer."""

import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import ERASE, EXPORT, EXPORT_AND_ERASE, Base


class CustomerNote(Base):
    __tablename__ = "customer_note"
    __table_args__ = (
        CheckConstraint("char_length(content) BETWEEN 1 AND 10000", name="content_length"),
        Index(None, "author"),
        Index(None, "created_at"),
    )

    # Ids are UUIDv7, so the key is also the order in time: a page of the newest is one range of it.
    customer_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, info=EXPORT
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, info=EXPORT)
    content: Mapped[str] = mapped_column(info=EXPORT_AND_ERASE)
    author: Mapped[str] = mapped_column(info=ERASE)
    created_at: Mapped[datetime.datetime] = mapped_column(info=EXPORT)
