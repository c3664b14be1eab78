"""What the relay counts; read by Prometheus, and by nobody when nobody asks."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class RelayMetrics:
    """Of one relay. Counters begin at zero with the process."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self.registry = registry
        self.published = Counter(
            "bee_customers_events_published", "Events that the broker has confirmed.", registry=registry
        )
        self.refused = Counter(
            "bee_customers_events_refused",
            "Attempts that the broker refused (nack or unroutable), or that cannot be written as JSON.",
            registry=registry,
        )
        self.quarantined = Counter(
            "bee_customers_events_quarantined", "Events set aside after their last attempt.", registry=registry
        )
        self.fallen_back = Counter(
            "bee_customers_events_fallback", "Events added to the fallback queue.", registry=registry
        )
        self.broker_faults = Counter(
            "bee_customers_events_broker_faults",
            "Times that the broker could not be used, by kind.",
            ["kind"],
            registry=registry,
        )
        self.is_leader = Gauge(
            "bee_customers_events_relay_leader",
            "1 while this relay is the one that publishes.",
            registry=registry,
            multiprocess_mode="livesum",
        )
