"""Pyramid's view of a caller: the bearer token, once a request; deny by default."""

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.request import Request
from pyramid.security import Allowed, Denied

from bee_customers.api import limiting
from bee_customers.errors import InvalidToken
from bee_customers.security.identity import Identity
from bee_customers.security.permissions import Permission
from bee_customers.security.tokens import TokenVerifier
from bee_customers.services.access import Scope

_UNKNOWN = object()


class BearerPolicy:
    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    def identity(self, request: Request) -> Identity | None:
        """The caller, None for nobody; why a token was refused stands in the WSGI environment.

        Raises ProblemError, once a request, for an address that has failed too often.
        """
        known = request.environ.get("bee.identity", _UNKNOWN)
        if known is _UNKNOWN:
            request.environ["bee.identity"] = None
            limiting.check_address(request)
            known = request.environ["bee.identity"] = self._identify(request)
        return known  # type: ignore[no-any-return]

    def _identify(self, request: Request) -> Identity | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return self._verifier.verify(token.strip())
        except InvalidToken as error:
            request.environ["bee.invalid_token"] = str(error)
            return None

    def authenticated_userid(self, request: Request) -> str | None:
        identity = self.identity(request)
        return identity.subject if identity else None

    def permits(self, request: Request, context: object, permission: Permission) -> Allowed | Denied:
        identity = self.identity(request)
        if identity is not None and permission in identity.permissions:
            request.environ["bee.permission"] = permission
            return Allowed("granted by a role")
        if identity is None:
            limiting.charge_failure(request)
        return Denied("no role grants it")

    def remember(self, request: Request, userid: str, **options: Any) -> list[tuple[str, str]]:
        return []

    def forget(self, request: Request, **options: Any) -> list[tuple[str, str]]:
        return []


def scope_of(request: Request) -> Scope:
    """Whose customers this caller may reach, by the permission it was let in with."""
    identity: Identity = request.identity
    permission: Permission = request.environ["bee.permission"]
    return Scope(identity.staff_businesses(permission), identity.own_user_id(permission))


def _require_permission(view: Callable[..., Any], info: Any) -> Callable[..., Any]:
    """A view that forgets to say who may call it stops the start, not an attacker."""
    if info.options.get("permission") is None and not info.exception_only:
        raise ConfigurationError(f"the view {info.original_view!r} declares no permission")
    return view


def includeme(config: Configurator) -> None:
    config.set_security_policy(BearerPolicy(config.registry["tokens"]))
    config.add_view_deriver(_require_permission, name="require_permission", under="secured_view")
