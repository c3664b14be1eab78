"""The ledger of orders and bookings that a customer's aggregates are computed from."""

import datetime
import decimal
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import EXPORT, EXPORT_AND_ERASE, KEEP, Base

ORDER_KINDS = ("order", "booking")
ORDER_STATUSES = ("placed", "completed", "returned", "cancelled")


class CustomerOrder(Base):
    __tablename__ = "customer_order"
    __table_args__ = (
        CheckConstraint("kind IN ('order', 'booking')", name="kind_known"),
        CheckConstraint("status IN ('placed', 'completed', 'returned', 'cancelled')", name="status_known"),
        CheckConstraint("amount >= 0 AND amount <> 'NaN'", name="amount_positive"),
        # the ledger's page, and the first and last date of it
        Index(None, "customer_id", "ordered_at", "order_id"),
    )

    customer_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, info=EXPORT
    )
    # the orders system's own id
    order_id: Mapped[str] = mapped_column(primary_key=True, info=EXPORT_AND_ERASE)
    kind: Mapped[str] = mapped_column(info=EXPORT)
    status: Mapped[str] = mapped_column(info=EXPORT)
    amount: Mapped[decimal.Decimal] = mapped_column(Numeric(14, 2), info=EXPORT_AND_ERASE)
    ordered_at: Mapped[datetime.datetime] = mapped_column(info=EXPORT_AND_ERASE)
    # the last writer by this time wins, whenever it arrives
    updated_at: Mapped[datetime.datetime] = mapped_column(info=EXPORT)


class PendingStats(Base):
    """Whose ledger an import has added to, while their aggregates are still to follow.

    Without a foreign key: checking it would cost as much as all the rest, and a customer that is gone has nothing
    to be set right.
    """

    __tablename__ = "pending_stats"

    customer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, info=KEEP)
