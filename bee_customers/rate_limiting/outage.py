"""Whether Redis is away, as far as is known: one request in a few seconds finds out, the others do not wait."""

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

PAUSE_SECONDS = 3.0


class Outage:
    """Tells the log once when it begins and once when it is over."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since = self._next_try = float("-inf")
        self._is_on = False

    def may_try(self) -> bool:
        if not self._is_on:
            return True
        with self._lock:
            now = self._clock()
            if now < self._next_try:
                return False
            self._next_try = now + PAUSE_SECONDS
            return True

    def failed(self, reason: Exception) -> None:
        with self._lock:
            now = self._clock()
            self._next_try = now + PAUSE_SECONDS
            if not self._is_on:
                self._is_on, self._since = True, now
                log.warning("Redis is away (%s): each process counts for itself, and rate limits go on", reason)

    def over(self) -> None:
        if not self._is_on:
            return
        with self._lock:
            if self._is_on:
                self._is_on = False
                log.warning("Redis counts for rate limits again, after %.1f s", self._clock() - self._since)
