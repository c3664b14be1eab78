"""A desk at which files are imported."""

from pathlib import Path

import pytest

from bee_customers.db.engine import Database
from tests.database import RolledBackDatabase
from tests.imports.desk import Desk


@pytest.fixture
def desk(database: RolledBackDatabase, tmp_path: Path) -> Desk:
    """On the database of the test's API clients, in which nothing outlives the test."""
    return Desk(database, tmp_path)


@pytest.fixture
def real_desk(committing_database: Database, tmp_path: Path) -> Desk:
    """On real connections: for dry runs, for others at the same moment, and for what a commit does."""
    return Desk(committing_database, tmp_path)
