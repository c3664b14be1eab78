"""Everything that knows HTTP, in the order a request meets it."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    config.include("cornice")
    for room in ("pages", "headers", "tweens", "problems", "security_policy", "health", "openapi", "docs"):
        config.include(f"bee_customers.api.{room}")
    for resource in ("customers", "timeline"):
        config.scan(f"bee_customers.api.{resource}")
