"""Requests of privacy as they are stored, and the lock that lets one subject's requests take turns."""

import dataclasses
import datetime
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
import uuid_utils.compat
from sqlalchemy import BigInteger, bindparam, func, insert, select, update

from bee_customers.db.locks import number_of
from bee_customers.db.transaction import Transaction
from bee_customers.errors import RequestNotFound, SubjectBusy
from bee_customers.models import REQUEST_KINDS as REQUEST_KINDS
from bee_customers.models import REQUEST_STATUSES as REQUEST_STATUSES
from bee_customers.models import PrivacyRequest
from bee_customers.services.privacy.subjects import Subject, SubjectHashes

EXPORT, ERASURE = "export", "erasure"
SCHEDULED, RUNNING, DONE, FAILED, CANCELLED, EXPIRED = (
    "scheduled",
    "running",
    "done",
    "failed",
    "cancelled",
    "expired",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class StoredRequest:
    """`completed_at` empty: it is still to be done. An erasure that is done names nobody any more."""

    id: uuid.UUID
    kind: str
    user_id: uuid.UUID | None
    customer_id: uuid.UUID | None
    subject_hash: str
    status: str
    requested_by: str | None
    requested_at: datetime.datetime
    due_at: datetime.datetime
    completed_at: datetime.datetime | None = None
    expires_at: datetime.datetime | None = None
    cancelled_by: str | None = None
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        """Raises ValueError where it names nobody any more."""
        return Subject(user_id=self.user_id, customer_id=self.customer_id)

    @property
    def is_cancelled_by_user(self) -> bool:
        """By the user it is about, and by nobody of the staff."""
        return self.user_id is not None and self.cancelled_by == str(self.user_id)


COLUMNS = tuple(field.name for field in dataclasses.fields(StoredRequest))
_TABLE = PrivacyRequest.__table__
SELECT = select(*(_TABLE.c[name] for name in COLUMNS))
_HOLD = select(func.pg_try_advisory_xact_lock(bindparam("lock", type_=BigInteger())))
_OF_SUBJECT = SELECT.where(
    PrivacyRequest.subject_hash == bindparam("subject_hash"), PrivacyRequest.kind == bindparam("kind")
)
_UNFINISHED = _OF_SUBJECT.where(PrivacyRequest.completed_at.is_(None))
_NEWEST = _OF_SUBJECT.order_by(PrivacyRequest.requested_at.desc(), PrivacyRequest.id.desc()).limit(1)
_NEWEST_FILE = (
    _OF_SUBJECT.where(PrivacyRequest.expires_at > bindparam("now"))
    .order_by(PrivacyRequest.expires_at.desc())
    .limit(1)
)
_GET = SELECT.where(PrivacyRequest.id == bindparam("request_id"))
_INSERT = insert(_TABLE)  # type: ignore[arg-type]
_UPDATE = update(_TABLE).where(PrivacyRequest.id == bindparam("request_id"))  # type: ignore[arg-type]


class PrivacyRequests:
    """Works in the caller's transaction: it never commits."""

    def __init__(self, transaction: Transaction, hashes: SubjectHashes) -> None:
        self._transaction = transaction
        self._hashes = hashes

    def hold(self, subject: Subject) -> None:
        """Keep every other request of this subject out until the end of the transaction; raises SubjectBusy."""
        lock = number_of(turn_of(self.hash_of(subject)))
        if not self._transaction.run(_HOLD, {"lock": lock}).rows[0][0]:
            raise SubjectBusy("an export or erasure of this subject is being worked on")

    def add(self, kind: str, subject: Subject, **values: Any) -> StoredRequest:
        """Store a new request; raises the driver's UniqueViolation when one of its kind is unfinished."""
        request = StoredRequest(
            id=values.pop("id", None) or uuid_utils.compat.uuid7(),
            kind=kind,
            user_id=subject.user_id,
            customer_id=subject.customer_id,
            subject_hash=self.hash_of(subject),
            **values,
        )
        self._transaction.run(_INSERT, _written(dataclasses.asdict(request)), COLUMNS)
        return request

    def unfinished(self, kind: str, subject: Subject) -> StoredRequest | None:
        return self._first(_UNFINISHED, kind, subject)

    def newest(self, kind: str, subject: Subject) -> StoredRequest | None:
        return self._first(_NEWEST, kind, subject)

    def newest_file(self, subject: Subject, now: datetime.datetime) -> StoredRequest | None:
        """The export whose file may be fetched the longest."""
        return self._first(_NEWEST_FILE, EXPORT, subject, now=now)

    def get(self, request_id: uuid.UUID) -> StoredRequest:
        """Raises RequestNotFound."""
        rows = self._transaction.run(_GET, {"request_id": request_id}).rows
        if not rows:
            raise RequestNotFound("no such request")
        return from_row(rows[0])

    def change(self, request_id: uuid.UUID, **values: Any) -> None:
        self._transaction.run(_UPDATE, {"request_id": request_id, **_written(values)}, tuple(values))

    def hash_of(self, subject: Subject) -> str:
        return self._hashes.of(subject.identity)

    def _first(self, statement: Any, kind: str, subject: Subject, **also: object) -> StoredRequest | None:
        parameters = {"subject_hash": self.hash_of(subject), "kind": kind, **also}
        rows = self._transaction.run(statement, parameters).rows
        return from_row(rows[0]) if rows else None


def turn_of(subject_hash: str) -> str:
    """The name of the lock by which one subject's requests take turns."""
    return f"privacy {subject_hash}"


def from_row(row: tuple[Any, ...]) -> StoredRequest:
    return StoredRequest(**dict(zip(COLUMNS, row, strict=True)))


def _written(values: dict[str, Any]) -> dict[str, Any]:
    """The driver knows no dictionaries."""
    if "details" not in values:
        return values
    return {**values, "details": orjson.dumps(values["details"]).decode()}
