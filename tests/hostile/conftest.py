"""One real server for the tests that send bytes of their own; what it stored is removed at the end."""

import dataclasses
from collections.abc import Iterator

import pytest

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.functional import rows
from tests.functional.wire import listening
from tests.servers import PostgresServer


@pytest.fixture(scope="module")
def port(settings: Settings, postgres: PostgresServer, shared_storage: LocalStorage) -> Iterator[int]:
    database = Database(postgres.url)
    application = wsgi.application(settings, database, shared_storage)
    with listening(application, dataclasses.replace(settings, port=0)) as port:
        yield port
    with database.session() as session:
        rows.empty(session)
    database.close()
