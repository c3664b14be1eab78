"""Every setting of the service: name, default, meaning and check, in one place.

The environment (upper case) wins over the ini file (lower case). A wrong value raises
InvalidSetting with one line that can be shown to an operator as it is.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from bee_customers.errors import InvalidSetting

DEVELOPMENT = "development"
PRODUCTION = "production"

_LOG_LEVELS = ("debug", "info", "warning", "error")
_ALGORITHMS = frozenset(
    {f"{kind}{size}" for kind in ("HS", "RS", "PS", "ES") for size in (256, 384, 512)} | {"EdDSA"}
)
_PEM = "-----BEGIN"
_HOST = r"(\[[0-9a-fA-F:.]+\]|[^\s/?#@:,\[\]]*)(:[0-9]+)?"
_SERVER_URL = re.compile(
    rf"postgres(ql(\+(asyncpg|psycopg2))?)?://([^\s/?#@]*@)?{_HOST}(,{_HOST})*(/[^\s?]*)?(\?\S*)?"
)


def _text(raw: str) -> str:
    return raw


def _list(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def _integer(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", raw) or not least <= int(raw) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(raw)

    return parse


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.lower() not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return raw.lower()

    return parse


def _database_url(raw: str) -> str:
    if raw.startswith("embedded://"):
        return raw
    return _server_url(raw)


def _server_url(raw: str) -> str:
    if raw and not _SERVER_URL.fullmatch(raw):
        raise ValueError("a URL such as postgresql://user:password@host:5432/database")
    return raw


def _key(raw: str) -> str:
    """A PEM may come on one line, with \\n for its line ends, as environment files need it."""
    if not raw.startswith(_PEM):
        return raw
    # only here, because it takes long to import and few commands need it
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    pem = raw.replace("\\n", "\n")
    try:
        load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("a public key in PEM, or a shared secret") from None
    return pem


def _http_url(raw: str) -> str:
    if raw and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", raw):
        raise ValueError("a URL that starts with http:// or https://")
    return raw.rstrip("/")


def _broker_urls(raw: str) -> tuple[str, ...]:
    urls = tuple(raw.split())
    if urls == ("memory://",) or (urls and all(re.fullmatch(r"amqps?://[^\s/?#]+(/\S*)?", url) for url in urls)):
        return urls
    raise ValueError("amqp://user:password@host:5672/vhost, or memory://")


def _exchange(raw: str) -> str:
    # names that begin with amq. are the broker's own
    if not re.fullmatch(r"(?!amq\.)[\w.:-]{1,127}", raw, re.ASCII):
        raise ValueError("up to 127 letters, digits, dots, colons, hyphens or underscores, and no amq. in front")
    return raw


def _redis_url(raw: str) -> str:
    if raw and not re.fullmatch(r"rediss?://[^\s/?#]+(/[0-9]{1,3})?(\?\S*)?", raw):
        raise ValueError("a URL such as redis://:password@host:6379/0, or nothing")
    return raw


def _storage_url(raw: str) -> str:
    # a dot-dot or a second host is more likely a mistake than a wish
    if re.fullmatch(r"file://[^\s?#]*[^\s?#/]/?|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.-]+)*/?", raw):
        return raw
    raise ValueError("file://DIRECTORY or s3://BUCKET/PREFIX")


def _origins(raw: str) -> tuple[str, ...]:
    origins = _list(raw)
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[^\s/?#*]+", origin):
            raise ValueError("origins such as https://app.example.com, separated by commas, or *")
    return origins


def _algorithms(raw: str) -> tuple[str, ...]:
    algorithms = _list(raw)
    unknown = sorted(set(algorithms) - _ALGORITHMS)
    if unknown or not algorithms:
        raise ValueError("some of " + ", ".join(sorted(_ALGORITHMS)) + ", separated by commas")
    return algorithms


def _region(raw: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", raw):
        raise ValueError("a country code of two letters, such as RO")
    return raw.upper()


def _setting(
    doc: str,
    default: str,
    parse: Callable[[str], Any] = _text,
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
        _choice(DEVELOPMENT, PRODUCTION),
    )
    database_url: str = _setting(
        "Where customers are kept: `postgresql://` (also `postgres://`, `postgresql+asyncpg://`, and several "
        "hosts separated by commas), or `embedded://DIRECTORY` for a private PostgreSQL.",
        "embedded:///var/pg",
        _database_url,
        production="",
        secret=True,
    )
    database_read_url: str = _setting(
        "Where reads go; may be a hot standby. Empty: the same as DATABASE_URL.",
        "",
        _server_url,
        secret=True,
    )
    rabbitmq_url: tuple[str, ...] = _setting(
        "The broker that events go to: `amqp://` or `amqps://` (with `?cacertfile=`, `certfile=` and `keyfile=` "
        "where needed), several separated by spaces; or `memory://`, which only logs each event's type and id.",
        "memory://",
        _broker_urls,
        production="amqp://guest:guest@localhost:5672/",
        secret=True,
    )
    rabbitmq_exchange: str = _setting("The topic exchange of events.", "bee.customers.events", _exchange)
    redis_url: str = _setting(
        "Redis, which takes events while the broker is away: `redis://` or `rediss://`. Empty: events then wait "
        "in the database alone.",
        "",
        _redis_url,
        production="redis://localhost:6379/0",
        secret=True,
    )
    event_changes: str = _setting(
        "What `changes` of an event holds: `values`, or `fields`, the names alone, which keeps personal data off "
        "the broker.",
        "values",
        _choice("values", "fields"),
    )
    event_attempts: int = _setting(
        "How often an event that the broker refuses is tried before it is set aside for an operator.",
        "10",
        _integer(1, 100),
    )
    auth_service_url: str = _setting(
        "The auth service; its `/.well-known/jwks.json` gives the keys that tokens are checked with. "
        "Empty in development: a key of its own is used.",
        "",
        _http_url,
        production="http://auth:8001",
    )
    auth_jwt_key: str = _setting(
        "A public key in PEM, or a shared secret of 32 bytes or more, instead of the auth service's keys.",
        "",
        _key,
        secret=True,
    )
    auth_jwt_algorithms: tuple[str, ...] = _setting(
        "Signature algorithms to accept. HS256 needs a shared secret, and a shared secret needs HS256.",
        "RS256,ES256,EdDSA",
        _algorithms,
    )
    auth_issuer: str = _setting("The `iss` a token must name.", "bee-auth")
    auth_audience: str = _setting("The `aud` a token must name.", "bee-customers")
    secret_key: tuple[str, ...] = _setting(
        "Seals cursors. A list: the first one seals, all open, so that keys can be changed without a break. "
        "Empty in development: made once and kept.",
        "",
        _list,
        secret=True,
    )
    cors_origins: tuple[str, ...] = _setting(
        "Origins whose pages may call the API from a browser.", "*", _origins, production=""
    )
    storage_url: str = _setting(
        "Where avatars and other files are kept: `file://DIRECTORY`, relative to the settings file, or "
        "`s3://BUCKET/PREFIX` with the usual AWS_* variables (needs the extra `s3`).",
        "file://var/files",
        _storage_url,
    )
    phone_region: str = _setting("The country of phone numbers written without one.", "RO", _region)
    host: str = _setting("The address to listen on.", "127.0.0.1")
    port: int = _setting("The port to listen on.", "8002", _integer(0, 65535))
    threads: int = _setting("Requests worked on at once by one process.", "4", _integer(1, 64))
    log_level: str = _setting("How much to log: debug, info, warning or error.", "info", _choice(*_LOG_LEVELS))

    @property
    def is_development(self) -> bool:
        return self.environment == DEVELOPMENT


def load(ini: Mapping[str, str], environ: Mapping[str, str]) -> Settings:
    """Read all settings; raises InvalidSetting at the first that does not hold."""
    environment = _read_one("environment", ini, environ, DEVELOPMENT)
    values = {
        field.name: _read_one(field.name, ini, environ, environment) for field in dataclasses.fields(Settings)
    }
    settings = Settings(**values)
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
    if settings.is_development:
        return
    if not settings.auth_service_url and not settings.auth_jwt_key:
        raise InvalidSetting("AUTH_SERVICE_URL: got nothing, expected a URL, or a key in AUTH_JWT_KEY instead")
    if any(len(key) < 32 for key in settings.secret_key):
        raise InvalidSetting("SECRET_KEY: got a short one, expected 32 characters or more")
    if settings.database_url.startswith("embedded://"):
        raise InvalidSetting("DATABASE_URL: got an embedded database, expected a PostgreSQL server in production")
    if "*" in settings.cors_origins:
        raise InvalidSetting("CORS_ORIGINS: got '*', expected a list of origins in production")


def _check_keys(settings: Settings) -> None:
    symmetric = [name for name in settings.auth_jwt_algorithms if name.startswith("HS")]
    is_secret = bool(settings.auth_jwt_key) and not settings.auth_jwt_key.startswith(_PEM)
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
