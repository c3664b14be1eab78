"""How many connections a process holds: there is no pool that could tell, each thread has its own."""

from prometheus_client import CollectorRegistry, Gauge


class ConnectionMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._open = Gauge(
            "bee_customers_database_connections",
            "Connections to PostgreSQL that this service holds open.",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def count(self, change: int) -> None:
        """`change` is 1 for a connection that was opened, and -1 for one that was closed."""
        self._open.inc(change)
