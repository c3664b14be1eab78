"""What somebody asked for by a right of privacy, and what became of it."""

import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import ERASE, EXPORT, EXPORT_AND_ERASE, KEEP, Base

REQUEST_KINDS = ("export", "erasure")
# An erasure: scheduled, running, then done or cancelled; failed is to be tried again. An export is done, and
# expired once its file is gone.
REQUEST_STATUSES = ("scheduled", "running", "done", "failed", "cancelled", "expired")


class PrivacyRequest(Base):
    """Without a foreign key: it outlives the customers it is about, and then names nobody."""

    __tablename__ = "privacy_request"
    __table_args__ = (
        CheckConstraint("kind IN ('export', 'erasure')", name="kind_known"),
        CheckConstraint(
            "status IN ('scheduled', 'running', 'done', 'failed', 'cancelled', 'expired')", name="status_known"
        ),
        CheckConstraint(
            "num_nonnulls(user_id, customer_id) = 1 OR completed_at IS NOT NULL", name="subject_named"
        ),
        # a subject has one unfinished request of a kind
        Index(
            "ix_privacy_request_unfinished",
            "subject_hash",
            "kind",
            unique=True,
            postgresql_where=text("completed_at IS NULL"),
        ),
        Index("ix_privacy_request_due", "due_at", postgresql_where=text("completed_at IS NULL")),
        Index(None, "subject_hash", "kind", "requested_at"),
        Index(None, "user_id", postgresql_where=text("user_id IS NOT NULL")),
        Index(None, "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index(None, "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
        Index(None, "cancelled_by", postgresql_where=text("cancelled_by IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, info=EXPORT)
    kind: Mapped[str] = mapped_column(info=EXPORT)
    # one of the two while it is unfinished; an erasure takes both out
    user_id: Mapped[uuid.UUID | None] = mapped_column(info=EXPORT_AND_ERASE)
    customer_id: Mapped[uuid.UUID | None] = mapped_column(info=EXPORT_AND_ERASE)
    # an HMAC, which stays: by it the subject is known again when it asks once more
    subject_hash: Mapped[str] = mapped_column(info=KEEP)
    status: Mapped[str] = mapped_column(info=EXPORT)
    # the user itself, or the operator who was asked by other means
    requested_by: Mapped[str | None] = mapped_column(info=ERASE)
    # the user itself, one of the staff or an operator; empty where nobody called it off
    cancelled_by: Mapped[str | None] = mapped_column(info=ERASE)
    requested_at: Mapped[datetime.datetime] = mapped_column(info=EXPORT)
    # when it is to be done
    due_at: Mapped[datetime.datetime] = mapped_column(info=EXPORT)
    completed_at: Mapped[datetime.datetime | None] = mapped_column(info=EXPORT)
    # until when the file of an export may be fetched; empty once it is gone
    expires_at: Mapped[datetime.datetime | None] = mapped_column(info=KEEP)
    # ids, keys of files, digests and counts: nothing that tells of a person
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=KEEP)
