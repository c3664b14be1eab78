"""bee-customers serve"""

import contextlib
import os

import click

from bee_customers import __version__
from bee_customers.cli.environment import DEFAULT_CONFIG, ini_of, load, one_line_errors
from bee_customers.settings import Settings
from bee_customers.signals import exit_when_asked

_TOKEN_SECONDS = 12 * 3600


@click.command()
@click.option("--reload", "is_reloading", is_flag=True, help="Start again when a source file changes.")
@click.pass_obj
def serve(config: str | None, is_reloading: bool) -> None:
    """Run the service until Ctrl-C or SIGTERM.

    In development it migrates its database first; without DATABASE_URL it brings its own PostgreSQL.

    Example: bee-customers serve --reload
    """
    # from the first moment, so that a private PostgreSQL is stopped whenever the end comes
    exit_when_asked()
    with one_line_errors():
        if is_reloading:
            _watch(config)
        _serve(config)


def _serve(config: str | None) -> None:
    from bee_customers import server, wsgi

    base, ini = ini_of(config)
    _, settings = load(config)
    application = wsgi.main({"here": str(base)}, **ini)
    try:
        listening = server.listen(application, settings)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.ClickException(f"{settings.host}:{settings.port} cannot be used: {reason}") from None
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


def greeting(settings: Settings, port: int) -> str:
    """Where the service is and, in development, a console that is signed in and a line to paste."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{port}"
    token = _development_token(settings)
    lines = [
        f"BeeConnect Customers {__version__}",
        f"  API      {address}/v1/customers",
        f"  docs     {address}/docs",
        f"  console  {address}/console" + (f"#token={token}" if token else ""),
    ]
    if token:
        lines += ["", "Try it (the token is for development and lasts 12 hours):", ""]
        lines += [f"  curl -H 'Authorization: Bearer {token}' {address}/v1/customers", ""]
    return "\n".join(lines)


def _development_token(settings: Settings) -> str | None:
    from bee_customers.security import development

    if not development.can_mint(settings):
        return None
    return development.mint(
        settings,
        subject="00000000-0000-4000-8000-000000000001",
        roles=["admin", "internal_service"],
        businesses=[],
        lifetime=_TOKEN_SECONDS,
    )
