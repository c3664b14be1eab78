"""Publishing with a span for each event, which goes on with the trace of the request that made it."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bee_customers.events.envelope import Message
from bee_customers.events.publisher import Outcome, Publisher

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

_TRACEPARENT = "traceparent"


class TracedPublisher:
    """Hands on to another publisher. Events of traces that nobody samples pass as they are."""

    def __init__(self, publisher: Publisher, tracer: "Tracer") -> None:
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._publisher = publisher
        self._tracer = tracer
        self._extract = TraceContextTextMapPropagator().extract
        self._kind = SpanKind.PRODUCER

    def publish(self, messages: Sequence[Message]) -> Outcome:
        spans = [self._begin(message) for message in messages]
        sent = [_carrying(message, span) for message, span in zip(messages, spans, strict=True)]
        outcome = self._publisher.publish(sent)
        for message, span in zip(messages, spans, strict=True):
            _end(span, is_confirmed=message.event_id in outcome.confirmed)
        return outcome

    def close(self) -> None:
        self._publisher.close()

    def _begin(self, message: Message) -> "Span | None":
        """None for an event without a trace: one of its own would tell nothing."""
        if _TRACEPARENT not in message.headers:
            return None
        context = self._extract({_TRACEPARENT: message.headers[_TRACEPARENT]})
        attributes = {"messaging.operation.type": "send", "messaging.message.id": str(message.event_id)}
        return self._tracer.start_span(
            f"publish {message.routing_key}", context, kind=self._kind, attributes=attributes
        )


def _carrying(message: Message, span: "Span | None") -> Message:
    """Consumers go on with this span, where it is one that is told."""
    if span is None or not span.is_recording():
        return message
    own = span.get_span_context()
    traceparent = f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"
    return dataclasses.replace(message, headers={**message.headers, _TRACEPARENT: traceparent})


def _end(span: "Span | None", *, is_confirmed: bool) -> None:
    if span is None:
        return
    from opentelemetry.trace import StatusCode

    if not is_confirmed:
        span.set_status(StatusCode.ERROR)
    span.end()
