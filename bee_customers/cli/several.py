"""`bee-customers serve` with PROCESSES: what is done once, and then a supervisor of workers."""

import contextlib
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import click

from bee_customers.cli import metric_files
from bee_customers.cli.greeting import greeting
from bee_customers.settings import Settings
from bee_customers.signals import call_each_time

log = logging.getLogger(__name__)

_ASK_SECONDS = 0.1


@contextlib.contextmanager
def address_errors(settings: Settings) -> Iterator[None]:
    """An address that cannot be listened on is one line."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.ClickException(f"{settings.host}:{settings.port} cannot be used: {reason}") from None


def serve_by_several(config: str | None, settings: Settings, base: Path) -> None:
    """Bring the database up to date where that is ours to do, hold the address, and keep the workers going."""
    from bee_customers import logs, wsgi
    from bee_customers.db import embedded
    from bee_customers.events import relay_thread
    from bee_customers.events.metrics import RelayMetrics
    from bee_customers.server import draining, sockets, supervisor

    metric_files.remove_forsaken()
    logs.configure(settings.log_level, settings.log_format)
    database = wsgi.prepared(settings, base)
    with address_errors(settings):
        # bound and never listened on: it keeps the port for the workers, one that was found among them
        held = sockets.bound(settings.host, settings.port, is_shared=True)
    port = held.getsockname()[1]
    environ = {**os.environ, "PORT": str(port)}
    if embedded.is_embedded(settings.database_url):
        environ["DATABASE_URL"] = embedded.start(settings.database_url, base)
    count = supervisor.count_of(settings.processes)
    if count > 1 and not settings.redis_url:
        log.warning("without REDIS_URL %d processes count by themselves: rate limits are that much higher", count)
    command = [sys.executable, "-m", "bee_customers.cli.worker", *([config] if config else [])]
    workers = supervisor.Supervisor(
        command,
        count,
        environ,
        settings.drain_seconds + draining.FINISH_SECONDS,
    )
    call_each_time(workers.ask_to_stop)
    _greet_when_they_listen(settings, port)
    with held, relay_thread.running(wsgi.own_relay(settings, database, RelayMetrics())):
        workers.run()


def _greet_when_they_listen(settings: Settings, port: int) -> None:
    threading.Thread(target=_greet, args=(settings, port), daemon=True).start()


def _greet(settings: Settings, port: int) -> None:
    pause = threading.Event()
    while not _listens(settings.host, port):
        pause.wait(_ASK_SECONDS)
    click.echo(greeting(settings, port))


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
