"""Connections of clients: how long one may take to say what it wants, and what it is told in a drain."""

import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import WSGITask
from waitress.utilities import Error

from bee_customers.server.sockets import bytes_taken

# From the first byte of a request, or from the connection on.
_HEADERS_SECONDS = 20.0
# For the whole of a request: 5 MiB come in that time over 50 kB/s.
_REQUEST_SECONDS = 120.0
# What a client has to take of its replies, over each so many seconds in which some wait: they hold memory, and the
# thread that makes the next one waits as well.
_READING_SECONDS = 20.0
_READING_BYTES_PER_SECOND = 1000
# Requests that are sent without waiting for replies. What the largest documents need for so many stays below what
# waitress holds for one connection before its thread has to wait.
_AHEAD_MOST = 8


class TooSlow(Error):  # type: ignore[misc]
    code = 408
    reason = "Request Timeout"


class PoliteTask(WSGITask):  # type: ignore[misc]
    """While the server drains, a reply tells its client not to use the connection again."""

    content_length: int | None
    wrote_header: bool

    def write(self, data: bytes) -> None:
        """Head and body in one call of the system where all is here: each call lets other threads go first."""
        is_all = data and len(data) == self.content_length
        if is_all and self.complete and self.has_body and not self.wrote_header:
            data = self.build_response_header() + data
            self.wrote_header = True
            # of what waitress goes on to write, cuts to its length, and compares with it at the end
            self.content_length = len(data)
        super().write(data)

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        path = self.request.path
        if path.startswith("//"):
            # waitress makes one slash of them: who closes /metrics in front would have to know of //metrics
            environ["PATH_INFO"] = path
        return environ

    def build_response_header(self) -> bytes:
        channel = self.channel
        if channel.server.draining.is_set() and channel.is_at_last_request:
            self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header


class Channel(HTTPChannel):  # type: ignore[misc]
    task_class = PoliteTask
    request: Any = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.arriving_since = time.monotonic()
        self.queued_since = 0.0
        # since when replies have waited, and what had been taken then
        self._window: tuple[float, int] | None = None

    @property
    def last_activity(self) -> float:
        """Of the clock that nobody sets. waitress says when by the other one."""
        return self._active_at

    @last_activity.setter
    def last_activity(self, _: float) -> None:
        self._active_at = time.monotonic()

    @property
    def is_at_last_request(self) -> bool:
        """Nothing else that it sent is here already and would be lost with the connection."""
        return len(self.requests) <= 1 and self.request is None

    @property
    def is_busy(self) -> bool:
        """A request arrives, is worked on, or its reply is on the way out."""
        return bool(self.requests or self.request is not None or self.total_outbufs_len)

    @property
    def is_arriving(self) -> bool:
        """Part of a request is there, and nothing else goes on."""
        return not (self.request is None or self.requests or self.total_outbufs_len)

    def service(self) -> None:
        self.server.metrics.waited.observe(time.perf_counter() - self.queued_since)
        super().service()

    def send_continue(self) -> None:
        """What is refused by its headers gets that answer, and what has no body is not asked for one."""
        if self.request.error or self.request.completed:
            self.request.expect_continue = False
        else:
            super().send_continue()

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.arriving_since = time.monotonic()
        has_received = bool(super().received(data))
        with self.requests_lock:
            self._drop_what_is_too_far_ahead()
        return has_received

    def _drop_what_is_too_far_ahead(self) -> None:
        """The connection is closed behind the last one, and its client asks again (RFC 9112, 9.3.2)."""
        too_many = self.requests[_AHEAD_MOST:]
        if too_many:
            del self.requests[_AHEAD_MOST:]
            self.requests[-1].headers["CONNECTION"] = "close"
            self.request = None
            for request in too_many:
                request.close()

    def is_taken_too_slowly(self, now: float) -> bool:
        """Whether its client takes next to nothing of what is there.

        What reached it counts: the kernel takes much at once from us, and then sends for long.
        """
        if not self.total_outbufs_len:
            self._window = None
            return False
        taken = bytes_taken(self.socket)
        if taken is None:
            return bool(now - self.last_activity > _READING_SECONDS)
        since, before = self._window = self._window or (now, taken)
        if now - since < _READING_SECONDS:
            return False
        self._window = (now, taken)
        return taken - before < (now - since) * _READING_BYTES_PER_SECOND

    def is_late(self, now: float) -> bool:
        """Whether the request that arrives takes longer than it may."""
        request = self.request
        if request is None or self.requests:
            return False
        allowed = _REQUEST_SECONDS if request.headers_finished else _HEADERS_SECONDS
        return now - self.arriving_since > allowed

    def refuse_waiting(self, error: Error) -> None:
        """Answer the next request with `error` at once, if nothing stands before it on the way out."""
        if self.requests and self.connected and not self.total_outbufs_len:
            self.requests[0].error = error
            self.service()

    def refuse_late(self) -> None:
        """Answer what is there of the request with 408."""
        self.refuse_arriving(TooSlow(""))

    def refuse_arriving(self, error: Error) -> None:
        with self.requests_lock:
            request, self.request = self.request, None
            if request is None or self.requests:
                return
            request.error = error
            request.completed = True
            self.requests.append(request)
        self.server.add_task(self)
