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
    # every row is updated once, when it is published: what that leaves in the index of the unpublished would
    # otherwise be walked over until a fifth of the whole history was dead
    op.execute("ALTER TABLE event SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)")
    op.execute("ALTER TABLE event SET (autovacuum_analyze_scale_factor = 0.02)")


def downgrade() -> None:
    op.execute("ALTER TABLE event RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)")
    op.execute("ALTER TABLE event RESET (autovacuum_analyze_scale_factor)")
    op.drop_index(
        "ix_event_refused",
        table_name="event",
        postgresql_where=sa.text("published_at IS NULL AND attempts > 0"),
    )
    op.drop_column("event", "traceparent")
