"""The limits as the API asks for them: of a caller, of a caller's customer, of an address that fails."""

import math
import threading
from collections.abc import Sequence
from typing import NamedTuple

from bee_customers.rate_limiting.limiter import Charge, Limiter, Standing
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.rate_limiting.policies import Policy
from bee_customers.rate_limiting.subjects import SubjectNames

_REFUSED_MOST = 10_000


class Verdict(NamedTuple):
    """What a request is told: the standing that binds it most, and how long to wait where it is refused."""

    is_refused: bool
    standing: Standing
    retry_seconds: int


class Policies(NamedTuple):
    """None: off."""

    api: Policy | None
    customer_patch: Policy | None
    auth_failure: Policy | None


class RateLimits:
    def __init__(self, policies: Policies, limiter: Limiter, names: SubjectNames, metrics: LimitMetrics) -> None:
        self._policies = policies
        self._limiter = limiter
        self._names = names
        self.metrics = metrics
        # so that only those who were refused cost a look at the counters before their token is
        self._refused: dict[str, None] = {}
        self._lock = threading.Lock()

    def of_caller(self, subject: str, patched_customer: str | None = None) -> Verdict | None:
        """Charge a request of a caller; None where nothing limits it."""
        charges = []
        if self._policies.api:
            charges.append(Charge(self._policies.api, self._names.name(subject)))
        if self._policies.customer_patch and patched_customer:
            charges.append(Charge(self._policies.customer_patch, self._names.name(subject, patched_customer)))
        return self._decide(charges)

    def of_failure(self, address: str) -> Verdict | None:
        """Charge an address for a request without a token that holds."""
        return self._of_address(self._names.of_address(address), 1)

    def of_address(self, address: str) -> Verdict | None:
        """Whether an address is refused before its token is looked at; None where it is not."""
        # empty almost always, and then nothing is to be hashed
        if not self._refused:
            return None
        name = self._names.of_address(address)
        verdict = self._of_address(name, 0) if name in self._refused else None
        return verdict if verdict and verdict.is_refused else None

    def _of_address(self, name: str, cost: int) -> Verdict | None:
        policy = self._policies.auth_failure
        verdict = self._decide([Charge(policy, name, cost)] if policy else [])
        with self._lock:
            self._refused.pop(name, None)
            if verdict and verdict.is_refused:
                self._refused[name] = None
                if len(self._refused) > _REFUSED_MOST:
                    del self._refused[next(iter(self._refused))]
        return verdict

    def _decide(self, charges: Sequence[Charge]) -> Verdict | None:
        if not charges:
            return None
        standings = self._limiter.decide(charges)
        refusing = [standing for standing in standings if standing.is_refused]
        if not refusing:
            return Verdict(False, _tightest(standings), 0)
        self.metrics.rate_limited.labels(policy=refusing[0].policy.name).inc()
        # all of them must have room by then
        wait = max(standing.wait_ms for standing in standings)
        return Verdict(True, refusing[0], max(1, math.ceil(wait / 1000)))


def _tightest(standings: Sequence[Standing]) -> Standing:
    """The one with the least left; of equals the last, which is the more specific."""
    return min(reversed(standings), key=lambda standing: standing.remaining)
