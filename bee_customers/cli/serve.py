"""bee-customers serve"""

import contextlib
import os

import click

from bee_customers.cli.environment import DEFAULT_CONFIG, ini_of, load, one_line_errors
from bee_customers.cli.greeting import greeting
from bee_customers.cli.several import address_errors, serve_by_several
from bee_customers.signals import exit_when_asked


@click.command()
@click.option("--reload", "is_reloading", is_flag=True, help="Start again when a source file changes.")
@click.pass_obj
def serve(config: str | None, is_reloading: bool) -> None:
    """Run the service until Ctrl-C or SIGTERM.

    In development it migrates its database first; without DATABASE_URL it brings its own PostgreSQL. With
    PROCESSES it keeps several processes at work on one address.

    Example: bee-customers serve --reload
    """
    # from the first moment, so that a private PostgreSQL is stopped whenever the end comes
    exit_when_asked()
    with one_line_errors():
        if is_reloading:
            _watch(config)
        _serve(config)


def _serve(config: str | None) -> None:
    base, ini = ini_of(config)
    _, settings = load(config)
    if settings.processes != 1:
        serve_by_several(config, settings, base)
        return
    from bee_customers import server, wsgi

    application = wsgi.main({"here": str(base)}, **ini)
    with address_errors(settings):
        listening = server.listen(application, settings)
    click.echo(greeting(settings, listening.effective_port))
    server.run(listening, application.registry.get("relay"))


def _watch(config: str | None) -> None:
    """Become the watcher of a worker, and hold the embedded database so that restarts are quick."""
    import hupper

    from bee_customers.db import embedded

    if hupper.is_active():
        hupper.get_reloader().watch_files([config or DEFAULT_CONFIG])
        return
    base, settings = load(config)
    if embedded.is_embedded(settings.database_url):
        os.environ["DATABASE_URL"] = embedded.start(settings.database_url, base)
    with contextlib.suppress(KeyboardInterrupt):
        hupper.start_reloader("bee_customers.cli.main", shutdown_interval=10)
