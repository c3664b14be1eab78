"""waitress, which ends in order: first told to be unready, then rid of new clients, then of requests in flight."""

import contextlib
import logging
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
from bee_customers.server.sockets import turn_newcomers_away

log = logging.getLogger(__name__)

# For requests in flight, after the drain; together they stay below the 30 seconds that managers of processes give.
FINISH_SECONDS = 20.0
# For clients between their first and third packet, when no new ones come.
_HANDSHAKE_SECONDS = 0.5
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
    ) -> None:
        self.draining = draining
        self._drain_seconds = drain_seconds
        self._is_shared = is_shared
        self._is_asked = False
        self._has_ended = False
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
        deadline = time.monotonic() + FINISH_SECONDS
        self._loop_until(lambda: not self._busy() or time.monotonic() > deadline)
        self._end()

    def pull_trigger(self) -> None:
        """Wake the loop; a thread that was left behind finds nobody to wake."""
        with self._ending:
            if not self._has_ended:
                super().pull_trigger()

    def readable(self) -> bool:
        if len(self._map) >= self.adj.connection_limit:
            self._make_room()
        return bool(super().readable())

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            if channel.is_late(time.monotonic()):
                channel.refuse_late()
            elif channel.is_stalled(now):
                channel.handle_close()

    def _make_room(self) -> None:
        """Close some of the connections on which nothing goes on, those first that are silent for longest."""
        silent = [channel for channel in self.active_channels.values() if not channel.is_busy]
        silent.sort(key=lambda channel: channel.last_activity)
        for channel in silent[: max(1, self.adj.connection_limit // 10)]:
            channel.will_close = True

    def _leave(self) -> None:
        """Stop listening, when all who came have been accepted."""
        if self._is_shared:
            turn_newcomers_away(self.socket)
            self._loop_for(_HANDSHAKE_SECONDS)
        self._loop_once()
        wasyncore.dispatcher.close(self)

    def _busy(self) -> list[Any]:
        """Those at work; the others are closed, after what they sent has been read."""
        self._loop_once(0.0)
        channels = list(self.active_channels.values())
        for channel in channels:
            if not channel.is_busy:
                channel.will_close = True
        return [channel for channel in channels if channel.is_busy]

    def _end(self) -> None:
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
