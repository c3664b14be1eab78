"""A part that is away: told once when it goes and once when it is back, and asked again ever less often."""

import logging
import random
import time

log = logging.getLogger(__name__)

_PAUSE_LEAST_SECONDS = 0.1
_PAUSE_MOST_SECONDS = 2.0
_DOUBLINGS_MOST = 10


class Outage:
    def __init__(self, part: str) -> None:
        self._part = part
        self._since: float | None = None
        self._reason = ""
        self._failures = 0

    @property
    def seconds(self) -> float:
        """How long it has lasted; zero when all is well."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def failed(self, reason: Exception) -> float:
        """Note a failure; returns how many seconds to wait before the next try."""
        if self._since is None:
            self._since = time.monotonic()
        if str(reason) != self._reason:
            self._reason = str(reason)
            log.warning("%s is away: %s", self._part, reason)
        longest = min(_PAUSE_MOST_SECONDS, _PAUSE_LEAST_SECONDS * 2 ** min(self._failures, _DOUBLINGS_MOST))
        self._failures += 1
        return random.uniform(longest / 2, longest)  # noqa: S311

    def over(self) -> None:
        """Note that it works."""
        if self._since is not None:
            log.warning("%s is back after %.1f s", self._part, self.seconds)
            self._since, self._reason, self._failures = None, "", 0
