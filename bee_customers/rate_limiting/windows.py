"""A sliding window counter in memory; the arithmetic is that of the library's script for Redis.

Of the window before it counts the share that a whole window, looking back from now, still covers.
"""


class SlidingWindow:
    """Times in ms, of a clock that never goes back."""

    __slots__ = ("_current", "_expiry", "_previous", "_started")

    def __init__(self, expiry: int) -> None:
        self._expiry = expiry
        self._started = 0
        self._previous = self._current = 0

    def acquire(self, now: int, limit: int, cost: int) -> bool:
        """Whether there was room for so much; it is taken then."""
        if self.used(now) + cost > limit:
            return False
        if not self._previous and not self._current:
            self._started = now
        self._current += cost
        return True

    def used(self, now: int) -> int:
        self._turn(now)
        return self._previous * self.left(now) // self._expiry + self._current

    def left(self, now: int) -> int:
        """Until the present window ends."""
        return self._started + self._expiry - now

    def wait(self, now: int, limit: int) -> int:
        """Until there is room for one more, when nothing else comes."""
        self._turn(now)
        left, room = self.left(now), limit - 1 - self._current
        if room >= 0:
            return max(0, _over(left * self._previous - (room + 1) * self._expiry, self._previous))
        # a full window has room as soon as the next one has begun, and never more than its limit in it
        return left + 1

    def is_empty(self, now: int) -> bool:
        self._turn(now)
        return not self._previous and not self._current

    def _turn(self, now: int) -> None:
        passed = (now - self._started) // self._expiry
        if passed > 0:
            self._previous = self._current if passed == 1 else 0
            self._current = 0
            self._started += passed * self._expiry


def _over(dividend: int, divisor: int) -> int:
    """The least whole number above the quotient; 0 where there is nothing to divide by."""
    return dividend // divisor + 1 if divisor else 0
