"""Subjects and what they leave in every store."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from bee_customers.db.engine import Database
from bee_customers.events.fallback import RedisFallback
from bee_customers.services.privacy.requests import PrivacyRequests
from bee_customers.services.privacy.subjects import SubjectHashes
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS
from tests.servers import RedisServer
from tests.unit.services.privacy.erasing import Eraser
from tests.unit.services.privacy.lives import lived_in


@pytest.fixture
def fallback(redis_server: RedisServer) -> Iterator[RedisFallback]:
    made = RedisFallback(redis_server.url, stream=f"bee:test:{secrets.token_hex(4)}")
    yield made
    made.close()


@pytest.fixture
def requests(database: Database) -> PrivacyRequests:
    return PrivacyRequests(database.transaction(), SubjectHashes("a secret of the tests"))


@pytest.fixture
def eraser(database: Database, storage: LocalStorage) -> Eraser:
    return Eraser(database, storage)


@pytest.fixture
def staff(anyone: Client) -> Client:
    return anyone.as_("admin", "internal_service")


@pytest.fixture
def subject(staff: Client, eraser: Eraser) -> list[dict[str, Any]]:
    """The customers of one user in two businesses."""
    return [lived_in(eraser, staff, business_id=business) for business in (BUSINESS, OTHER_BUSINESS)]
