"""Threads that work on requests, and one more for questions about health."""

from typing import Any

from waitress.task import ThreadedTaskDispatcher


class Lanes(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Whoever asks how the service is gets an answer also while all threads wait for something."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.set_thread_count(threads)
        self._health = ThreadedTaskDispatcher()
        self._health.set_thread_count(1)

    def add_task(self, task: Any) -> None:
        """`task` is a channel whose first request is to be served next."""
        path = getattr(task.requests[0], "path", "")
        if path == "/health" or path.startswith("/health/"):
            self._health.add_task(task)
        else:
            super().add_task(task)

    @property
    def waiting(self) -> int:
        """How many are to be served and have no thread yet."""
        return len(self.queue) + len(self._health.queue)

    def take_waiting(self) -> list[Any]:
        """Those, of whom no thread will know any more."""
        taken = []
        for lane in (self, self._health):
            with lane.lock:
                taken += lane.queue
                lane.queue.clear()
        return taken

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        self._health.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))
