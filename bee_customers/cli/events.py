"""bee-customers events ..."""

import json
import signal
from typing import TYPE_CHECKING

import click

from bee_customers.cli import waiting_events
from bee_customers.cli.environment import connected, load, one_line_errors

if TYPE_CHECKING:
    from bee_customers.metrics import Metrics

# AMQP 0-9-1, short strings: https://www.rabbitmq.com/amqp-0-9-1-protocol
_ROUTING_KEY_BYTES = 255


@click.group()
def events() -> None:
    """Publish events, and look after those that wait."""


for command in (waiting_events.status, waiting_events.retry, waiting_events.replay):
    events.add_command(command)


@events.command()
@click.option("--metrics-port", type=click.IntRange(1, 65535), help="Serve Prometheus metrics on this port.")
@click.option(
    "--metrics-address",
    default="0.0.0.0",  # noqa: S104 - Prometheus asks from elsewhere
    show_default=True,
    help="The address to serve them on.",
)
@click.pass_obj
def relay(config: str | None, metrics_port: int | None, metrics_address: str) -> None:
    """Publish events until Ctrl-C or SIGTERM. A second relay stands by and takes over when the first one ends.

    Example: bee-customers -c production.ini events relay --metrics-port 9102
    """
    from bee_customers import logs, tracing
    from bee_customers.events import connect
    from bee_customers.events.metrics import RelayMetrics
    from bee_customers.events.stopping import StopSignal
    from bee_customers.metrics import Metrics
    from bee_customers.services.event_metrics import EventMetrics

    stop = StopSignal()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop.set)
    with one_line_errors():
        settings, database = connected(config)
        logs.configure(settings.log_level, settings.log_format)
        metrics = Metrics()
        relay_metrics = RelayMetrics(metrics.counted)
        endpoint = settings.otel_exporter_otlp_endpoint
        tracer = tracing.start(endpoint, with_statements=False) if endpoint else None
        if metrics_port:
            metrics.ask(EventMetrics(database, connect.fallback(settings)))
            _serve(metrics, metrics_address, metrics_port)
        connect.relay(settings, database, relay_metrics, tracer).run(stop)


def _routing_key(_context: click.Context, _option: click.Parameter, key: str) -> str:
    """As AMQP can carry it."""
    size = len(key.encode())
    if size > _ROUTING_KEY_BYTES:
        raise click.BadParameter(f"it takes {size:,} bytes, and {_ROUTING_KEY_BYTES} are the most")
    return key


@events.command()
@click.option(
    "--routing-key",
    default="#",
    show_default=True,
    callback=_routing_key,
    help="Which events, as a binding of a topic exchange.",
)
@click.option("--count", type=click.IntRange(1), help="End after so many.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole bodies, which may hold personal data.")
@click.pass_obj
def tail(config: str | None, routing_key: str, count: int | None, as_json: bool) -> None:
    """Show events as they are published, from a queue of its own that ends with it.

    Example: bee-customers -c production.ini events tail --routing-key customers.deleted
    """
    from bee_customers.events import connect
    from bee_customers.events.tail import follow

    with one_line_errors():
        _, settings = load(config)
        if settings.rabbitmq_url == connect.IN_MEMORY:
            raise click.UsageError("there is no broker: RABBITMQ_URL is memory://")

        def on_ready() -> None:
            click.echo(f"listening to {settings.rabbitmq_exchange}", err=True)

        try:
            for number, body in enumerate(follow(settings, routing_key, on_ready), 1):
                click.echo(body if as_json else _line(body))
                if number == count:
                    return
        except KeyboardInterrupt:
            return


def _line(body: str) -> str:
    """Ids only: what a terminal shows is soon in a log."""
    try:
        event = json.loads(body)
        about = f"customer {event['customer_id']} version {event['customer_version']}"
        return f"{event['occurred_at']}  {event['event']:<22} {about}  {event['event_id']}"
    except (ValueError, LookupError, TypeError):  # anyone may publish to an exchange
        return f"a message of {len(body)} characters that is none of our events"


def _serve(metrics: "Metrics", address: str, port: int) -> None:
    from prometheus_client import start_http_server

    try:
        start_http_server(port, address, registry=metrics.scraped)
    except OSError as error:
        raise click.ClickException(
            f"metrics cannot be served on {address}, port {port}: {error.strerror}"
        ) from None
