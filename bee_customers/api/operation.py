"""Declares what a view does, once: Cornice routes by it and the OpenAPI document is written from it."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from cornice.resource import view
from pyramid.security import NO_PERMISSION_REQUIRED

from bee_customers.api import body as bodies
from bee_customers.api.idempotency import idempotent as make_idempotent
from bee_customers.api.limiting import Limited
from bee_customers.api.reading import Acceptable, JsonBody, NoQuery, PatchBody, Query
from bee_customers.api.uploads import FileBody
from bee_customers.security.permissions import Permission

UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
CUSTOMERS = "/v1/customers"
# for what a signature in the address opens, and no token
PUBLIC = NO_PERMISSION_REQUIRED
CUSTOMER = f"{CUSTOMERS}/{{customer_id:{UUID_PATTERN}}}"

View = TypeVar("View", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True)
class Operation:
    """What the document says of a view. `replies`: status to the schema of its body, None for an empty one.

    `media_type` is that of good replies with a body. `limited` is None for what needs no token.
    """

    summary: str
    permission: Permission | str
    replies: Mapping[int, dict[str, Any] | None]
    problems: tuple[int, ...]
    media_type: str
    limited: Limited | None
    query: Query | NoQuery
    body: JsonBody | PatchBody | FileBody | None
    is_idempotent: bool
    is_conditional: bool


def operation(
    summary: str,
    *,
    permission: Permission | str,
    replies: Mapping[int, dict[str, Any] | None],
    problems: tuple[int, ...] = (),
    query: Query | NoQuery | None = None,
    body: JsonBody | PatchBody | FileBody | None = None,
    is_idempotent: bool = False,
    is_conditional: bool = False,
    is_patch_of_customer: bool = False,
    media_type: str = bodies.JSON,
) -> Callable[[View], View]:
    """Make a method a Cornice view with its permission, its readers and its place in the document."""
    described = Operation(
        summary,
        permission,
        replies,
        problems,
        media_type,
        None if permission == PUBLIC else Limited(is_patch_of_customer=is_patch_of_customer),
        query or NoQuery(),
        body,
        is_idempotent,
        is_conditional,
    )
    readers = (described.limited, Acceptable(media_type), described.query, described.body)
    validators = [reader for reader in readers if reader is not None]

    def decorate(method: View) -> View:
        wrapped = make_idempotent(method) if is_idempotent else method
        declared: View = view(permission=permission, validators=validators)(wrapped)
        declared.__operation__ = described  # type: ignore[attr-defined]
        return declared

    return decorate
