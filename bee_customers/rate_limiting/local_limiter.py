"""Counts in this process: where there is no Redis, and while it is away."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from bee_customers.rate_limiting.limiter import Charge, Standing
from bee_customers.rate_limiting.policies import HOLD_MOST_MS, Policy
from bee_customers.rate_limiting.windows import SlidingWindow

# About 4 MB. Beyond that those go who have not come for longest.
SUBJECTS_MOST = 10_000


class _Subject:
    __slots__ = ("held_until", "pushes", "requests")

    def __init__(self, policy: Policy) -> None:
        self.requests = SlidingWindow(policy.seconds * 1000)
        self.pushes: SlidingWindow | None = None
        self.held_until = 0


class LocalLimiter:
    def __init__(self, subjects_most: int = SUBJECTS_MOST, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._subjects: OrderedDict[tuple[str, str], _Subject] = OrderedDict()
        self._subjects_most = subjects_most
        self._clock = clock
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many subjects it remembers."""
        return len(self._subjects)

    def decide(self, charges: Sequence[Charge]) -> list[Standing]:
        standings: list[Standing] = []
        is_over = False
        with self._lock:
            now = int(self._clock() * 1000)
            for charge in charges:
                standings.append(self._decide(charge, now, is_over))
                is_over = is_over or standings[-1].is_refused
        return standings

    def _decide(self, charge: Charge, now: int, is_over: bool) -> Standing:
        policy, subject = charge.policy, self._subject(charge)
        requests, is_held = subject.requests, subject.held_until > now
        is_refused = not is_over and (is_held or not requests.acquire(now, policy.limit, charge.cost))
        wait = requests.wait(now, policy.limit)
        if is_refused and is_held:
            wait = max(wait, min(HOLD_MOST_MS, wait + _pushed(subject, policy, now)))
        if is_refused:
            subject.held_until = max(subject.held_until, now + wait)
        remaining = max(0, policy.limit - requests.used(now))
        return Standing(policy, is_refused, remaining, max(wait, subject.held_until - now), requests.left(now))

    def _subject(self, charge: Charge) -> _Subject:
        key = charge.policy.name, charge.subject
        found = self._subjects.get(key)
        if found is None:
            found = self._subjects[key] = _Subject(charge.policy)
            if len(self._subjects) > self._subjects_most:
                self._subjects.popitem(last=False)
        else:
            self._subjects.move_to_end(key)
        return found


def _pushed(subject: _Subject, policy: Policy, now: int) -> int:
    """How many ms longer a subject waits that came although it was told to wait: each time costs more."""
    if subject.pushes is None:
        subject.pushes = SlidingWindow(HOLD_MOST_MS)
    debt = subject.pushes.used(now)
    cost = min(1 + debt // policy.limit, policy.pushes_most - debt)
    if cost > 0 and subject.pushes.acquire(now, policy.pushes_most, cost):
        debt += cost
    return debt * policy.seconds * 1000 // policy.limit
