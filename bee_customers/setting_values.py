"""What the text of a setting may be: each function gives the value, or raises ValueError with what is expected."""

import dataclasses
import datetime
import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

_ALGORITHMS = frozenset(
    {f"{kind}{size}" for kind in ("HS", "RS", "PS", "ES") for size in (256, 384, 512)} | {"EdDSA"}
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
PEM = "-----BEGIN"
_HOST = r"(\[[0-9a-fA-F:.]+\]|[^\s/?#@:,\[\]]*)(:[0-9]+)?"
_SERVER_URL = re.compile(
    rf"postgres(ql(\+(asyncpg|psycopg2))?)?://([^\s/?#@]*@)?{_HOST}(,{_HOST})*(/[^\s?]*)?(\?\S*)?"
)
_ONE_HOST = r"([^\s/?#@]*@)?(\[[0-9a-fA-F:.]+\]|[^\s/?#@:,;\[\]]+)(:[0-9]+)?"
_BROKER_URL = rf"amqps?://{_ONE_HOST}(/\S*)?"
# Of the options that redis takes from a URL, others would change what it replies or how long it is waited for.
_REDIS_OPTION = r"ssl_(ca_certs|certfile|keyfile)=[^\s&]+"
_REDIS_URL = rf"rediss?://{_ONE_HOST}(/[0-9]{{0,3}})?(\?{_REDIS_OPTION}(&{_REDIS_OPTION})*)?"


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclasses.dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds."""

    amount: int
    seconds: int


def text(raw: str) -> str:
    return raw


def comma_list(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def integer(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", raw) or not least <= int(raw) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(raw)

    return parse


def choice(*allowed: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.lower() not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return raw.lower()

    return parse


def switch(raw: str) -> bool:
    """`on` or `off`."""
    return choice("on", "off")(raw) == "on"


def database_url(raw: str) -> str:
    if raw.startswith("embedded://"):
        return raw
    return server_url(raw)


def server_url(raw: str) -> str:
    if raw and not _SERVER_URL.fullmatch(raw):
        raise ValueError("a URL such as postgresql://user:password@host:5432/database")
    return raw


def key(raw: str) -> str:
    """A PEM may come on one line, with \\n for its line ends, as environment files need it."""
    if not raw.startswith(PEM):
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


def http_url(raw: str) -> str:
    if raw and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", raw):
        raise ValueError("a URL that starts with http:// or https://")
    return raw.rstrip("/")


def sentry_dsn(raw: str) -> str:
    if raw and not re.fullmatch(r"https?://[^\s/?#@:]+@[^\s/?#@]+/[^\s?#]+", raw):
        raise ValueError("a DSN such as https://KEY@sentry.example.com/1")
    return raw


def broker_urls(raw: str) -> tuple[str, ...]:
    urls = tuple(raw.split())
    if urls == ("memory://",) or (urls and all(_is_url(url, _BROKER_URL) for url in urls)):
        return urls
    raise ValueError("amqp://user:password@host:5672/vhost, several separated by spaces, or memory://")


def exchange(raw: str) -> str:
    # names that begin with amq. are the broker's own
    if not re.fullmatch(r"(?!amq\.)[\w.:-]{1,127}", raw, re.ASCII):
        raise ValueError("up to 127 letters, digits, dots, colons, hyphens or underscores, and no amq. in front")
    return raw


def redis_url(raw: str) -> str:
    if raw and not _is_url(raw, _REDIS_URL):
        raise ValueError("a URL such as redis://:password@host:6379/0, or nothing")
    return raw


def _is_url(raw: str, pattern: str) -> bool:
    try:
        # asked for its port, it raises ValueError for one that is none
        return bool(re.fullmatch(pattern, raw)) and urlsplit(raw).port != 0
    except ValueError:
        return False


def storage_url(raw: str) -> str:
    # a dot-dot or a second host is more likely a mistake than a wish
    if re.fullmatch(r"file://[^\s?#]*[^\s?#/]/?|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.-]+)*/?", raw):
        return raw
    raise ValueError("file://DIRECTORY or s3://BUCKET/PREFIX")


def origins(raw: str) -> tuple[str, ...]:
    origins = comma_list(raw)
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[^\s/?#*]+", origin):
            raise ValueError("origins such as https://app.example.com, separated by commas, or *")
    return origins


def algorithms(raw: str) -> tuple[str, ...]:
    algorithms = comma_list(raw)
    unknown = sorted(set(algorithms) - _ALGORITHMS)
    if unknown or not algorithms:
        raise ValueError("some of " + ", ".join(sorted(_ALGORITHMS)) + ", separated by commas")
    return algorithms


def region(raw: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", raw):
        raise ValueError("a country code of two letters, such as RO")
    return raw.upper()


def duration(least: datetime.timedelta, most: datetime.timedelta) -> Callable[[str], datetime.timedelta]:
    """`90s`, `15m`, `24h` or `7d`."""

    def parse(raw: str) -> datetime.timedelta:
        matched = re.fullmatch(r"([0-9]{1,6})([smhd])", raw)
        found = datetime.timedelta(**{_UNITS[matched[2]]: int(matched[1])}) if matched else None
        if found is None or not least <= found <= most:
            raise ValueError(f"a duration such as 90s, 15m, 24h or 7d, from {_told(least)} to {_told(most)}")
        return found

    return parse


def rate(raw: str) -> Rate | None:
    """`5/minute`; None for `off`."""
    if raw.lower() == "off":
        return None
    matched = re.fullmatch(rf"([0-9]{{1,7}})/({'|'.join(_PERIODS)})", raw.lower())
    if not matched or not int(matched[1]):
        raise ValueError("a number per second, minute, hour or day, such as 5/minute, or off")
    return Rate(int(matched[1]), _PERIODS[matched[2]])


def networks(raw: str) -> tuple[Network, ...]:
    try:
        found = tuple(ipaddress.ip_network(part) for part in comma_list(raw))
    except ValueError:
        found = None
    # one that holds every address would let every caller say where it comes from
    if found is None or any(network.prefixlen == 0 for network in found):
        raise ValueError("addresses and networks such as 10.0.0.7,10.1.0.0/16, separated by commas")
    return found


def _told(duration: datetime.timedelta) -> str:
    """In the largest unit that it is a whole number of."""
    seconds = int(duration.total_seconds())
    size, unit = next(
        (size, unit) for size, unit in ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s")) if seconds % size == 0
    )
    return f"{seconds // size}{unit}"
