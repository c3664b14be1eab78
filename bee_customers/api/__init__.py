"""Everything that knows HTTP, in the order a request meets it."""

from pyramid.config import Configurator

_ROOMS = (
    "routing",
    "pages",
    "headers",
    "forwarded",
    "tweens",
    "watching",
    "tracing",
    "problems",
    "security_policy",
    "health",
    "metrics",
    "media",
    "openapi",
    "docs",
    "console",
)
RESOURCES = ("tags", "customers", "avatars", "notes", "orders", "timeline", "exports", "erasures", "operations")


def includeme(config: Configurator) -> None:
    for room in _ROOMS:
        config.include(f"bee_customers.api.{room}")
    for resource in RESOURCES:
        config.scan(f"bee_customers.api.{resource}")
