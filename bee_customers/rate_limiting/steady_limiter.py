"""Counts in Redis as long as it answers, and in this process while it does not."""

from collections.abc import Sequence

from bee_customers.errors import CountersUnavailable
from bee_customers.rate_limiting.limiter import Charge, Limiter, Standing
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.rate_limiting.outage import Outage


class SteadyLimiter:
    """Always decides; what was counted on one side is not known to the other."""

    def __init__(self, shared: Limiter, local: Limiter, metrics: LimitMetrics, outage: Outage) -> None:
        self._shared = shared
        self._local = local
        self._metrics = metrics
        self._outage = outage

    def decide(self, charges: Sequence[Charge]) -> list[Standing]:
        if self._outage.may_try():
            try:
                standings = self._shared.decide(charges)
            except CountersUnavailable as error:
                self._outage.failed(error)
            else:
                self._outage.over()
                return standings
        self._metrics.without_redis.inc()
        return self._local.decide(charges)
