"""The ledger of erasures, and how what is to be erased is found.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_hash", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "erased_identity",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["erasure_id"],
            ["erasure.id"],
            name=op.f("fk_erased_identity_erasure_id_erasure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("erasure_id", "digest", name=op.f("pk_erased_identity")),
    )
    with op.get_context().autocommit_block():
        for name, (table, column, options) in _INDEXES.items():
            op.create_index(name, table, [column], postgresql_concurrently=True, if_not_exists=True, **options)


def downgrade() -> None:
    for name, (table, _, _) in _INDEXES.items():
        op.drop_index(name, table_name=table)
    op.drop_table("erased_identity")
    op.drop_table("erasure")
