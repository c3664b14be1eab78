"""Spans of jobs and of the relay, and reports of what commands did not expect: what goes out, and what not."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.transport import Transport

from bee_customers import error_reports, logs, tracing
from bee_customers.cli import main
from bee_customers.events.relay import Relay
from bee_customers.events.traced_publisher import TracedPublisher
from bee_customers.services import jobs
from tests.servers import free_port

MARK = f"mark{secrets.token_hex(8)}"
DSN = {"SENTRY_DSN": "https://key@sentry.example.com/1"}
COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


class Kept(Transport):
    """A Sentry that is here."""

    def __init__(self) -> None:
        super().__init__(None)
        self.events: list[Any] = []
        self.is_flushed = False

    def capture_envelope(self, envelope: Any) -> None:
        self.events.append(envelope.get_event())

    def flush(self, timeout: float, callback: Any = None) -> None:
        self.is_flushed = True


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    made, connect = Kept(), error_reports.connect
    monkeypatch.setattr(error_reports, "connect", lambda *about: connect(*about, transport=made))
    return made


@pytest.fixture
def tracers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[InMemorySpanExporter, list[Any]]]:
    """What a collector gets, and the tracers that were started."""
    exporter, start, made = InMemorySpanExporter(), tracing.start, []

    def with_exporter(endpoint: str, **options: Any) -> Any:
        made.append(start(endpoint, exporter, **options))
        return made[-1]

    monkeypatch.setattr(tracing, "start", with_exporter)
    yield exporter, made
    if Psycopg2Instrumentor().is_instrumented_by_opentelemetry:
        Psycopg2Instrumentor().uninstrument()


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environ)


def fail(*_: Any, **__: Any) -> None:
    local = f"{MARK} in a variable"
    raise RuntimeError(local)


@pytest.mark.parametrize(
    "command", [("gdpr", "ledger"), ("retention", "run"), ("events", "relay"), ("jobs", "list")]
)
def test_an_unexpected_error_of_a_command_is_reported_without_a_value(
    call: Any, migrated: str, kept: Kept, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(jobs, "recorded", fail)
    monkeypatch.setattr(jobs, "last_runs", fail)
    monkeypatch.setattr(Relay, "run", fail)
    monkeypatch.setattr(logs, "configure", lambda *_: None)
    result = run(*command, DATABASE_URL=migrated, **DSN)
    assert (result.exit_code, MARK in result.output) == (1, False)
    assert "Error: unexpected RuntimeError at " in result.stderr
    (event,) = kept.events
    assert kept.is_flushed
    assert event["tags"] == {"command": " ".join(command)}
    assert event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "fail"
    assert MARK not in json.dumps(event)


def test_what_a_command_says_on_purpose_is_no_report(call: Any, migrated: str, kept: Kept) -> None:
    nowhere = f"postgresql://postgres@127.0.0.1:{free_port()}/postgres"
    assert call("jobs", "list", DATABASE_URL=nowhere, **DSN).exit_code == 1
    assert call("jobs", "record", "Back up!", "--exit-code", "0", DATABASE_URL=migrated, **DSN).exit_code == 1
    assert call("jobs", "nothing", DATABASE_URL=migrated, **DSN).exit_code == 2
    assert kept.events == []


def test_a_job_is_a_span_with_its_statements(call: Any, migrated: str, tracers: Any) -> None:
    exporter, made = tracers
    assert call("retention", "run", DATABASE_URL=migrated, **COLLECTOR).exit_code == 0
    made[-1].span_processor.force_flush()
    spans = exporter.get_finished_spans()
    (job,) = [span for span in spans if span.name == "job retention run"]
    assert len(spans) > 1
    assert {span.context.trace_id for span in spans} == {job.context.trace_id}


def test_other_commands_and_those_without_the_setting_are_not_traced(
    call: Any, migrated: str, tracers: Any
) -> None:
    assert call("retention", "run", DATABASE_URL=migrated).exit_code == 0
    assert call("jobs", "list", DATABASE_URL=migrated, **COLLECTOR).exit_code == 0
    assert tracers[1] == []


@pytest.mark.parametrize(("setting", "is_traced"), [(COLLECTOR, True), ({}, False)])
def test_the_relay_traces_what_it_publishes_where_it_is_told_to(
    call: Any,
    migrated: str,
    tracers: Any,
    monkeypatch: pytest.MonkeyPatch,
    setting: dict[str, str],
    is_traced: bool,
) -> None:
    publishers: list[Any] = []
    monkeypatch.setattr(Relay, "run", lambda self, stop: publishers.append(self._publisher))
    monkeypatch.setattr(logs, "configure", lambda *_: None)
    assert call("events", "relay", DATABASE_URL=migrated, **setting).exit_code == 0
    assert [isinstance(one, TracedPublisher) for one in publishers] == [is_traced]
    # it asks the database every second, and nobody would look at that
    assert not Psycopg2Instrumentor().is_instrumented_by_opentelemetry
