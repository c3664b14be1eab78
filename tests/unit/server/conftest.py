"""The product's own server in a thread."""

import dataclasses
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bee_customers import server
from bee_customers.settings import Settings, load
from tests.unit.server.running import Application, connected


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def settings() -> Settings:
    return dataclasses.replace(load({}, {"DATABASE_URL": "postgresql://x/x"}), port=0, threads=1, connections=20)


@pytest.fixture
def run(application: Application, settings: Settings) -> Iterator[Callable[..., SimpleNamespace]]:
    """Starts the server; the options are settings."""
    started: list[SimpleNamespace] = []

    def start(**options: Any) -> SimpleNamespace:
        made = server.listen(application, dataclasses.replace(settings, **options))
        thread = threading.Thread(target=made.run)
        thread.start()
        port = int(made.effective_port)
        started.append(SimpleNamespace(server=made, thread=thread, connect=lambda: connected(port)))
        return started[-1]

    yield start
    application.may_go_on.set()
    for each in started:
        each.server.stop()
        each.thread.join(20)
        assert not each.thread.is_alive()
