"""What is sent and shown about requests of privacy."""

from typing import Any

import colander

from bee_customers.api.schemas.customers import TIME_FORM, UUID_FORM, nullable, optional, text
from bee_customers.api.schemas.types import MISSING, Ruled, StrictSchema
from bee_customers.services.privacy.requests import REQUEST_KINDS, REQUEST_STATUSES

_SIGNATURE_MOST = 200


class OwnUser(StrictSchema):
    """Who asks about itself: it must be the token's own subject."""

    user_id = colander.SchemaNode(Ruled(UUID_FORM), missing_msg=MISSING)


class Link(StrictSchema):
    signature = optional(text(_SIGNATURE_MOST), "", "Out of the `zip_url` of an export.")


EXPORT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["zip_url", "expires_at", "sha256", "size"],
    "properties": {
        "zip_url": {"type": "string"},
        "expires_at": TIME_FORM,
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "size": {"type": "integer", "minimum": 1},
    },
}

REQUEST: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "kind", "status", "requested_at", "due_at", "completed_at", "cancelled_by", "receipt"],
    "properties": {
        "id": UUID_FORM,
        "kind": {"type": "string", "enum": list(REQUEST_KINDS)},
        "status": {"type": "string", "enum": list(REQUEST_STATUSES)},
        "requested_at": TIME_FORM,
        "due_at": TIME_FORM,
        "completed_at": nullable(TIME_FORM),
        "cancelled_by": nullable({"type": "string", "enum": ["user", "staff"]}),
        # as text, for it holds byte for byte alone
        "receipt": nullable({"type": "string"}),
    },
}
