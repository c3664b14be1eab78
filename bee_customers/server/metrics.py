"""What the server counts itself: how long requests wait, open connections, and those it had to end."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# of a thread that is free to a client that has long given up
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class ServerMetrics:
    """The gauges are set every few seconds, by the loop that also looks for slow clients."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.waited = Histogram(
            "bee_customers_http_queue_seconds",
            "Time that whole requests waited for a thread.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.queued = Gauge(
            "bee_customers_http_queue_length",
            "Requests that wait for a thread.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.connections = Gauge(
            "bee_customers_http_connections",
            "Connections of clients that are open.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.accepts_failed = Counter(
            "bee_customers_http_accepts_failed",
            "Times that no connection could be accepted, as no file was left to open.",
            registry=registry,
        )
        slow = Counter(
            "bee_customers_http_too_slow",
            "Connections that were closed as the client was too slow to send its request or to take its reply.",
            ["phase"],
            registry=registry,
        )
        self.slow_requests, self.slow_replies = slow.labels("request"), slow.labels("reply")
