"""The last run of each job of cron.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_finished_at", sa.DateTime(timezone=True)),
        sa.Column("last_success_at", sa.DateTime(timezone=True)),
        sa.Column("last_exit_code", sa.Integer()),
        sa.Column("last_duration_seconds", sa.Float()),
        sa.PrimaryKeyConstraint("name", name="pk_job_run"),
    )


def downgrade() -> None:
    op.drop_table("job_run")
