"""The global catalogue of tags, and which customer carries which."""

import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import EXPORT, KEEP, Base


class Tag(Base):
    __tablename__ = "tag"
    __table_args__ = (CheckConstraint("char_length(name) BETWEEN 1 AND 50", name="name_length"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, info=KEEP)
    # as first written
    name: Mapped[str] = mapped_column(info=EXPORT)
    # without case and accents: two spellings are one tag
    name_key: Mapped[str] = mapped_column(unique=True, info=KEEP)
    color: Mapped[str | None] = mapped_column(info=KEEP)
    created_at: Mapped[datetime.datetime] = mapped_column(info=KEEP)


class CustomerTag(Base):
    __tablename__ = "customer_tag"
    __table_args__ = (Index(None, "tag_id", "customer_id"),)

    customer_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, info=EXPORT
    )
    tag_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tag.id"), primary_key=True, info=EXPORT)
    created_at: Mapped[datetime.datetime] = mapped_column(info=EXPORT)
