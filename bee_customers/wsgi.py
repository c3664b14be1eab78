"""The composition root of the web process, as Paste and `bee-customers serve` call it."""

import os
import warnings
from pathlib import Path
from typing import Any

# pyramid and cornice still import it, and nobody who runs the service can do anything about that
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

from pyramid.config import Configurator
from pyramid.router import Router

from bee_customers import error_reports, logs, tracing
from bee_customers import settings as settings_module
from bee_customers.api import pagination
from bee_customers.api.request_metrics import RequestMetrics
from bee_customers.db.connect import connect
from bee_customers.db.connection_metrics import ConnectionMetrics
from bee_customers.db.engine import Database
from bee_customers.events import connect as events
from bee_customers.events.metrics import RelayMetrics
from bee_customers.metrics import Metrics
from bee_customers.rate_limiting import connect as rate_limiting
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.security.development import with_own_keys
from bee_customers.security.keys import FixedKey, JwksKeys, KeySource
from bee_customers.security.sealing import Sealer, derive
from bee_customers.security.signing import LinkSigner
from bee_customers.security.tokens import TokenVerifier
from bee_customers.services import migrations
from bee_customers.services.avatar_images import AvatarImages, Gate
from bee_customers.services.event_metrics import EventMetrics
from bee_customers.services.privacy import export_links
from bee_customers.services.privacy.subjects import SubjectHashes
from bee_customers.services.rules import Rules
from bee_customers.services.service_metrics import ServiceMetrics
from bee_customers.settings import Settings
from bee_customers.storage.connect import connect as open_storage
from bee_customers.storage.protocol import Storage

RATE_LIMITS = "rate limits"
JWKS_PATH = "/.well-known/jwks.json"


def main(global_config: dict[str, str], **ini: str) -> Router:
    """The application of an ini file; in development alone it migrates the database and brings a relay."""
    base = Path(global_config.get("here", "."))
    settings = with_own_keys(settings_module.load(ini, os.environ), base)
    logs.configure(settings.log_level, settings.log_format)
    storage = open_storage(settings, base)
    database = connect(settings, base)
    if settings.is_development:
        migrations.upgrade(database.writer, migrations.scripts_of(base))
    made = application(settings, database, storage)
    if settings.is_development:
        relay_metrics = RelayMetrics(made.registry["metrics"].counted)
        made.registry["relay"] = events.relay(settings, database, relay_metrics)  # the server runs it as a thread
    return made


def application(settings: Settings, database: Database, storage: Storage) -> Router:
    """The application on an open database and a storage."""
    config = Configurator()
    config.registry.update(components(settings, database, storage))
    config.include("bee_customers.api")
    return config.make_wsgi_app()


def components(settings: Settings, database: Database, storage: Storage) -> dict[str, Any]:
    """What requests are served with, by name."""
    verifier = TokenVerifier(
        key_source(settings),
        algorithms=settings.auth_jwt_algorithms,
        issuer=settings.auth_issuer,
        audience=settings.auth_audience,
    )
    metrics, fallback = Metrics(), events.fallback(settings)
    metrics.ask(ServiceMetrics(database, EventMetrics(database, fallback)))
    database.watch_connections(ConnectionMetrics(metrics.counted).count)
    limits_key = derive(settings.secret_key[0], RATE_LIMITS)
    limits = rate_limiting.connect(settings, limits_key, LimitMetrics(metrics.counted))
    return {
        "settings": settings,
        "database": database,
        "storage": storage,
        "tokens": verifier,
        "rate_limits": limits,
        "avatar_images": AvatarImages(Gate.for_threads(settings.threads)),
        "rules": Rules(settings.phone_region),
        "fallback": fallback,
        "subject_hashes": SubjectHashes(settings.subject_secret),
        "export_links": LinkSigner(settings.secret_key, export_links.PURPOSE),
        "cursors": Sealer(settings.secret_key, pagination.PURPOSE),
        "schemas": {},
        **watching(settings, metrics),
    }


def watching(settings: Settings, metrics: Metrics) -> dict[str, Any]:
    """What operators are told with, of each request."""
    return {
        "metrics": metrics,
        "request_metrics": RequestMetrics(metrics.counted),
        "request_log": logs.request_log(),
        "tracer": tracing.start(endpoint) if (endpoint := settings.otel_exporter_otlp_endpoint) else None,
        "report": error_reports.connect(dsn, settings.environment) if (dsn := settings.sentry_dsn) else None,
    }


def key_source(settings: Settings) -> KeySource:
    if settings.auth_jwt_key:
        return FixedKey(settings.auth_jwt_key)
    return JwksKeys(settings.auth_service_url + JWKS_PATH)
