"""Many callers at once, each in a thread with its own connection."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from webtest import TestApp

from tests.client import Client

Result = TypeVar("Result")
_SECONDS = 60


def all_at_once(*tasks: Callable[[], Result]) -> list[Result]:
    """Run the tasks in threads that start together; their results in order, the first error raised."""
    together = threading.Barrier(len(tasks))

    def run(task: Callable[[], Result]) -> Result:
        together.wait(_SECONDS)
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return [future.result(_SECONDS) for future in [threads.submit(run, task) for task in tasks]]


def another(client: Client) -> Client:
    """The same caller over a door of its own: WebTest's holds state and is not made for threads."""
    return Client(TestApp(client.app.app, lint=False), client.token)
