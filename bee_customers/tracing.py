"""Traces by OpenTelemetry, an extra: without its setting nothing of it is imported.

Spans hold patterns, statements without their parameters, and ids. What errors say is taken out on the way.
"""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bee_customers import __version__
from bee_customers.errors import InvalidSetting

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Tracer

_EXPORT_SECONDS = 5
_KEPT = frozenset(
    {
        *("http.request.method", "http.route", "http.response.status_code"),
        *("messaging.operation.type", "messaging.message.id"),
        *("db.system", "db.name", "db.statement", "db.operation"),
    }
)


def new_trace_id() -> str:
    """32 hexadecimal digits, no secret: the kernel, when asked for any, lets other threads go first.

    Events and lines of the log have one, whether traces are on or not.
    """
    return f"{random.getrandbits(128):032x}"


def start(endpoint: str, exporter: Any = None, *, with_statements: bool = True) -> "Tracer":
    """A tracer whose spans, and those of psycopg2, go to a collector; raises InvalidSetting without the extra.

    A relay goes without statements: it asks the database every second, on behalf of no trace.
    """
    try:
        from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise InvalidSetting(
            "OTEL_EXPORTER_OTLP_ENDPOINT: is set, and what it needs is not installed: "
            "pip install 'bee-customers[otel]'"
        ) from None
    resource = Resource.create({"service.name": "bee-customers", "service.version": __version__})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(scrubbed(exporter or _over_http(endpoint))))
    if with_statements:
        Psycopg2Instrumentor().instrument(tracer_provider=provider, skip_dep_check=True)
    return provider.get_tracer("bee_customers")


def _over_http(endpoint: str) -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=_EXPORT_SECONDS)


def scrubbed(exporter: Any) -> Any:
    """The exporter, which sees copies of spans: instrumentations note what errors say, and that holds values."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class Scrubbed(SpanExporter):
        def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
            result: SpanExportResult = exporter.export([_without_values(span) for span in spans])
            return result

        def shutdown(self) -> None:
            exporter.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return bool(exporter.force_flush(timeout_millis))

    return Scrubbed()


def _without_values(span: "ReadableSpan") -> "ReadableSpan":
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Status

    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in _KEPT},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
