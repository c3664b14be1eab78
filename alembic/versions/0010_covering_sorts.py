"""Sorts by worth and by orders that can look at the other of the two, and the genders that few have.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The table is in use while these are made. Of the name: what it is sorted by, what it carries along.
_WIDER = {
    "ix_customer_lifetime_value_total_orders": ("lifetime_value", "total_orders"),
    "ix_customer_total_orders_lifetime_value": ("total_orders", "lifetime_value"),
}
_RARE = "ix_customer_rare_gender"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, (key, carried) in _WIDER.items():
            _create(name, [key, "id"], postgresql_include=[carried])
            _drop(f"ix_customer_{key}_id")
        _create(_RARE, ["gender", "id"], postgresql_where=sa.text("gender IN ('other', 'unspecified')"))


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name, (key, _) in _WIDER.items():
            _create(f"ix_customer_{key}_id", [key, "id"])
            _drop(name)
        _drop(_RARE)


def _create(name: str, columns: list[str], **options: object) -> None:
    op.create_index(name, "customer", columns, postgresql_concurrently=True, if_not_exists=True, **options)


def _drop(name: str) -> None:
    op.drop_index(name, table_name="customer", postgresql_concurrently=True, if_exists=True)
