"""Imports: runs and what they leave to do, and what e-mails are compared by.

Revision ID: 0004
Revises: 0003
"""

import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BATCH = 10_000
_INDEX = "ix_customer_business_id_email_key"


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("rejects_file", sa.Text(), nullable=True),
        sa.Column("rejects_position", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('running', 'stopped', 'done')", name=op.f("ck_import_run_status_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(
        op.f("ix_import_run_fingerprint_started_at"), "import_run", ["fingerprint", "started_at"], unique=False
    )
    op.create_table(
        "pending_stats",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_pending_stats")),
    )
    op.add_column("customer", sa.Column("email_key", sa.Text(), nullable=True))
    with op.get_context().autocommit_block():
        _fill_email_keys()
        op.create_index(
            op.f(_INDEX),
            "customer",
            ["business_id", "email_key"],
            unique=False,
            postgresql_where=sa.text("email_key IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def _fill_email_keys() -> None:
    """In batches, each committed by itself, so that nobody waits long for a row."""
    connection = op.get_bind()
    position = "00000000-0000-0000-0000-000000000000"
    page = sa.text("SELECT id, email FROM customer WHERE id > :position ORDER BY id LIMIT :batch")
    fill = sa.text(
        "UPDATE customer SET email_key = filled.key"
        " FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[])) AS filled (id, key)"
        " WHERE customer.id = filled.id AND customer.email_key IS NULL"
    )
    while rows := connection.execute(page, {"position": position, "batch": _BATCH}).all():
        position = rows[-1][0]
        keys = {str(row[0]): unicodedata.normalize("NFC", row[1].casefold()) for row in rows if row[1]}
        connection.execute(fill, {"ids": list(keys), "keys": list(keys.values())})


def downgrade() -> None:
    op.drop_index(op.f(_INDEX), table_name="customer")
    op.drop_column("customer", "email_key")
    op.drop_table("pending_stats")
    op.drop_index(op.f("ix_import_run_fingerprint_started_at"), table_name="import_run")
    op.drop_table("import_run")
