"""What the relay of events needs: the caller's trace context, and an index of what was refused.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("traceparent", sa.Text(), nullable=True))
    op.create_index(
        "ix_event_refused",
        "event",
        ["customer_id", "sequence"],
        unique=False,
        postgresql_where=sa.text("published_at IS NULL AND attempts > 0"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_event_refused",
        table_name="event",
        postgresql_where=sa.text("published_at IS NULL AND attempts > 0"),
    )
    op.drop_column("event", "traceparent")
