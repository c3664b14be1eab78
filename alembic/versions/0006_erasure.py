"""Erasure and retention: how what is due is found.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The tables are in use while these are made.
_INDEXES = {
    "ix_customer_user_id": ("customer", "user_id", {"postgresql_where": sa.text("user_id IS NOT NULL")}),
    "ix_customer_note_author": ("customer_note", "author", {}),
    "ix_customer_note_created_at": ("customer_note", "created_at", {}),
    "ix_event_actor": ("event", "actor", {"postgresql_where": sa.text("length(actor) = 36")}),
    "ix_event_occurred_at": ("event", "occurred_at", {"postgresql_using": "brin"}),
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, (table, column, options) in _INDEXES.items():
            op.create_index(name, table, [column], postgresql_concurrently=True, if_not_exists=True, **options)


def downgrade() -> None:
    for name, (table, _, _) in _INDEXES.items():
        op.drop_index(name, table_name=table)
