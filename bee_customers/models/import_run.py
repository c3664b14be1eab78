"""One import of one file: how far it is, and what became of its rows."""

import datetime
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import KEEP, Base

IMPORT_STATUSES = ("running", "stopped", "done")


class ImportRun(Base):
    """Written in the transaction of each batch, so that it always tells what is really there."""

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'stopped', 'done')", name="status_known"),
        Index(None, "fingerprint", "started_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, info=KEEP)
    kind: Mapped[str] = mapped_column(info=KEEP)
    file_name: Mapped[str] = mapped_column(info=KEEP)
    # of the file's beginning: what tells it from others before all of it is read
    fingerprint: Mapped[str] = mapped_column(info=KEEP)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, info=KEEP)
    # how many bytes and lines of the file (unpacked) are dealt with, and the digest of those bytes
    position: Mapped[int] = mapped_column(BigInteger, info=KEEP)
    line: Mapped[int] = mapped_column(BigInteger, info=KEEP)
    digest: Mapped[str] = mapped_column(info=KEEP)
    # where refused rows went, which are personal data in an operator's hands, and how far that file is sound
    rejects_file: Mapped[str | None] = mapped_column(info=KEEP)
    rejects_position: Mapped[int] = mapped_column(BigInteger, info=KEEP)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, info=KEEP)
    status: Mapped[str] = mapped_column(info=KEEP)
    started_at: Mapped[datetime.datetime] = mapped_column(info=KEEP)
    finished_at: Mapped[datetime.datetime | None] = mapped_column(info=KEEP)
