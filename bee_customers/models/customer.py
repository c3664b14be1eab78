"""A customer of one business, and the aggregates that are not on the profile."""

import datetime
import decimal
import uuid

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import ERASE, EXPORT, EXPORT_AND_ERASE, KEEP, Base

GENDERS = ("male", "female", "other", "unspecified")


class Customer(Base):
    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("business_id", "user_id"),
        CheckConstraint("char_length(full_name) BETWEEN 1 AND 200", name="full_name_length"),
        CheckConstraint("gender IN ('male', 'female', 'other', 'unspecified')", name="gender_known"),
        CheckConstraint("total_orders >= 0", name="total_orders_positive"),
        # PostgreSQL keeps NaN in a NUMERIC, and sorts it above every number.
        CheckConstraint("lifetime_value >= 0 AND lifetime_value <> 'NaN'", name="lifetime_value_positive"),
        # Each sort of the list has its (value, id) index: a keyset page costs the same at any depth.
        Index(None, "created_at", "id"),
        Index(None, "business_id", "created_at", "id"),
        Index(None, "name_key", "id"),
        # These two carry what the other sorts by: filtered by the one, sorted by the other, an index is enough.
        Index(
            "ix_customer_lifetime_value_total_orders",
            "lifetime_value",
            "id",
            postgresql_include=["total_orders"],
        ),
        Index(
            "ix_customer_total_orders_lifetime_value",
            "total_orders",
            "id",
            postgresql_include=["lifetime_value"],
        ),
        # where next to nobody has one of these, all would be looked at
        Index(
            "ix_customer_rare_gender", "gender", "id", postgresql_where=text("gender IN ('other', 'unspecified')")
        ),
        # how an import finds a customer that it has no id of
        Index(None, "business_id", "email_key", postgresql_where=text("email_key IS NOT NULL")),
        # all customers of one user, whose rights reach over businesses
        Index(None, "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, info=EXPORT)
    user_id: Mapped[uuid.UUID | None] = mapped_column(info=EXPORT_AND_ERASE)
    business_id: Mapped[uuid.UUID] = mapped_column(info=EXPORT)
    full_name: Mapped[str] = mapped_column(info=EXPORT_AND_ERASE)
    email: Mapped[str | None] = mapped_column(info=EXPORT_AND_ERASE)
    phone: Mapped[str | None] = mapped_column(info=EXPORT_AND_ERASE)
    gender: Mapped[str | None] = mapped_column(info=EXPORT_AND_ERASE)
    avatar_url: Mapped[str | None] = mapped_column(info=EXPORT_AND_ERASE)
    total_orders: Mapped[int] = mapped_column(server_default=text("0"), info=EXPORT)
    lifetime_value: Mapped[decimal.Decimal] = mapped_column(Numeric(14, 2), server_default=text("0"), info=EXPORT)
    # +1 on every change: it is the ETag
    version: Mapped[int] = mapped_column(server_default=text("1"), info=KEEP)
    # what full_name sorts by: no case, no accents, the same order on every server
    name_key: Mapped[str] = mapped_column(Text(collation="C"), info=ERASE)
    # name, e-mail and phone digits in one, for search; a trigram index where pg_trgm can be had
    search_text: Mapped[str] = mapped_column(info=ERASE)
    # what e-mails are compared by: their case does not matter
    email_key: Mapped[str | None] = mapped_column(info=ERASE)
    created_at: Mapped[datetime.datetime] = mapped_column(info=EXPORT)
    updated_at: Mapped[datetime.datetime] = mapped_column(info=EXPORT)


class CustomerHistory(Base):
    __tablename__ = "customer_history"
    __table_args__ = (
        # a customer without orders sorts by a date before all others, so that a keyset page never meets a NULL
        Index(
            "ix_customer_history_last_order",
            text("COALESCE(last_order_date, '0001-01-01'::date)"),
            "customer_id",
        ),
    )

    customer_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, info=EXPORT
    )
    first_order_date: Mapped[datetime.date | None] = mapped_column(Date(), info=EXPORT)
    last_order_date: Mapped[datetime.date | None] = mapped_column(Date(), info=EXPORT)
    returned_orders: Mapped[int] = mapped_column(server_default=text("0"), info=EXPORT)
    total_bookings: Mapped[int] = mapped_column(server_default=text("0"), info=EXPORT)
