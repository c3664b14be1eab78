"""The transactional outbox, which is also the timeline of changes.

A row is written in the transaction of the change it tells of. It has no foreign key to
`customer`: what was announced outlives who it was about.
"""

import datetime
import uuid
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import ERASE, EXPORT, EXPORT_AND_ERASE, KEEP, Base


class Event(Base):
    __tablename__ = "event"
    __table_args__ = (
        # Apart from each other, so that no claim walks over what it may not take: those never tried before and
        # behind no refused one, those that are behind one, and those that the broker refused, by the time of their
        # next attempt and by what waits for them.
        Index(
            "ix_event_ready",
            "sequence",
            postgresql_where=text("published_at IS NULL AND attempts = 0 AND NOT is_held_up"),
        ),
        Index(
            "ix_event_held_up",
            "customer_id",
            "sequence",
            postgresql_where=text("published_at IS NULL AND is_held_up"),
        ),
        # The version before, to which one may have to go back, claims by this one.
        Index("ix_event_fresh", "sequence", postgresql_where=text("published_at IS NULL AND attempts = 0")),
        Index(
            "ix_event_due",
            "next_attempt_at",
            postgresql_where=text("published_at IS NULL AND attempts > 0 AND quarantined_at IS NULL"),
        ),
        Index(
            "ix_event_refused",
            "customer_id",
            "sequence",
            postgresql_where=text("published_at IS NULL AND attempts > 0"),
        ),
        # What is old lies together, so an index of a few pages is enough, and costs a write nothing.
        Index("ix_event_occurred_at", "occurred_at", postgresql_using="brin"),
        # What a user did to others. Services and imports go by names of another length.
        Index("ix_event_actor", "actor", postgresql_where=text("length(actor) = 36")),
    )

    # What a customer owns begins with the customer's id: its rows lie together, and could be
    # spread over servers by it. The sequence is given under the customer's row lock, so for one
    # customer it runs in the order of versions.
    customer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, info=EXPORT)
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True, info=KEEP)
    id: Mapped[uuid.UUID] = mapped_column(info=KEEP)
    type: Mapped[str] = mapped_column(info=EXPORT)
    routing_key: Mapped[str] = mapped_column(info=KEEP)
    customer_version: Mapped[int] = mapped_column(info=KEEP)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, info=EXPORT_AND_ERASE)
    trace_id: Mapped[str] = mapped_column(info=KEEP)
    # as the caller sent it, for consumers to go on with the same trace
    traceparent: Mapped[str | None] = mapped_column(info=KEEP)
    actor: Mapped[str] = mapped_column(info=ERASE)
    occurred_at: Mapped[datetime.datetime] = mapped_column(info=EXPORT)
    published_at: Mapped[datetime.datetime | None] = mapped_column(info=KEEP)
    attempts: Mapped[int] = mapped_column(server_default=text("0"), info=KEEP)
    next_attempt_at: Mapped[datetime.datetime | None] = mapped_column(info=KEEP)
    last_error: Mapped[str | None] = mapped_column(info=KEEP)
    fallback_id: Mapped[str | None] = mapped_column(info=KEEP)
    quarantined_at: Mapped[datetime.datetime | None] = mapped_column(info=KEEP)
    # what the relay found to wait behind a refused one of its customer; it takes the mark off with that one's end
    is_held_up: Mapped[bool] = mapped_column(server_default=text("false"), info=KEEP)
