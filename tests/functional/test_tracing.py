"""Spans of requests and statements, and reports of errors: what goes out, and what does not."""

import dataclasses
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from sentry_sdk.transport import Transport
from webtest import TestApp

from bee_customers import error_reports, tracing, wsgi
from bee_customers.db.engine import Database
from bee_customers.services.customers import CustomerService
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import new_body
from tests.functional import rows
from tests.servers import ROOT, PostgresServer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
MARK = f"mark{secrets.token_hex(8)}"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What a collector would get of the requests that were made so far."""
    exporter = InMemorySpanExporter()
    start, made = tracing.start, []

    def with_exporter(endpoint: str) -> Any:
        made.append(start(endpoint, exporter))
        return made[-1]

    monkeypatch.setattr(tracing, "start", with_exporter)

    def told() -> list[Any]:
        made[-1].span_processor.force_flush()
        return [*exporter.get_finished_spans()]

    yield told
    Psycopg2Instrumentor().uninstrument()


def traced(settings: Settings) -> Settings:
    return dataclasses.replace(settings, otel_exporter_otlp_endpoint="http://127.0.0.1:9")


@pytest.fixture
def internal(
    spans: Any, settings: Settings, committing_database: Database, shared_storage: LocalStorage
) -> Client:
    made = wsgi.application(traced(settings), committing_database, shared_storage)
    return Client(TestApp(made)).as_("internal_service", "admin")


def test_a_request_and_its_statements_are_of_the_callers_trace(internal: Client, spans: Any) -> None:
    internal.post(new_body(), traceparent=TRACEPARENT)
    found = spans()
    assert {f"{span.context.trace_id:032x}" for span in found} == {TRACE}
    request = found[-1]
    assert request.name == "POST /v1/customers"
    assert dict(request.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/customers",
        "http.response.status_code": 201,
    }
    statements = [span for span in found if span.attributes.get("db.system") == "postgresql"]
    assert {span.parent.span_id for span in statements} == {request.context.span_id}
    assert "INSERT INTO customer" in str([span.attributes["db.statement"] for span in statements])


def test_events_carry_the_trace_on(internal: Client, spans: Any, committing_database: Database) -> None:
    made = internal.post(new_body())
    request = spans()[-1].context
    (event,) = rows.events(committing_database, made.json["id"])
    assert event.traceparent.startswith(f"00-{request.trace_id:032x}-{request.span_id:016x}-")
    assert made.headers["X-Request-ID"] == f"{request.trace_id:032x}"


def test_who_gives_a_request_id_gets_it_back(internal: Client) -> None:
    assert internal.post(new_body(), X_Request_ID="mine").headers["X-Request-ID"] == "mine"


def test_no_value_is_in_any_span(internal: Client, spans: Any) -> None:
    body = new_body() | {"full_name": MARK, "email": f"{MARK}@example.com"}
    internal.post(body)
    internal.post(body, X_Request_ID="twice", traceparent="junk")
    internal.get(f"?search={MARK}", Idempotency_Key=MARK)
    internal.get(f"/v1/nowhere/{MARK}")
    assert MARK not in "".join(span.to_json() for span in spans())


class Kept(Transport):
    """A Sentry that is here."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.events.append(envelope.get_event())


def test_an_unexpected_error_is_reported_without_a_value(
    internal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept()
    report = error_reports.connect("https://key@sentry.example.com/1", "tests", transport=kept)
    monkeypatch.setitem(internal.app.app.registry, "report", report)

    def fail(self: Any, document: Any, *_: Any, **__: Any) -> None:
        local = f"{MARK} in a variable"
        try:
            raise KeyError(local)
        except KeyError as error:
            raise RuntimeError(MARK) from error

    monkeypatch.setattr(CustomerService, "create", fail)
    body = new_body() | {"full_name": MARK}
    reply = internal.post(body, X_Secret=MARK)
    assert reply.status_int == 500
    (event,) = kept.events
    told = json.dumps(event)
    assert MARK not in told
    assert [error["type"] for error in event["exception"]["values"]] == ["KeyError", "RuntimeError"]
    assert event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["tags"] == {"trace_id": reply.json["trace_id"]}
    assert not {"request", "user", "breadcrumbs", "server_name", "modules", "extra"} & event.keys()


_WITHOUT_EXTRAS = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("opentelemetry", "sentry_sdk"):
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
from webtest import TestApp
from bee_customers import wsgi
from bee_customers.errors import InvalidSetting
try:
    made = TestApp(wsgi.main({"here": sys.argv[1]}))
    replies = [made.get("/health/live"), made.get("/metrics"), made.get("/v1/customers", status=401)]
    print(*(reply.status_int for reply in replies))
except InvalidSetting as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({}, "200 200 401"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
            "OTEL_EXPORTER_OTLP_ENDPOINT: is set, and what it needs is not installed: "
            "pip install 'bee-customers[otel]'",
        ),
        (
            {"SENTRY_DSN": "https://key@sentry.example.com/1"},
            "SENTRY_DSN: is set, and what it needs is not installed: pip install 'bee-customers[sentry]'",
        ),
    ],
    ids=["neither", "otel", "sentry"],
)
def test_without_the_extras_all_runs_and_what_needs_them_is_one_line(
    postgres: PostgresServer, setting: dict[str, str], said: str
) -> None:
    environment = {"DATABASE_URL": postgres.url, "PYTHONWARNINGS": "ignore", "LOG_LEVEL": "warning", **setting}
    command = [sys.executable, "-c", _WITHOUT_EXTRAS, str(ROOT)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == (said, "")


def test_nothing_of_them_is_imported_where_they_are_not_asked_for() -> None:
    # of OpenTelemetry the part that redis looks for by itself is no matter
    names = ("opentelemetry.exporter", "opentelemetry.instrumentation", "sentry_sdk")
    asked = f"import sys, bee_customers.wsgi; print([n for n in {names} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_what_instrumentations_note_of_errors_and_values_does_not_go_out() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(tracing.scrubbed(exporter)))
    tracer = provider.get_tracer("tests")
    attributes = {"db.statement": "SELECT %s", "db.statement.parameters": MARK, "url.query": MARK}
    with pytest.raises(ValueError, match=MARK), tracer.start_as_current_span("SELECT", attributes=attributes):
        raise ValueError(MARK)
    (told,) = exporter.get_finished_spans()
    assert MARK not in told.to_json()
    assert dict(told.attributes) == {"db.statement": "SELECT %s"}
    assert told.status.status_code is StatusCode.ERROR
