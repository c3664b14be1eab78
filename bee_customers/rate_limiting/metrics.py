"""What the limits count; read by Prometheus, and by nobody when nobody asks."""

from prometheus_client import CollectorRegistry, Counter


class LimitMetrics:
    """Of one process. Counters begin at zero with it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.degraded = Counter(
            "bee_customers_degraded",
            "Decisions made without the part that they need.",
            ["part"],
            registry=registry,
        )
        self.rate_limited = Counter(
            "bee_customers_rate_limited", "Requests refused by a rate limit.", ["policy"], registry=registry
        )
        self.without_redis = self.degraded.labels(part="limits")
