"""Customers, their aggregates, tags, events and stored replies.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("avatar_url", sa.Text(), nullable=True),
        sa.Column("total_orders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "lifetime_value", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "gender IN ('male', 'female', 'other', 'unspecified')", name=op.f("ck_customer_gender_known")
        ),
        sa.CheckConstraint(
            "lifetime_value >= 0 AND lifetime_value <> 'NaN'",
            name=op.f("ck_customer_lifetime_value_positive"),
        ),
        sa.CheckConstraint("char_length(full_name) BETWEEN 1 AND 200", name=op.f("ck_customer_full_name_length")),
        sa.CheckConstraint("total_orders >= 0", name=op.f("ck_customer_total_orders_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("business_id", "user_id", name=op.f("uq_customer_business_id_user_id")),
    )
    op.create_index(
        op.f("ix_customer_business_id_created_at_id"),
        "customer",
        ["business_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_customer_created_at_id"), "customer", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_customer_lifetime_value_id"), "customer", ["lifetime_value", "id"], unique=False)
    op.create_index(op.f("ix_customer_name_key_id"), "customer", ["name_key", "id"], unique=False)
    op.create_index(op.f("ix_customer_total_orders_id"), "customer", ["total_orders", "id"], unique=False)
    op.create_table(
        "event",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("routing_key", sa.Text(), nullable=False),
        sa.Column("customer_version", sa.Integer(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("fallback_id", sa.Text(), nullable=True),
        sa.Column("quarantined_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "sequence", name=op.f("pk_event")),
    )
    op.create_index(
        "ix_event_unpublished",
        "event",
        ["sequence"],
        unique=False,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", "method", "route", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"], unique=False)
    op.create_index(
        op.f("ix_idempotency_key_customer_id"),
        "idempotency_key",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 50", name=op.f("ck_tag_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("name_key", name=op.f("uq_tag_name_key")),
    )
    op.create_table(
        "customer_history",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("first_order_date", sa.Date(), nullable=True),
        sa.Column("last_order_date", sa.Date(), nullable=True),
        sa.Column("returned_orders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total_bookings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_history_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_history")),
    )
    op.create_index(
        "ix_customer_history_last_order",
        "customer_history",
        [sa.literal_column("COALESCE(last_order_date, '0001-01-01'::date)"), "customer_id"],
        unique=False,
    )
    op.create_table(
        "customer_tag",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_tag_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_customer_tag_tag_id_tag")),
        sa.PrimaryKeyConstraint("customer_id", "tag_id", name=op.f("pk_customer_tag")),
    )
    op.create_index(
        op.f("ix_customer_tag_tag_id_customer_id"), "customer_tag", ["tag_id", "customer_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_customer_tag_tag_id_customer_id"), table_name="customer_tag")
    op.drop_table("customer_tag")
    op.drop_index("ix_customer_history_last_order", table_name="customer_history")
    op.drop_table("customer_history")
    op.drop_table("tag")
    op.drop_index(
        op.f("ix_idempotency_key_customer_id"),
        table_name="idempotency_key",
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_idempotency_key_created_at"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_index("ix_event_unpublished", table_name="event", postgresql_where=sa.text("published_at IS NULL"))
    op.drop_table("event")
    op.drop_index(op.f("ix_customer_total_orders_id"), table_name="customer")
    op.drop_index(op.f("ix_customer_name_key_id"), table_name="customer")
    op.drop_index(op.f("ix_customer_lifetime_value_id"), table_name="customer")
    op.drop_index(op.f("ix_customer_created_at_id"), table_name="customer")
    op.drop_index(op.f("ix_customer_business_id_created_at_id"), table_name="customer")
    op.drop_table("customer")
