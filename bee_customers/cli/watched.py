"""What commands tell operators besides their output: a span for each job, a report of each unexpected error.

Both are extras. Without their settings nothing of them is imported, and a command runs as if this were not there.
"""

import contextlib
from collections.abc import Iterator

import click

from bee_customers.cli.unexpected import MEANT
from bee_customers.errors import DomainError
from bee_customers.settings import Settings

# Those that cron starts. The relay traces what it publishes, and no other command lasts or runs unseen.
JOBS = frozenset({"gdpr run", "gdpr ledger", "retention run", "stats recompute", "stats verify"})


@contextlib.contextmanager
def watched(config: str | None, command: str) -> Iterator[None]:
    """The block is a run of this command; an error goes on its way."""
    try:
        with _traced(config, command) if command in JOBS else contextlib.nullcontext():
            yield
    except MEANT:
        raise
    except Exception as error:
        _report(config, command, error)
        raise


@contextlib.contextmanager
def _traced(config: str | None, command: str) -> Iterator[None]:
    settings = _settings(config)
    if settings is None or not settings.otel_exporter_otlp_endpoint:
        yield
        return
    from bee_customers import tracing
    from bee_customers.cli.environment import one_line_errors

    with one_line_errors():
        tracer = tracing.start(settings.otel_exporter_otlp_endpoint)
    with tracer.start_as_current_span(f"job {command}", record_exception=False):
        yield


def _report(config: str | None, command: str, error: Exception) -> None:
    settings = _settings(config)
    if settings is None or not settings.sentry_dsn:
        return
    from bee_customers import error_reports

    try:
        report = error_reports.connect(settings.sentry_dsn, settings.environment)
    except DomainError as missing:
        click.echo(f"Error: {missing}", err=True)
        return
    report(error, {"command": command})
    report.flush()


def _settings(config: str | None) -> Settings | None:
    """None where they do not hold: that is for the command itself to say."""
    from bee_customers.cli.environment import load

    with contextlib.suppress(DomainError, click.ClickException):
        return load(config)[1]
    return None
