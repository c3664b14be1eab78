"""From the settings to a relay and its parts."""

from typing import TYPE_CHECKING

from bee_customers.db.engine import Database
from bee_customers.events.envelope import composer
from bee_customers.events.fallback import RedisFallback
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.publisher import LogPublisher, Publisher
from bee_customers.events.relay import Relay
from bee_customers.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

IN_MEMORY = ("memory://",)


def relay(
    settings: Settings, database: Database, metrics: RelayMetrics | None = None, tracer: "Tracer | None" = None
) -> Relay:
    return Relay(
        database,
        _traced(publisher(settings), tracer),
        composer(settings.event_changes),
        fallback=fallback(settings),
        attempts_most=settings.event_attempts,
        metrics=metrics,
    )


def _traced(publisher: Publisher, tracer: "Tracer | None") -> Publisher:
    if tracer is None:
        return publisher
    from bee_customers.events.traced_publisher import TracedPublisher

    return TracedPublisher(publisher, tracer)


def publisher(settings: Settings) -> Publisher:
    """Connects at its first use."""
    if settings.rabbitmq_url == IN_MEMORY:
        return LogPublisher()
    # takes a while to import, and development does without it
    from bee_customers.events.kombu_publisher import KombuPublisher

    return KombuPublisher(settings.rabbitmq_url, settings.rabbitmq_exchange)


def fallback(settings: Settings) -> RedisFallback | None:
    return RedisFallback(settings.redis_url) if settings.redis_url else None
