"""What the person behind a customer asked for by a right of privacy, for the staff who work with that customer."""

import uuid
from typing import Any

from sqlalchemy import Text, any_, bindparam, case, cast, select
from sqlalchemy.dialects.postgresql import ARRAY

from bee_customers.db.engine import Database
from bee_customers.models import PrivacyRequest
from bee_customers.services import customer_documents
from bee_customers.services.access import Scope, array_of
from bee_customers.services.privacy.subjects import SubjectHashes, customer_identity, user_identity

_MOST = 50
_COLUMNS = (
    cast(PrivacyRequest.id, Text).label("id"),
    PrivacyRequest.kind.expression,
    PrivacyRequest.status.expression,
    PrivacyRequest.requested_at.expression,
    PrivacyRequest.due_at.expression,
    PrivacyRequest.completed_at.expression,
    case(
        (PrivacyRequest.cancelled_by.is_(None), None),
        (PrivacyRequest.cancelled_by == cast(PrivacyRequest.user_id, Text), "user"),
        else_="staff",
    ).label("cancelled_by"),
)
_FIELDS = tuple(column.name for column in _COLUMNS)
_NEWEST = (
    select(*_COLUMNS)
    .where(PrivacyRequest.subject_hash == any_(cast(bindparam("hashes"), ARRAY(Text))))
    .order_by(PrivacyRequest.requested_at.desc(), PrivacyRequest.id.desc())
    .limit(_MOST)
)


def list_requests(
    database: Database, scope: Scope, hashes: SubjectHashes, customer_id: uuid.UUID
) -> list[dict[str, Any]]:
    """The newest requests of any kind, newest first; raises CustomerNotFound.

    Those of the user, whichever business it was asked in, and those of the customer from before it had a user.
    """
    document = customer_documents.get(database, scope, customer_id)
    identities = [customer_identity(document["id"])]
    if document["user_id"]:
        identities.append(user_identity(document["user_id"]))
    rows = database.read(_NEWEST, {"hashes": array_of(map(hashes.of, identities))})
    return [dict(zip(_FIELDS, row, strict=True)) for row in rows]
