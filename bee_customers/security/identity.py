"""Who a verified token speaks for."""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from bee_customers.errors import InvalidToken
from bee_customers.security.permissions import GRANTS, Permission, Role

_STAFF = frozenset({Role.ADMIN, Role.INTERNAL_SERVICE})
_ROLES = {role.value: role for role in Role}
_SUBJECT_MOST = 255


@dataclasses.dataclass(frozen=True)
class Identity:
    """`businesses` None: the token names none, so staff may reach them all."""

    subject: str
    roles: frozenset[Role]
    businesses: frozenset[uuid.UUID] | None
    permissions: frozenset[Permission]
    expires_at: float

    def staff_businesses(self, permission: Permission) -> frozenset[uuid.UUID] | None:
        """The businesses in whose customers a staff role gives this permission: all (None), some, or none."""
        is_staff = any(permission in GRANTS[role] for role in self.roles & _STAFF)
        return self.businesses if is_staff else frozenset()

    def own_user_id(self, permission: Permission) -> uuid.UUID | None:
        """The user_id of the caller's own customer rows, where coming as a customer gives this permission."""
        if Role.CUSTOMER not in self.roles or permission not in GRANTS[Role.CUSTOMER]:
            return None
        try:
            return uuid.UUID(self.subject)
        except ValueError:
            return None


def from_claims(claims: Mapping[str, Any]) -> Identity:
    """Read checked claims; raises InvalidToken for claims of the wrong kind. Unknown roles give nothing."""
    subject = claims["sub"]
    if not subject or len(subject) > _SUBJECT_MOST or not subject.isprintable():
        raise InvalidToken("the subject is not usable")
    roles = frozenset(_roles(claims))
    permissions = frozenset().union(*(GRANTS[role] for role in roles))
    return Identity(_one_writing(subject), roles, _businesses(claims), permissions, float(claims["exp"]))


def _one_writing(subject: str) -> str:
    """A UUID in its usual form: what is stored of a user must be found again by it."""
    try:
        return str(uuid.UUID(subject))
    except ValueError:
        return subject


def _roles(claims: Mapping[str, Any]) -> list[Role]:
    named = _strings(claims, "role") + _strings(claims, "roles")
    return [_ROLES[name] for name in named if name in _ROLES]


def _businesses(claims: Mapping[str, Any]) -> frozenset[uuid.UUID] | None:
    if "business_id" not in claims:
        return None
    try:
        return frozenset(uuid.UUID(business) for business in _strings(claims, "business_id"))
    except ValueError:
        raise InvalidToken("business_id is not a UUID") from None


def _strings(claims: Mapping[str, Any], name: str) -> list[str]:
    value = claims.get(name, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise InvalidToken(f"{name} is not a string or a list of strings")
    return values
