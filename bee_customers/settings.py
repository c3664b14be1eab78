"""Every setting of the service: name, default, meaning and check, in one place.

The environment (upper case) wins over the ini file (lower case). A wrong value raises
InvalidSetting with one line that can be shown to an operator as it is.
"""

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from typing import Any

from bee_customers import setting_values as values
from bee_customers.errors import InvalidSetting

DEVELOPMENT = "development"
PRODUCTION = "production"

DAYS_MOST = 36_500
_LOG_LEVELS = ("debug", "info", "warning", "error")


def _setting(
    doc: str,
    default: str,
    parse: Callable[[str], Any] = values.text,
    *,
    production: str | None = None,
    secret: bool = False,
) -> Any:
    """Declare a setting; `production` is its default there where that differs."""
    metadata = {"doc": doc, "default": default, "parse": parse, "production": production, "secret": secret}
    return dataclasses.field(metadata=metadata)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, parsed and checked. Field order is the order of the documentation."""

    environment: str = _setting(
        "`development` brings its own database and keys; `production` refuses to start with them.",
        DEVELOPMENT,
        values.choice(DEVELOPMENT, PRODUCTION),
    )
    database_url: str = _setting(
        "Where customers are kept: `postgresql://` (also `postgres://`, `postgresql+asyncpg://`, and several "
        "hosts separated by commas), or `embedded://DIRECTORY` for a private PostgreSQL.",
        "embedded:///var/pg",
        values.database_url,
        production="",
        secret=True,
    )
    database_read_url: str = _setting(
        "Where reads go; may be a hot standby. Empty: the same as DATABASE_URL.",
        "",
        values.server_url,
        secret=True,
    )
    rabbitmq_url: tuple[str, ...] = _setting(
        "The broker that events go to: `amqp://` or `amqps://` (with `?cacertfile=`, `certfile=` and `keyfile=` "
        "where needed), several separated by spaces; or `memory://`, which only logs each event's type and id.",
        "memory://",
        values.broker_urls,
        production="amqp://guest:guest@localhost:5672/",
        secret=True,
    )
    rabbitmq_exchange: str = _setting("The topic exchange of events.", "bee.customers.events", values.exchange)
    redis_url: str = _setting(
        "Redis, which counts for rate limits and takes events while the broker is away: `redis://` or `rediss://` "
        "(with `?ssl_ca_certs=`, `ssl_certfile=` and `ssl_keyfile=` where needed). Empty: each process counts for "
        "itself, and events wait in the database alone.",
        "",
        values.redis_url,
        production="redis://localhost:6379/0",
        secret=True,
    )
    event_changes: str = _setting(
        "What `changes` of an event holds: `values`, or `fields`, the names alone, which keeps personal data off "
        "the broker.",
        "values",
        values.choice("values", "fields"),
    )
    event_attempts: int = _setting(
        "How often an event that the broker refuses is tried before it is set aside for an operator.",
        "10",
        values.integer(1, 100),
    )
    auth_service_url: str = _setting(
        "The auth service; its `/.well-known/jwks.json` gives the keys that tokens are checked with. "
        "Empty in development: a key of its own is used.",
        "",
        values.http_url,
        production="http://auth:8001",
    )
    auth_jwt_key: str = _setting(
        "A public key in PEM, or a shared secret of 32 bytes or more, instead of the auth service's keys.",
        "",
        values.key,
        secret=True,
    )
    auth_jwt_algorithms: tuple[str, ...] = _setting(
        "Signature algorithms to accept. HS256 needs a shared secret, and a shared secret needs HS256.",
        "RS256,ES256,EdDSA",
        values.algorithms,
    )
    auth_issuer: str = _setting("The `iss` a token must name.", "bee-auth")
    auth_audience: str = _setting("The `aud` a token must name.", "bee-customers")
    secret_key: tuple[str, ...] = _setting(
        "Seals cursors and signs links. A list: the first one seals, all open, so that keys can be changed "
        "without a break. Empty in development: made once and kept.",
        "",
        values.comma_list,
        secret=True,
    )
    subject_key: str = _setting(
        "Keys the hashes by which an erased subject is known again, so it must never change: an import would take "
        "the erased back in. Empty: the last of SECRET_KEY. Set it to that one before you remove it there.",
        "",
        secret=True,
    )
    customer_patch_rate: values.Rate | None = _setting(  # noqa: RUF009
        "How often one caller may PATCH one customer: a number per `second`, `minute`, `hour` or `day`, or `off`.",
        "5/minute",
        values.rate,
    )
    api_rate: values.Rate | None = _setting(  # noqa: RUF009
        "How many requests one caller may make in all; written in the same way.", "600/minute", values.rate
    )
    auth_failure_rate: values.Rate | None = _setting(  # noqa: RUF009
        "How often one address may come without a token that holds, before it is not listened to for a while; "
        "written in the same way.",
        "20/minute",
        values.rate,
    )
    trusted_proxies: tuple[values.Network, ...] = _setting(
        "Whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses and networks, separated by commas.",
        "",
        values.networks,
    )
    cors_origins: tuple[str, ...] = _setting(
        "Origins whose pages may call the API from a browser.", "*", values.origins, production=""
    )
    storage_url: str = _setting(
        "Where avatars and other files are kept: `file://DIRECTORY`, relative to the settings file, or "
        "`s3://BUCKET/PREFIX` with the usual AWS_* variables (needs the extra `s3`).",
        "file://var/files",
        values.storage_url,
    )
    export_ttl: datetime.timedelta = _setting(  # noqa: RUF009
        "For how long the file that somebody asked for about itself may be fetched, and is kept.",
        "24h",
        values.duration(datetime.timedelta(minutes=1), datetime.timedelta(days=30)),
    )
    erasure_grace: datetime.timedelta = _setting(  # noqa: RUF009
        "For how long somebody who asked to be forgotten may call it off; then it is done at the next run.",
        "7d",
        values.duration(datetime.timedelta(), datetime.timedelta(days=30)),
    )
    phone_region: str = _setting("The country of phone numbers written without one.", "RO", values.region)
    host: str = _setting("The address to listen on.", "127.0.0.1")
    port: int = _setting("The port to listen on.", "8002", values.integer(0, 65535))
    threads: int = _setting("Requests worked on at once by one process.", "4", values.integer(1, 64))
    processes: int = _setting(
        "Processes that share the address, each with its own threads; 0 is one for each processor. For "
        "`bee-customers serve` alone.",
        "1",
        values.integer(0, 256),
    )
    connections: int = _setting(
        "Connections of clients that one process holds. When there are as many, those that have been silent for "
        "longest are closed.",
        "1000",
        values.integer(20, 100_000),
    )
    drain_seconds: int = _setting(
        "For how long a process that was told to end still takes new requests while `/health` says 503, so that "
        "a load balancer looks elsewhere.",
        "0",
        values.integer(0, 300),
        production="5",
    )
    log_level: str = _setting(
        "How much to log: debug, info, warning or error. Each request is a line at info.",
        "info",
        values.choice(*_LOG_LEVELS),
    )
    log_format: str = _setting(
        "How a line of the log looks: `json`, `console` for people, or `auto`: console on a terminal, else json.",
        "auto",
        values.choice("auto", "json", "console"),
    )
    docs: bool = _setting(
        "`on`: anyone may read the API's description at `/docs` and `/openapi.json`. `off`: neither is there.",
        "on",
        values.switch,
    )
    metrics_token: str = _setting(
        "What Prometheus sends as its bearer token to read `/metrics`, 16 characters or more. Empty: in "
        "production `/metrics` is not there, in development anyone may read it.",
        "",
        values.text,
        secret=True,
    )
    otel_exporter_otlp_endpoint: str = _setting(
        "Where traces go, by OTLP over HTTP, such as `http://collector:4318` (needs the extra `otel`). Empty: "
        "nothing is traced.",
        "",
        values.http_url,
    )
    sentry_dsn: str = _setting(
        "Where unexpected errors are reported (needs the extra `sentry`). Empty: they are only logged.",
        "",
        values.sentry_dsn,
        secret=True,
    )
    retention_inactive_customers: int = _setting(
        "Days after the last order or change of a customer until it is erased; 0 keeps for ever.",
        "0",
        values.integer(0, DAYS_MOST),
    )
    retention_notes: int = _setting(
        "Days until a note of staff is removed; 0 keeps for ever.", "1095", values.integer(0, DAYS_MOST)
    )
    retention_published_events: int = _setting(
        "Days until an event that the broker has is removed, and with it that line of the timeline; 0 keeps for "
        "ever.",
        "365",
        values.integer(0, DAYS_MOST),
    )
    retention_idempotency_replies: int = _setting(
        "Days until the stored reply of an `Idempotency-Key` is removed; it is given back for 24 hours. 0 keeps "
        "for ever.",
        "1",
        values.integer(0, DAYS_MOST),
    )
    retention_import_rejects: int = _setting(
        "Days until the file that an import wrote its refused rows to is removed; 0 keeps for ever.",
        "30",
        values.integer(0, DAYS_MOST),
    )
    retention_finished_requests: int = _setting(
        "Days until a request of privacy that is over is removed; 0 keeps for ever. The ledger of erasures stays.",
        "1095",
        values.integer(0, DAYS_MOST),
    )

    @property
    def is_development(self) -> bool:
        return self.environment == DEVELOPMENT

    @property
    def subject_secret(self) -> str:
        """The oldest secret unless one is set for it: rotation puts new ones in front."""
        return self.subject_key or self.secret_key[-1]


def load(ini: Mapping[str, str], environ: Mapping[str, str]) -> Settings:
    """Read all settings; raises InvalidSetting at the first that does not hold."""
    environment = _read_one("environment", ini, environ, DEVELOPMENT)
    found = {
        field.name: _read_one(field.name, ini, environ, environment) for field in dataclasses.fields(Settings)
    }
    settings = Settings(**found)
    _check_together(settings)
    return settings


def _read_one(name: str, ini: Mapping[str, str], environ: Mapping[str, str], environment: str) -> Any:
    metadata = next(field.metadata for field in dataclasses.fields(Settings) if field.name == name)
    default = metadata["default"]
    if environment == PRODUCTION and metadata["production"] is not None:
        default = metadata["production"]
    raw = environ.get(name.upper(), ini.get(name, default)).strip()
    try:
        return metadata["parse"](raw)
    except ValueError as error:
        got = "a value that is not shown" if metadata["secret"] else repr(raw[:80])
        raise InvalidSetting(f"{name.upper()}: got {got}, expected {error}") from None


def _check_together(settings: Settings) -> None:
    _check_keys(settings)
    needed = (
        "database_url",
        "auth_issuer",
        "auth_audience",
        *(() if settings.is_development else ("secret_key",)),
    )
    for name in needed:
        if not getattr(settings, name):
            raise InvalidSetting(f"{name.upper()}: got nothing, expected a value")
    if settings.metrics_token and len(settings.metrics_token) < 16:
        raise InvalidSetting("METRICS_TOKEN: got a short one, expected 16 characters or more")
    if settings.is_development:
        return
    if not settings.auth_service_url and not settings.auth_jwt_key:
        raise InvalidSetting("AUTH_SERVICE_URL: got nothing, expected a URL, or a key in AUTH_JWT_KEY instead")
    if any(len(key) < 32 for key in settings.secret_key):
        raise InvalidSetting("SECRET_KEY: got a short one, expected 32 characters or more")
    if settings.subject_key and len(settings.subject_key) < 32:
        raise InvalidSetting("SUBJECT_KEY: got a short one, expected 32 characters or more")
    if settings.database_url.startswith("embedded://"):
        raise InvalidSetting("DATABASE_URL: got an embedded database, expected a PostgreSQL server in production")
    if "*" in settings.cors_origins:
        raise InvalidSetting("CORS_ORIGINS: got '*', expected a list of origins in production")


def _check_keys(settings: Settings) -> None:
    symmetric = [name for name in settings.auth_jwt_algorithms if name.startswith("HS")]
    is_secret = bool(settings.auth_jwt_key) and not settings.auth_jwt_key.startswith(values.PEM)
    # A public key taken for a shared secret is the classic forgery: never mix the two kinds.
    if symmetric and (not is_secret or len(symmetric) < len(settings.auth_jwt_algorithms)):
        raise InvalidSetting(
            "AUTH_JWT_ALGORITHMS: got HS algorithms, expected them alone and with a secret in AUTH_JWT_KEY"
        )
    if is_secret and not symmetric:
        raise InvalidSetting(
            "AUTH_JWT_KEY: got a shared secret, expected AUTH_JWT_ALGORITHMS=HS256 with it, or a key in PEM"
        )
    if is_secret and len(settings.auth_jwt_key.encode()) < 32:
        raise InvalidSetting("AUTH_JWT_KEY: got a short secret, expected 32 bytes or more")
