"""What is counted of requests, by the pattern of the route and never by an address."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bee_customers.api import problems

_LABELS = ["route", "method", "status"]
# of a request that reads one row to one that waits for a lock until it may no longer
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestMetrics:
    """Children of a label set are looked up once and kept: there are as many as routes, methods and classes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.in_progress = Gauge(
            "bee_customers_http_requests_in_progress",
            "Requests that are being worked on.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._requests = Counter(
            "bee_customers_http_requests",
            "Requests that were answered; status is a class such as 2xx.",
            _LABELS,
            registry=registry,
        )
        self._seconds = Histogram(
            "bee_customers_http_request_duration_seconds",
            "Time from the whole request to its reply.",
            _LABELS,
            buckets=_SECONDS,
            registry=registry,
        )
        self._bytes = Counter(
            "bee_customers_http_response_bytes", "Bytes of the bodies of replies.", _LABELS, registry=registry
        )
        self._problems = Counter(
            "bee_customers_http_problems",
            "Replies that were a problem, by the end of its type.",
            ["problem"],
            registry=registry,
        )
        self._unavailable = Counter(
            "bee_customers_unavailable",
            "Requests that were answered with 503, by the part that did not do its work.",
            ["part"],
            registry=registry,
        )
        # From zero on: of a series that begins with its first burst, Prometheus sees no increase.
        for slug in problems.ALL:
            self._problems.labels(slug)
        for part in problems.PARTS:
            self._unavailable.labels(part)
        self.forwarded_ignored = Counter(
            "bee_customers_forwarded_ignored",
            "Requests whose X-Forwarded-For or Forwarded was dropped, for they came from no trusted proxy.",
            registry=registry,
        )
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram, Counter]] = {}

    def count(self, route: str, method: str, status: int, seconds: float, size: int) -> None:
        key = (route, method, status // 100)
        requests, durations, sizes = self._children.get(key) or self._find(key)
        requests.inc()
        durations.observe(seconds)
        sizes.inc(size)

    def count_problem(self, problem: str, part: str | None) -> None:
        self._problems.labels(problem).inc()
        if part:
            self._unavailable.labels(part).inc()

    def _find(self, key: tuple[str, str, int]) -> tuple[Counter, Histogram, Counter]:
        labels = (key[0], key[1], f"{key[2]}xx")
        found = (self._requests.labels(*labels), self._seconds.labels(*labels), self._bytes.labels(*labels))
        self._children[key] = found
        return found
