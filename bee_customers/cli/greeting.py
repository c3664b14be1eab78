"""What `serve` says when it listens."""

from bee_customers import __version__
from bee_customers.settings import Settings

_TOKEN_SECONDS = 12 * 3600


def greeting(settings: Settings, port: int) -> str:
    """Where the service is and, in development, a console that is signed in and a line to paste."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{port}"
    token = _development_token(settings)
    lines = [
        f"BeeConnect Customers {__version__}",
        f"  API      {address}/v1/customers",
        *([f"  docs     {address}/docs"] if settings.docs else []),
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
