"""Events that were never tried and those to be tried again, each by an index of its own.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UNPUBLISHED = "published_at IS NULL"
# The table is in use while these are made.
_INDEXES = {
    "ix_event_fresh": ("sequence", f"{_UNPUBLISHED} AND attempts = 0"),
    "ix_event_due": ("next_attempt_at", f"{_UNPUBLISHED} AND attempts > 0 AND quarantined_at IS NULL"),
}


def upgrade() -> None:
    # released by an operator, in the old way: due at once
    op.execute(
        "UPDATE event SET next_attempt_at = now() WHERE published_at IS NULL AND attempts > 0"
        " AND quarantined_at IS NULL AND next_attempt_at IS NULL"
    )
    with op.get_context().autocommit_block():
        for name, (column, condition) in _INDEXES.items():
            _create(name, column, condition)
        op.drop_index("ix_event_unpublished", table_name="event", postgresql_concurrently=True, if_exists=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _create("ix_event_unpublished", "sequence", _UNPUBLISHED)
        for name in _INDEXES:
            op.drop_index(name, table_name="event", postgresql_concurrently=True, if_exists=True)


def _create(name: str, column: str, condition: str) -> None:
    op.create_index(
        name,
        "event",
        [column],
        postgresql_concurrently=True,
        if_not_exists=True,
        postgresql_where=sa.text(condition),
    )
