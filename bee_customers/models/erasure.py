"""The ledger of erasures: that somebody was erased, and how to know again that it was this one, and never who."""

import datetime
import uuid
from typing import Any

from sqlalchemy import ForeignKey, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import KEEP, Base


class Erasure(Base):
    """Written before anything is destroyed, and never removed. Its id is that of the request."""

    __tablename__ = "erasure"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, info=KEEP)
    # HMACs alone, here and below: without the key they are numbers
    subject_hash: Mapped[str] = mapped_column(info=KEEP)
    started_at: Mapped[datetime.datetime] = mapped_column(info=KEEP)
    # what was there before this time is erased; empty while it is under way
    completed_at: Mapped[datetime.datetime | None] = mapped_column(info=KEEP)
    # how many rows of each table and things of each store
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=KEEP)
    # as it was signed, byte for byte
    receipt: Mapped[str | None] = mapped_column(info=KEEP)


class ErasedIdentity(Base):
    """What an erased subject would be known by: a user, a customer, an address within a business."""

    __tablename__ = "erased_identity"

    erasure_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("erasure.id", ondelete="CASCADE"), primary_key=True, info=KEEP
    )
    digest: Mapped[str] = mapped_column(primary_key=True, info=KEEP)
