"""What waits to be published, as Prometheus asks for it."""

from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from bee_customers.db.engine import Database
from bee_customers.errors import DatabaseUnavailable, FallbackUnavailable
from bee_customers.events.fallback import RedisFallback
from bee_customers.services import publishing

_GAUGES = {
    "backlog": ("bee_customers_events_backlog", "Events that are not published yet."),
    "oldest_seconds": (
        "bee_customers_events_oldest_seconds",
        "Age of the oldest event that is not published yet.",
    ),
    "refused": ("bee_customers_events_waiting_refused", "Events that wait for another attempt."),
    "quarantined": ("bee_customers_events_waiting_quarantined", "Events that wait for an operator."),
}
_DEPTH = ("bee_customers_events_fallback_depth", "Events in the fallback queue.")


class EventMetrics:
    """Asks at each scrape; what cannot be asked is left out."""

    def __init__(self, database: Database, fallback: RedisFallback | None) -> None:
        self._database = database
        self._fallback = fallback

    def describe(self) -> Iterable[Metric]:
        return [GaugeMetricFamily(name, help) for name, help in (*_GAUGES.values(), _DEPTH)]

    def collect(self) -> Iterable[Metric]:
        yield from self.waiting()
        yield from self.depth()

    def waiting(self) -> Iterable[Metric]:
        """Of the table."""
        try:
            waiting = publishing.waiting(self._database)
            for field, (name, help) in _GAUGES.items():
                yield GaugeMetricFamily(name, help, value=getattr(waiting, field))
        except DatabaseUnavailable:
            pass

    def depth(self) -> Iterable[Metric]:
        """Of the fallback queue."""
        try:
            if self._fallback:
                yield GaugeMetricFamily(*_DEPTH, value=self._fallback.depth())
        except FallbackUnavailable:
            pass
