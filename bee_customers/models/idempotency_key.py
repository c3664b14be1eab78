"""The stored reply of a POST that carried an Idempotency-Key."""

import datetime
import uuid
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import ERASE, KEEP, Base


class IdempotencyKey(Base):
    __tablename__ = "idempotency_key"
    __table_args__ = (
        Index(None, "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index(None, "created_at"),
    )

    subject: Mapped[str] = mapped_column(primary_key=True, info=ERASE)
    method: Mapped[str] = mapped_column(primary_key=True, info=KEEP)
    route: Mapped[str] = mapped_column(primary_key=True, info=KEEP)
    key: Mapped[str] = mapped_column(primary_key=True, info=KEEP)
    # of the body: a hash of personal data is personal data
    request_hash: Mapped[str] = mapped_column(info=ERASE)
    status: Mapped[int] = mapped_column(info=KEEP)
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB, info=KEEP)
    body: Mapped[bytes] = mapped_column(LargeBinary, info=ERASE)
    # whom the reply is about, so that an erasure finds it
    customer_id: Mapped[uuid.UUID | None] = mapped_column(info=KEEP)
    created_at: Mapped[datetime.datetime] = mapped_column(info=KEEP)
