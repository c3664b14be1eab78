"""Database URLs as people write them, made into what SQLAlchemy takes."""

import re
from urllib.parse import urlencode

_SCHEME = re.compile(r"^postgres(ql)?(\+\w+)?://")
_HOSTS = re.compile(r"^(?P<user>[^/?@]*@)?(?P<hosts>[^/?@]*,[^/?@]*)(?P<path>/[^?]*)?(\?(?P<query>.*))?$")


def to_sqlalchemy(url: str) -> str:
    """`postgres://`, `postgresql://` and `postgresql+asyncpg://` become psycopg2 URLs.

    asyncpg's `ssl=` becomes `sslmode=`. Several hosts (`h1:5432,h2`) move to the query, where psycopg2's dialect
    expects them.
    """
    rest = re.sub(r"([?&])ssl=", r"\1sslmode=", _SCHEME.sub("", url, count=1))
    several = _HOSTS.match(rest)
    if several:
        rest = _move_hosts_to_query(**several.groupdict())
    return f"postgresql+psycopg2://{rest}"


def _move_hosts_to_query(user: str | None, hosts: str, path: str | None, query: str | None) -> str:
    pairs = [("host", host if ":" in host else f"{host}:5432") for host in hosts.split(",")]
    joined = urlencode(pairs) + (f"&{query}" if query else "")
    return f"{user or ''}{path or ''}?{joined}"
