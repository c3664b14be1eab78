"""waitress, which keeps room for clients and ends in order: first told unready, then rid of new ones, then all."""

import contextlib
import errno
import logging
import math
import resource
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from bee_customers.server.channels import Channel
from bee_customers.server.lanes import Lanes
from bee_customers.server.metrics import ServerMetrics
from bee_customers.server.refusals import Ending
from bee_customers.server.sockets import turn_newcomers_away

log = logging.getLogger(__name__)

# For requests in flight, after the drain; together they stay below the 30 seconds that managers of processes give.
FINISH_SECONDS = 20.0
# Of those, for requests of which only a part is here; else anybody could keep every end waiting.
_ARRIVE_SECONDS = 5.0
# For clients between their first and third packet, when no new ones come.
_HANDSHAKE_SECONDS = 0.5
# While no file can be opened the listener is left alone for so long; connections that are waiting stay so.
_REST_SECONDS = 1.0
_TELL_AGAIN_SECONDS = 60.0
# Who came just now has had no time to say what it wants.
_NEWCOMER_SECONDS = 1.0
_NO_FILE_LEFT = (errno.EMFILE, errno.ENFILE)
# Beside connections of clients: those to the database, files and pipes.
_OTHER_FILES = 256


class DrainingServer(TcpWSGIServer):  # type: ignore[misc]
    """`draining` is set as soon as the end is near, for whoever tells load balancers."""

    channel_class = Channel

    def __init__(
        self,
        application: Any,
        listener: socket.socket,
        adjustments: Adjustments,
        *,
        draining: threading.Event,
        drain_seconds: float,
        is_shared: bool,
        is_development: bool,
        metrics: ServerMetrics,
    ) -> None:
        self.draining = draining
        self.is_development = is_development
        self.metrics = metrics
        self._drain_seconds = drain_seconds
        self._is_shared = is_shared
        self._is_asked = False
        self._has_ended = False
        self._is_woken = False
        self._rests_until = self._tells_again = self._looks_again = 0.0
        # waitress would look at the slow ones by the clock that can be set
        self.next_channel_cleanup = math.inf
        # reentrant, as a handler of signals may come while it is held
        self._ending = threading.RLock()
        self._allow_files(adjustments.connection_limit)
        super().__init__(
            application,
            map={},
            _sock=listener,
            dispatcher=Lanes(adjustments.threads),
            adj=adjustments,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def stop(self) -> None:
        """Let `run` drain and return; may be called anywhere, also in a handler of signals."""
        self._is_asked = True
        self.pull_trigger()

    def run(self) -> None:
        """Serve until `stop`, then finish what is in flight, for at most the drain and FINISH_SECONDS."""
        self._loop_until(lambda: self._is_asked)
        self.draining.set()
        self._loop_for(self._drain_seconds)
        self._leave()
        now = time.monotonic()
        arriving_until, deadline = now + _ARRIVE_SECONDS, now + FINISH_SECONDS
        self._loop_until(lambda: not self._busy(arriving_until) or time.monotonic() > deadline)
        self._end()

    def pull_trigger(self) -> None:
        """Wake the loop, once for all who have news for it; a thread left behind finds nobody to wake."""
        if self._is_woken:
            return
        with self._ending:
            if not self._has_ended:
                self._is_woken = True
                super().pull_trigger()

    def readable(self) -> bool:
        now = time.monotonic()
        if now >= self._looks_again:
            self._looks_again = now + self.adj.cleanup_interval
            self.maintenance(now)
        if len(self._map) >= self.adj.connection_limit:
            self._make_room()
        return bool(super().readable()) and now >= self._rests_until

    def add_task(self, task: Any) -> None:
        task.queued_since = time.perf_counter()
        super().add_task(task)

    def accept(self) -> Any:
        """Without a file for it the client waits: asked again at once, the kernel would say the same."""
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in _NO_FILE_LEFT:
                raise
            self._rest(error)
            return None

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        self.metrics.connections.set(len(self.active_channels))
        self.metrics.queued.set(self.task_dispatcher.waiting)
        for channel in list(self.active_channels.values()):
            if channel.is_late(now):
                self.metrics.slow_requests.inc()
                channel.refuse_late()
            elif channel.is_taken_too_slowly(now):
                self.metrics.slow_replies.inc()
                channel.handle_close()

    def _rest(self, error: OSError) -> None:
        self.metrics.accepts_failed.inc()
        now = time.monotonic()
        self._rests_until = now + _REST_SECONDS
        if now >= self._tells_again:
            self._tells_again = now + _TELL_AGAIN_SECONDS
            log.warning("no connection can be accepted, idle ones are closed: %s", error.strerror)
        self._make_room()

    def _make_room(self) -> None:
        """Close some that are silent for longest, or else whose request arrives for longest; nobody at work."""
        channels = list(self.active_channels.values())
        came_before = time.monotonic() - _NEWCOMER_SECONDS
        idle = [channel for channel in channels if not channel.is_busy]
        idle.sort(key=lambda channel: channel.last_activity)
        arriving = [channel for channel in channels if channel.is_arriving]
        arriving.sort(key=lambda channel: channel.arriving_since)
        settled = [channel for channel in idle if channel.last_activity < came_before]
        for channel in (settled or arriving or idle)[: max(1, self.adj.connection_limit // 10)]:
            channel.will_close = True

    def _leave(self) -> None:
        """Stop listening, when all who came have been accepted."""
        if self._is_shared:
            turn_newcomers_away(self.socket)
            self._loop_for(_HANDSHAKE_SECONDS)
        self._loop_once()
        wasyncore.dispatcher.close(self)

    def _busy(self, arriving_until: float) -> list[Any]:
        """Those at work; the others are closed, after what they sent has been read, or told to come again."""
        self._loop_once(0.0)
        channels = list(self.active_channels.values())
        for channel in channels:
            if not channel.is_busy:
                channel.will_close = True
            elif channel.is_arriving and time.monotonic() > arriving_until:
                channel.refuse_arriving(Ending(""))
        return [channel for channel in channels if channel.is_busy]

    def _end(self) -> None:
        self._loop_once(0.0)
        for channel in self.task_dispatcher.take_waiting():
            channel.refuse_waiting(Ending(""))
        self._loop_once(0.0)
        cut_off = sum(channel.is_busy for channel in self.active_channels.values())
        if cut_off:
            log.warning("requests that were cut off, as they took longer than the drain: %d", cut_off)
        self.task_dispatcher.shutdown(timeout=0.5)
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        with self._ending:
            self._has_ended = True
            self.trigger.close()

    def _loop_for(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        self._loop_until(lambda: time.monotonic() > deadline)

    def _loop_until(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            self._loop_once(0.1 if self.draining.is_set() else self.adj.asyncore_loop_timeout)

    def _loop_once(self, seconds: float = 0.1) -> None:
        # before it looks at what there is to do: what comes later wakes it again
        self._is_woken = False
        wasyncore.loop(seconds, use_poll=True, map=self._map, count=1)

    @staticmethod
    def _allow_files(connections: int) -> None:
        """A process may often open 1024 files only because nobody asked for more."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = connections + _OTHER_FILES
        if soft != resource.RLIM_INFINITY and soft < wanted:
            with contextlib.suppress(OSError, ValueError):
                most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
                resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
