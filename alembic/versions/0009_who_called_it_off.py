"""Who called off an erasure.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INDEX = "ix_privacy_request_cancelled_by"


def upgrade() -> None:
    # nobody knows it of those that were called off before
    op.add_column("privacy_request", sa.Column("cancelled_by", sa.Text(), nullable=True))
    with op.get_context().autocommit_block():
        op.create_index(
            _INDEX,
            "privacy_request",
            ["cancelled_by"],
            postgresql_concurrently=True,
            if_not_exists=True,
            postgresql_where=sa.text("cancelled_by IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="privacy_request")
    op.drop_column("privacy_request", "cancelled_by")
