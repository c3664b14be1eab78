"""GET /metrics: what is counted of requests, and who may see it."""

import re
import uuid
from collections.abc import Iterator

import pytest
from webtest import TestApp, TestResponse

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.services import jobs
from bee_customers.settings import Settings, load
from bee_customers.storage.local import LocalStorage
from tests.client import SECRET, Client
from tests.database import RolledBackDatabase
from tests.factories import new_body
from tests.functional.problem_details import check_problem
from tests.servers import PostgresServer, free_port

TOKEN = "a token for scrapes"
ONE = "/v1/customers/{customer_id}"


@pytest.fixture
def app(settings: Settings, database: RolledBackDatabase, shared_storage: LocalStorage) -> TestApp:
    """One that nobody has asked anything yet."""
    return TestApp(wsgi.application(settings, database, shared_storage), lint=False)


@pytest.fixture
def staff(app: TestApp) -> Client:
    return Client(app).as_("admin", "internal_service")


def scraped(app: TestApp) -> dict[str, float]:
    """Values by name and labels."""
    lines = app.get("/metrics").text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def labels(route: str, method: str, status: str) -> str:
    return f'{{method="{method}",route="{route}",status="{status}"}}'


def test_requests_are_counted_by_pattern_method_and_class(app: TestApp, staff: Client) -> None:
    made = staff.post(new_body()).json
    replies = [staff.get(f"/{made['id']}"), staff.get(f"/{made['id']}"), staff.get(f"/{uuid.uuid4()}")]
    found = scraped(app)
    for status, these in (("2xx", replies[:2]), ("4xx", replies[2:])):
        about = labels(ONE, "GET", status)
        assert found[f"bee_customers_http_requests_total{about}"] == len(these)
        assert found[f"bee_customers_http_request_duration_seconds_count{about}"] == len(these)
        assert found[f"bee_customers_http_response_bytes_total{about}"] == sum(len(each.body) for each in these)
    assert found['bee_customers_http_problems_total{problem="not-found"}'] == 1
    assert found["bee_customers_http_requests_in_progress"] == 1  # the scrape


def test_what_alerts_look_for_is_there_from_zero_on(app: TestApp) -> None:
    found = scraped(app)
    for part in ("database", "transactions", "keys", "storage", "decoders", "other"):
        assert found[f'bee_customers_unavailable_total{{part="{part}"}}'] == 0
    for problem in ("internal", "unavailable", "rate-limited"):
        assert found[f'bee_customers_http_problems_total{{problem="{problem}"}}'] == 0
    for part in ("limits", "database_writer", "database_reader"):
        assert found[f'bee_customers_degraded_total{{part="{part}"}}'] == 0


FILE = "/docs/assets/docs.js"


@pytest.mark.parametrize(
    ("method", "headers", "status", "size"),
    [
        ("GET", {}, 200, None),
        ("GET", {"If-Modified-Since": "Tue, 01 Jan 2999 00:00:00 GMT"}, 304, 0),
        ("GET", {"Range": "bytes=2-11"}, 206, 10),
        ("GET", {"Range": "bytes=99999999-"}, 416, None),
        ("GET", {"Range": f"bytes=0-{'9' * 5000}"}, 200, None),
        ("HEAD", {}, 200, 0),
        ("HEAD", {"Range": "bytes=2-11"}, 206, 0),
    ],
    ids=["all", "known already", "a part", "beyond its end", "no number", "head", "head of a part"],
)
def test_of_files_what_is_sent_is_counted(
    app: TestApp, method: str, headers: dict[str, str], status: int, size: int | None
) -> None:
    whole = app.get(FILE).body
    before = scraped(app)
    reply = app.request(FILE, method=method, headers=headers, expect_errors=True)
    assert reply.status_int == status
    assert reply.body == {200: whole, 206: whole[2:12]}.get(status, reply.body) or method == "HEAD"
    assert len(reply.body) == (len(reply.body) if size is None else size)
    after = scraped(app)
    about = labels("/docs/assets/*subpath", method, f"{status // 100}xx")
    told = {
        name: after[f"{name}{about}"] - before.get(f"{name}{about}", 0)
        for name in ("bee_customers_http_requests_total", "bee_customers_http_response_bytes_total")
    }
    assert [*told.values()] == [1, len(reply.body)]


def test_whatever_is_asked_for_there_is_a_bounded_number_of_series(app: TestApp, staff: Client) -> None:
    for number in range(3):
        staff.get(f"/v1/nowhere/{number}")
        staff.get(f"/{uuid.uuid4()}/orders/name{number}?search=name{number}")
        app.request("/health/live", method=f"ODD{number}", expect_errors=True)
        app.request(f"/%FF{number}", expect_errors=True)
    found = [name for name in scraped(app) if name.startswith("bee_customers_http_requests_total")]
    routes = {
        ("/v1/customers/{customer_id}/orders/{order_id}", "GET"),
        ("unmatched", "GET"),
        ("/health/live", "other"),
    }
    told = [re.search(r'method="(.*)",route="(.*)",status', name) for name in found]
    assert {(one[2], one[1]) for one in told if one} == routes
    assert "name" not in str(found)


def test_durations_have_buckets_from_a_millisecond_to_ten_seconds(app: TestApp) -> None:
    app.get("/health/live")
    about = 'method="GET",route="/health/live",status="2xx"'
    told = [re.search(r'_bucket\{le="([^"]+)",' + about, name) for name in scraped(app)]
    bounds = [float(one[1]) for one in told if one]
    assert (bounds[0], bounds[-2:], len(bounds)) == (0.001, [10.0, float("inf")], 14)


def test_what_waits_and_jobs_are_told_too(app: TestApp, staff: Client, database: Database) -> None:
    staff.post(new_body())
    jobs.record(database, "backup", 0)
    jobs.record(database, "backup", 4)
    with jobs.recorded(database, "gdpr run"):
        found = scraped(app)
    assert found["bee_customers_events_backlog"] == 1
    assert found['bee_customers_part_up{part="database_writer"}'] == 1
    success = jobs.last_runs(database)[0].success_at
    assert success
    assert found['bee_customers_job_last_success_timestamp_seconds{job="backup"}'] == success.timestamp()
    assert found['bee_customers_job_last_exit_code{job="backup"}'] == 4
    assert found['bee_customers_job_last_success_timestamp_seconds{job="gdpr run"}'] == 0
    assert 'bee_customers_job_last_exit_code{job="gdpr run"}' not in found
    assert (
        0
        < found["bee_customers_database_server_connections"]
        < found["bee_customers_database_server_connections_most"]
    )
    assert any(name.startswith("process_resident_memory_bytes{pid=") for name in found)


@pytest.fixture
def on_its_own(settings: Settings, postgres: PostgresServer, shared_storage: LocalStorage) -> Iterator[TestApp]:
    database = Database(postgres.url)
    yield TestApp(wsgi.application(settings, database, shared_storage))
    database.close()


def test_connections_are_counted_while_they_are_open(on_its_own: TestApp) -> None:
    assert scraped(on_its_own)["bee_customers_database_connections"] == 3  # of this thread, and two of health
    registry = on_its_own.app.registry
    registry["database"].close()
    # asked alone: a whole scrape would open them again
    alone = registry["metrics"].counted.restricted_registry(["bee_customers_database_connections"])
    assert [metric.samples[0].value for metric in alone.collect()] == [2]  # those of health end with their threads


def test_without_its_database_the_rest_is_told(settings: Settings, shared_storage: LocalStorage) -> None:
    lost = Database(f"postgresql://postgres@127.0.0.1:{free_port()}/postgres")
    app = TestApp(wsgi.application(settings, lost, shared_storage))
    Client(app).as_("admin").get(f"/{uuid.uuid4()}")
    found = scraped(app)
    assert found['bee_customers_part_up{part="database_reader"}'] == 0
    assert found['bee_customers_unavailable_total{part="database"}'] == 1
    assert "bee_customers_events_backlog" not in found


@pytest.fixture
def in_production(postgres: PostgresServer, database: RolledBackDatabase, shared_storage: LocalStorage) -> object:
    environment = {
        "ENVIRONMENT": "production",
        "DATABASE_URL": postgres.url,
        "AUTH_JWT_KEY": SECRET,
        "AUTH_JWT_ALGORITHMS": "HS256",
        "SECRET_KEY": "s" * 40,
    }

    def make(token: str, **also: str) -> TestApp:
        settings = load({}, environment | {"METRICS_TOKEN": token, "REDIS_URL": ""} | also)
        return TestApp(wsgi.application(settings, database, shared_storage))

    return make


def test_in_production_without_a_token_they_are_not_there(in_production) -> None:
    check_problem(in_production("").get("/metrics", expect_errors=True), 404, "not-found")


@pytest.mark.parametrize(
    "header", [None, "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}", "Bearer caf\u00e9"]
)
def test_without_the_token_nothing_is_told(in_production, header: str | None) -> None:
    sent = {"Authorization": header} if header else {}
    reply = in_production(TOKEN).get("/metrics", headers=sent, expect_errors=True)
    check_problem(reply, 401, "unauthenticated")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_with_the_token_all_is_told(in_production) -> None:
    reply = in_production(TOKEN).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert reply.content_type == "text/plain"
    assert "bee_customers_http_requests_in_progress 1.0" in reply.text


def asked_from(app: TestApp, address: str, token: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return app.get("/metrics", headers=headers, extra_environ={"REMOTE_ADDR": address}, expect_errors=True)


def test_who_guesses_the_token_is_soon_not_listened_to_and_another_address_is(in_production) -> None:
    app = in_production(TOKEN, AUTH_FAILURE_RATE="2/minute")
    assert [asked_from(app, "192.0.2.1", f"guess {number}").status_int for number in range(3)] == [401, 401, 429]
    refused = asked_from(app, "192.0.2.1", TOKEN)
    check_problem(refused, 429, "rate-limited")
    assert int(refused.headers["Retry-After"]) >= 1
    assert asked_from(app, "192.0.2.2", TOKEN).status_int == 200


def test_a_scraper_that_knows_the_token_is_charged_nothing(in_production) -> None:
    app = in_production(TOKEN, AUTH_FAILURE_RATE="1/minute")
    assert [asked_from(app, "192.0.2.1", TOKEN).status_int for _ in range(3)] == [200] * 3
    assert asked_from(app, "192.0.2.1", "a guess").status_int == 401
