"""Callers whose requests commit, since others look at the same rows meanwhile."""

import pytest

from tests.client import Client


@pytest.fixture
def admin(committing_app: Client) -> Client:
    return committing_app.as_("admin")


@pytest.fixture
def internal(committing_app: Client) -> Client:
    return committing_app.as_("internal_service")
