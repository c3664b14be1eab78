"""A span for each event that is published, in the trace of the request that made it."""

import uuid
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from bee_customers import tracing
from bee_customers.events.envelope import Message
from bee_customers.events.publisher import Outcome
from bee_customers.events.traced_publisher import TracedPublisher

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"


class Kept:
    """A broker that confirms all but some, and shows what came."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.refused: set[uuid.UUID] = set()
        self.is_closed = False

    def publish(self, messages: Any) -> Outcome:
        self.messages += messages
        confirmed = {message.event_id for message in messages} - self.refused
        return Outcome(frozenset(confirmed), dict.fromkeys(self.refused, "no queue takes it"))

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def publisher(kept: Kept, exporter: InMemorySpanExporter) -> TracedPublisher:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(tracing.scrubbed(exporter)))
    return TracedPublisher(kept, provider.get_tracer("tests"))


def message(traceparent: str | None) -> Message:
    headers = {"cloudEvents:source": "bee-customers"} | ({"traceparent": traceparent} if traceparent else {})
    return Message(uuid.uuid4(), "CustomerUpdatedEvent", "customers.updated", b'"Popescu"', headers, {})


def test_an_event_goes_on_with_the_trace_of_its_request(publisher, kept, exporter) -> None:
    sent = message(SAMPLED)
    publisher.publish([sent])
    (span,) = exporter.get_finished_spans()
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, PARENT)
    assert (span.name, span.kind) == ("publish customers.updated", SpanKind.PRODUCER)
    assert span.attributes["messaging.message.id"] == str(sent.event_id)
    assert "Popescu" not in span.to_json()
    (arrived,) = kept.messages
    assert arrived.headers == sent.headers | {"traceparent": f"00-{TRACE}-{span.context.span_id:016x}-01"}
    assert arrived.body == sent.body


@pytest.mark.parametrize("traceparent", [UNSAMPLED, None])
def test_an_event_of_no_sampled_trace_passes_as_it_is(publisher, kept, exporter, traceparent) -> None:
    sent = message(traceparent)
    publisher.publish([sent])
    assert kept.messages == [sent]
    assert exporter.get_finished_spans() == ()


def test_what_is_not_confirmed_is_an_error_and_the_outcome_is_the_brokers(publisher, kept, exporter) -> None:
    good, bad = message(SAMPLED), message(SAMPLED)
    kept.refused = {bad.event_id}
    outcome = publisher.publish([good, bad])
    assert (outcome.confirmed, set(outcome.refused)) == ({good.event_id}, {bad.event_id})
    states = {
        span.attributes["messaging.message.id"]: span.status.status_code for span in exporter.get_finished_spans()
    }
    assert states == {str(good.event_id): StatusCode.UNSET, str(bad.event_id): StatusCode.ERROR}


def test_it_lets_go_of_the_connection(publisher, kept) -> None:
    publisher.close()
    assert kept.is_closed
