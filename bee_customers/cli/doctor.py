"""bee-customers doctor"""

import dataclasses
import ipaddress
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click

from bee_customers.cli.environment import load, with_cause
from bee_customers.errors import DomainError
from bee_customers.settings import Settings

Finding = tuple[str, bool, str]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def doctor(config: str | None, as_json: bool) -> None:
    """Check settings, database, migrations, keys, broker, Redis and proxies; a line each, exit 1 when one fails.

    Example: bee-customers -c production.ini doctor
    """
    findings = list(_examine(config))
    if as_json:
        click.echo(
            json.dumps([dict(zip(("part", "is_well", "detail"), found, strict=True)) for found in findings])
        )
    else:
        for part, is_well, detail in findings:
            mark = click.style("ok  ", fg="green") if is_well else click.style("FAIL", fg="red")
            click.echo(f"{mark}  {part:<10} {detail}")
    if not all(is_well for _, is_well, _ in findings):
        raise SystemExit(1)


def _examine(config: str | None) -> Iterator[Finding]:
    try:
        base, settings = load(config)
    except DomainError as error:
        yield "settings", False, str(error)
        return
    yield "settings", True, settings.environment
    yield _finding("database", lambda: _database(settings, base))
    yield _finding("keys", lambda: _keys(settings))
    yield _finding("broker", lambda: _broker(settings))
    yield _finding("redis", lambda: _redis(settings))
    yield "proxies", True, _proxies(settings)


def _finding(part: str, check: Callable[[], str]) -> Finding:
    try:
        return part, True, check()
    except DomainError as error:
        return part, False, with_cause(error)


def _database(settings: Settings, base: Path) -> str:
    from bee_customers.db.connect import connect
    from bee_customers.services import inspection, migrations

    report = inspection.inspect(connect(settings, base), migrations.scripts_of(base))
    if report.findings:
        raise DomainError("; ".join(report.findings))
    return f"PostgreSQL {report.server_version}, {report.warning or f'schema {report.revision}'}"


def _broker(settings: Settings) -> str:
    from bee_customers.events import connect

    if settings.rabbitmq_url == connect.IN_MEMORY:
        return "none: events are only logged"
    for url in settings.rabbitmq_url:
        _check_broker(dataclasses.replace(settings, rabbitmq_url=(url,)))
    return f"the exchange {settings.rabbitmq_exchange} is there"


def _check_broker(settings: Settings) -> None:
    from bee_customers.events import connect

    publisher = connect.publisher(settings)
    outcome = publisher.publish([])
    publisher.close()
    if outcome.fault:
        raise DomainError(f"{urlsplit(settings.rabbitmq_url[0]).netloc.rpartition('@')[2]}: {outcome.fault}")


def _redis(settings: Settings) -> str:
    from bee_customers.events import connect

    fallback = connect.fallback(settings)
    return (
        f"the fallback queue holds {fallback.depth():,} events"
        if fallback
        else "none: events wait in the database"
    )


def _proxies(settings: Settings) -> str:
    """No fault: what stands in front, if anything, only its requests tell."""
    if settings.trusted_proxies:
        return f"{len(settings.trusted_proxies)} are trusted"
    if settings.is_development or not _is_loopback(settings.host):
        return "none is trusted"
    return (
        f"none is trusted, and on {settings.host} only a proxy is heard: "
        "without TRUSTED_PROXIES its clients are limited as one"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _keys(settings: Settings) -> str:
    from bee_customers import wsgi
    from bee_customers.security import keys

    if settings.auth_jwt_key:
        return "one key, from the settings"
    found = keys.fetch(settings.auth_service_url + wsgi.JWKS_PATH)
    return f"{len(found)} from {settings.auth_service_url}"
