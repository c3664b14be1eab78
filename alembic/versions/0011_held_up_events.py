"""Events that wait behind a refused one of their customer are marked, and no claim walks over them again.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The table is in use while these are made. ix_event_fresh stays: the version before claims by it.
_INDEXES = {
    "ix_event_ready": (["sequence"], "published_at IS NULL AND attempts = 0 AND NOT is_held_up"),
    "ix_event_held_up": (["customer_id", "sequence"], "published_at IS NULL AND is_held_up"),
}


def upgrade() -> None:
    op.add_column("event", sa.Column("is_held_up", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    with op.get_context().autocommit_block():
        for name, (columns, condition) in _INDEXES.items():
            op.create_index(
                name,
                "event",
                columns,
                postgresql_concurrently=True,
                if_not_exists=True,
                postgresql_where=sa.text(condition),
            )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in _INDEXES:
            op.drop_index(name, table_name="event", postgresql_concurrently=True, if_exists=True)
    op.drop_column("event", "is_held_up")
