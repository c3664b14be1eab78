"""What the database knows of the service, as Prometheus asks for it: parts, waiting events, jobs, sessions."""

import contextlib
from collections.abc import Iterable, Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.errors import DomainError
from bee_customers.services import health, jobs
from bee_customers.services.event_metrics import EventMetrics

_CONNECTIONS = text("SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity")
_PART = ("bee_customers_part_up", "1 where a part that the service stands on does its work, else 0.")
_USED = ("bee_customers_database_server_connections", "Sessions of the database server, of whatever kind.")
_MOST = ("bee_customers_database_server_connections_most", "Sessions that the database server allows.")
_SUCCESS = (
    "bee_customers_job_last_success_timestamp_seconds",
    "When a job of cron last ended with exit code 0; 0 where it never did.",
)
_EXIT = ("bee_customers_job_last_exit_code", "The exit code of the last run of a job that ended.")
_DURATION = ("bee_customers_job_last_duration_seconds", "How long that run took.")


class ServiceMetrics(Collector):
    """Asks at each scrape. A database that is away is asked once, and nothing else waits for it."""

    def __init__(self, database: Database, checks: health.Checks, events: EventMetrics) -> None:
        self._database = database
        self._checks = checks
        self._events = events

    def describe(self) -> Iterable[Metric]:
        own = (_PART, _USED, _MOST, _SUCCESS, _EXIT, _DURATION)
        return [*(GaugeMetricFamily(*one) for one in own), *self._events.describe()]

    def collect(self) -> Iterator[Metric]:
        parts = self._checks.check().parts
        told = GaugeMetricFamily(*_PART, labels=["part"])
        for part, state in parts.items():
            told.add_metric([part], float(state == health.OK))
        yield told
        yield from self._events.depth()
        if parts["database_reader"] == health.OK:
            yield from self._events.waiting()
            # it may go away between two questions
            with contextlib.suppress(DomainError):
                yield from (*self._of_server(), *self._of_jobs())

    def _of_server(self) -> Iterator[Metric]:
        used, most = self._database.read(_CONNECTIONS)[0]
        yield GaugeMetricFamily(*_USED, value=used)
        yield GaugeMetricFamily(*_MOST, value=most)

    def _of_jobs(self) -> Iterator[Metric]:
        success, code, duration = (GaugeMetricFamily(*one, labels=["job"]) for one in (_SUCCESS, _EXIT, _DURATION))
        for run in jobs.last_runs(self._database):
            success.add_metric([run.name], run.success_at.timestamp() if run.success_at else 0)
            if run.exit_code is not None:
                code.add_metric([run.name], run.exit_code)
                duration.add_metric([run.name], run.duration_seconds or 0)
        yield from (success, code, duration)
