"""Migrations: bring a database to the newest schema, and tell where it stands."""

import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, Engine, text

import bee_customers
from bee_customers.db import waits
from bee_customers.errors import InvalidSetting
from bee_customers.models import Base

# Made by the first migration only where the server has pg_trgm, so the models do not name it.
OPTIONAL_INDEXES = frozenset({"ix_customer_search_text"})
# Tried at every upgrade: the extension, or the right to create it, may have come later.
_TRIGRAM_INDEX = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm')
        AND to_regclass('customer') IS NOT NULL THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX IF NOT EXISTS ix_customer_search_text ON customer USING gin (search_text gin_trgm_ops);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'pg_trgm may not be created by this role; search goes without an index';
END
$$
"""
_TURN_SECONDS = 0.2
_LOCK = 5417340926  # any number, as long as only migrations take it


def scripts_of(base: Path) -> Path:
    """Where the migrations are: beside the settings file, else beside the package; raises InvalidSetting."""
    for directory in (base / "alembic", Path(bee_customers.__file__).parent.parent / "alembic"):
        if (directory / "env.py").is_file():
            return directory
    raise InvalidSetting(f"the migrations were not found: expected the directory alembic in {base}")


def upgrade(engine: Engine, scripts: Path) -> None:
    """Migrate to the newest revision; two processes at once take turns. A newer schema is left as it is."""
    config = _config(scripts)
    with engine.connect() as connection:
        # Building an index on a big table takes longer than a request may.
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = 0"))
        waits.without_limit(connection.connection.driver_connection)
        _take_turns(connection)
        try:
            revision = _revision(connection)
            # alembic begins and ends its transactions by itself
            connection.rollback()
            if not is_newer(revision, scripts):
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.execute(text(_TRIGRAM_INDEX))
                connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.invalidate()


def _take_turns(connection: Connection) -> None:
    """Wait for whoever migrates already.

    Not in a statement that waits: CREATE INDEX CONCURRENTLY of the other would wait for that.
    """
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}):
        connection.commit()
        time.sleep(_TURN_SECONDS)
    connection.commit()


def current_revision(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty one."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def head_revision(scripts: Path) -> str | None:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_config(scripts)).get_current_head()


def is_newer(revision: str | None, scripts: Path) -> bool:
    """Whether a later version made this schema: after a rollback it stays, and this version works on it."""
    known = ScriptDirectory.from_config(_config(scripts)).walk_revisions()
    return revision is not None and revision not in {script.revision for script in known}


def drift(engine: Engine) -> list[str]:
    """Where the tables differ from the models, a line each; empty when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": True, "include_object": include_object},
        )
        found = [_describe(difference) for difference in compare_metadata(context, Base.metadata)]
        return found + _missing_checks(connection)


def _missing_checks(connection: Connection) -> list[str]:
    """The check constraints that are not there; alembic does not compare them."""
    here = set(connection.scalars(text("SELECT conname FROM pg_constraint WHERE contype = 'c'")))
    expected = (each for table in Base.metadata.sorted_tables for each in table.constraints)
    names = [str(each.name) for each in expected if isinstance(each, CheckConstraint)]
    return [f"missing check constraint {name}" for name in names if name not in here]


def include_object(_: Any, name: str | None, kind: str, *__: Any) -> bool:
    """For alembic's comparison: leaves out what is there only on some servers."""
    return not (kind == "index" and name in OPTIONAL_INDEXES)


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return config


def _describe(difference: Any) -> str:
    return " ".join(str(part) for part in difference) if isinstance(difference, tuple) else str(difference)
