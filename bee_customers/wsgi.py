"""The composition root of the web process, as Paste and `bee-customers serve` call it."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
from bee_customers.events.relay import Relay
from bee_customers.metrics import Metrics
from bee_customers.rate_limiting import connect as rate_limiting
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.rate_limiting.subjects import SubjectNames
from bee_customers.security.development import with_own_keys
from bee_customers.security.keys import FixedKey, JwksKeys, KeySource
from bee_customers.security.sealing import Sealer, derive
from bee_customers.security.signing import LinkSigner
from bee_customers.security.tokens import TokenVerifier
from bee_customers.server.metrics import ServerMetrics
from bee_customers.services import health, migrations
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
LOGGED_SUBJECTS = "logged subjects"
JWKS_PATH = "/.well-known/jwks.json"


def main(global_config: dict[str, str], **ini: str) -> Router:
    """The application of an ini file; in development alone it migrates the database and brings a relay."""
    base, settings = configured(global_config, ini)
    storage = open_storage(settings, base)
    database = prepared(settings, base)
    made = application(settings, database, storage)
    # the server runs it as a thread
    made.registry["relay"] = own_relay(settings, database, RelayMetrics(made.registry["metrics"].counted))
    return made


def worker(global_config: dict[str, str], **ini: str) -> Router:
    """The application of one process among several, where what is done once has been done."""
    base, settings = configured(global_config, ini)
    return application(settings, connect(settings, base), open_storage(settings, base))


def configured(global_config: dict[str, str], ini: Mapping[str, str]) -> tuple[Path, Settings]:
    """The directory that paths count from, and the settings."""
    base = Path(global_config.get("here", "."))
    settings = with_own_keys(settings_module.load(ini, os.environ), base)
    logs.configure(settings.log_level, settings.log_format)
    return base, settings


def prepared(settings: Settings, base: Path) -> Database:
    """The database; in development migrated."""
    database = connect(settings, base)
    if settings.is_development:
        migrations.upgrade(database.writer, migrations.scripts_of(base))
    return database


def own_relay(settings: Settings, database: Database, metrics: RelayMetrics) -> Relay | None:
    """In development events need no process of their own."""
    return events.relay(settings, database, metrics) if settings.is_development else None


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
    checks = health.Checks(database)
    metrics.ask(ServiceMetrics(database, checks, EventMetrics(database, fallback)))
    database.watch_connections(ConnectionMetrics(metrics.counted).count)
    limits_key = derive(settings.secret_key[0], RATE_LIMITS)
    limit_metrics = LimitMetrics(metrics.counted)
    limits = rate_limiting.connect(settings, limits_key, limit_metrics)
    database.refuse_while_silent(lambda part: limit_metrics.degraded.labels(part=part).inc)
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
        "health": checks,
        # set while the process ends
        "draining": threading.Event(),
        **watching(settings, metrics),
    }


def watching(settings: Settings, metrics: Metrics) -> dict[str, Any]:
    """What operators are told with, of each request."""
    return {
        "metrics": metrics,
        "request_metrics": RequestMetrics(metrics.counted),
        "server_metrics": ServerMetrics(metrics.counted),
        "request_log": logs.request_log(),
        "logged_subjects": SubjectNames(derive(settings.secret_key[0], LOGGED_SUBJECTS)),
        "tracer": tracing.start(endpoint) if (endpoint := settings.otel_exporter_otlp_endpoint) else None,
        "report": error_reports.connect(dsn, settings.environment) if (dsn := settings.sentry_dsn) else None,
    }


def key_source(settings: Settings) -> KeySource:
    if settings.auth_jwt_key:
        return FixedKey(settings.auth_jwt_key)
    return JwksKeys(settings.auth_service_url + JWKS_PATH)
