"""Whose customers a caller may reach; every query about customers is narrowed by it."""

import dataclasses
import uuid
from collections.abc import Iterable


@dataclasses.dataclass(frozen=True)
class Scope:
    """`businesses` None means every business, an empty set none; `own_user_id` adds the caller itself."""

    businesses: frozenset[uuid.UUID] | None = frozenset()
    own_user_id: uuid.UUID | None = None

    def covers(self, business_id: uuid.UUID) -> bool:
        """Whether the caller works for this business, and so may see what is internal to it."""
        return self.businesses is None or business_id in self.businesses

    def parameters(self) -> dict[str, object]:
        """For statements that hold the `is_reachable` condition."""
        return {
            "is_everywhere": self.businesses is None,
            "scope_businesses": array_of(self.businesses or ()),
            "scope_user_id": str(self.own_user_id) if self.own_user_id else None,
        }


def array_of(identifiers: Iterable[uuid.UUID | str]) -> str:
    """PostgreSQL's own writing of an array, which becomes uuid[] wherever one is expected."""
    return "{" + ",".join(map(str, identifiers)) + "}"
