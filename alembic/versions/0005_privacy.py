"""Requests of privacy: exports and erasures.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLE = "privacy_request"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("subject_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('export', 'erasure')", name=op.f("ck_privacy_request_kind_known")),
        sa.CheckConstraint(
            "status IN ('scheduled', 'running', 'done', 'failed', 'cancelled', 'expired')",
            name=op.f("ck_privacy_request_status_known"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(user_id, customer_id) = 1 OR completed_at IS NOT NULL",
            name=op.f("ck_privacy_request_subject_named"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
    )
    op.create_index(
        "ix_privacy_request_unfinished",
        _TABLE,
        ["subject_hash", "kind"],
        unique=True,
        postgresql_where=sa.text("completed_at IS NULL"),
    )
    op.create_index("ix_privacy_request_due", _TABLE, ["due_at"], postgresql_where=sa.text("completed_at IS NULL"))
    op.create_index(
        op.f("ix_privacy_request_subject_hash_kind_requested_at"),
        _TABLE,
        ["subject_hash", "kind", "requested_at"],
    )
    for column in ("user_id", "customer_id", "expires_at"):
        op.create_index(
            op.f(f"ix_privacy_request_{column}"),
            _TABLE,
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_table(_TABLE)
