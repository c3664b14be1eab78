"""Runs migrations on the connection that bee_customers.services.migrations hands over, or on -x url=...

For writing a new one: alembic -c alembic/alembic.ini -x url=postgresql://... revision --autogenerate -m "..."
"""

from alembic import context
from sqlalchemy import create_engine

from bee_customers.db.url import to_sqlalchemy
from bee_customers.models import Base
from bee_customers.services.migrations import include_object


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        include_object=include_object,
        # each migration its own transaction, so that one of them may leave it for CREATE INDEX CONCURRENTLY
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    with create_engine(to_sqlalchemy(context.get_x_argument(as_dictionary=True)["url"])).connect() as own:
        run(own)
        own.commit()
