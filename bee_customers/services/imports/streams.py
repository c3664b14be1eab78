"""What rows come through as somebody writes them, stdin or a pipe: waited for, though not for ever."""

import contextlib
import io
import os
import select
from collections.abc import Callable
from typing import IO, Any

# How often who waits looks up: a read that waits does not hear a signal.
_LOOK_SECONDS = 0.1


class StoppedWaiting(Exception):
    """It was asked to stop while no row came."""


def waited_for(stream: IO[bytes], is_asked_to_stop: Callable[[], bool]) -> IO[bytes] | io.RawIOBase:
    """The same bytes; reading them raises StoppedWaiting where there are none yet and it is asked to stop."""
    try:
        return _Stream(stream.fileno(), is_asked_to_stop)
    except (OSError, ValueError):  # it is in memory, where nothing is waited for
        return stream


class _Stream(io.RawIOBase):
    """Reads what is there, past the buffer of Python's own file."""

    def __init__(self, number: int, is_asked_to_stop: Callable[[], bool]) -> None:
        self._number = number
        self._is_asked_to_stop = is_asked_to_stop
        self._poll = select.poll()
        self._poll.register(number, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if not self._is_ready(0):
                if self._is_asked_to_stop():
                    raise StoppedWaiting
                if not self._is_ready(_LOOK_SECONDS):
                    continue
            with contextlib.suppress(BlockingIOError):  # another reader of the same pipe was quicker
                return os.readv(self._number, [buffer])

    def _is_ready(self, seconds: float) -> bool:
        """Whether there are bytes, or there is the end."""
        return bool(self._poll.poll(seconds * 1000))
