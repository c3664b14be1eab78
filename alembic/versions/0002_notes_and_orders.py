"""Notes, and the ledger of orders and bookings.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_note",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "char_length(content) BETWEEN 1 AND 10000", name=op.f("ck_customer_note_content_length")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_note_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_customer_note")),
    )
    op.create_table(
        "customer_order",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('order', 'booking')", name=op.f("ck_customer_order_kind_known")),
        sa.CheckConstraint(
            "status IN ('placed', 'completed', 'returned', 'cancelled')",
            name=op.f("ck_customer_order_status_known"),
        ),
        sa.CheckConstraint("amount >= 0 AND amount <> 'NaN'", name=op.f("ck_customer_order_amount_positive")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_order_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "order_id", name=op.f("pk_customer_order")),
    )
    op.create_index(
        op.f("ix_customer_order_customer_id_ordered_at_order_id"),
        "customer_order",
        ["customer_id", "ordered_at", "order_id"],
    )


def downgrade() -> None:
    op.drop_table("customer_order")
    op.drop_table("customer_note")
