"""Acts of others at an exact moment of a request: before or after its first call of a service's method."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from tests.servers import wait_until

Act = Callable[[], Any]
_SECONDS = 20


def before_first(monkeypatch: pytest.MonkeyPatch, service: type, method: str, act: Act) -> None:
    """Let `act` come before the next call, and before none after it."""
    real = getattr(service, method)

    def preceded(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(service, method, real)
        act()
        return real(*arguments, **options)

    monkeypatch.setattr(service, method, preceded)


def after_first(monkeypatch: pytest.MonkeyPatch, service: type, method: str, act: Act) -> None:
    """Let `act` follow the next call, and none after it."""
    real = getattr(service, method)

    def followed(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(service, method, real)
        result = real(*arguments, **options)
        act()
        return result

    monkeypatch.setattr(service, method, followed)


class Elsewhere:
    """A thread, and so a connection, of its own."""

    def __init__(self, thread: ThreadPoolExecutor, database: Database) -> None:
        self._thread = thread
        self._database = database

    def do(self, task: Callable[[], Any]) -> Any:
        """Run the task to its end."""
        return self._thread.submit(task).result(_SECONDS)

    def do_until_it_waits(self, task: Callable[[], Any]) -> Future[Any]:
        """Start the task, and return when PostgreSQL lets it wait for somebody else."""
        started = self._thread.submit(task)
        wait_until(lambda: started.done() or self._is_anybody_waiting(), _SECONDS, "the task to wait")
        assert not started.done(), "it waited for nobody"
        return started

    def _is_anybody_waiting(self) -> bool:
        return bool(self._database.read(text("SELECT pid FROM pg_locks WHERE NOT granted")))
