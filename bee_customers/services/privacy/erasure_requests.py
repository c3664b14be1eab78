"""Requests to be forgotten, from asking to done: what state they are in, and who may move them on."""

import datetime
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
import uuid_utils.compat
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.errors import RequestNotFound, RequestUnderWay, SubjectElsewhere
from bee_customers.services.access import Scope, array_of
from bee_customers.services.privacy import requests as stored
from bee_customers.services.privacy.requests import CANCELLED, ERASURE, SCHEDULED, PrivacyRequests, StoredRequest
from bee_customers.services.privacy.subjects import Subject, SubjectHashes

_COLUMNS = ", ".join(stored.COLUMNS)
_ASK = text(f"""
INSERT INTO privacy_request (id, kind, user_id, customer_id, subject_hash, status, requested_by, requested_at,
    due_at)
VALUES (:id, '{ERASURE}', :user_id, :customer_id, :subject_hash, '{SCHEDULED}', :requested_by, :now, :due_at)
ON CONFLICT DO NOTHING
""")
_HASTEN = text("""
UPDATE privacy_request SET due_at = :due_at WHERE id = :id AND due_at > :due_at AND completed_at IS NULL
""")
_CANCEL = text(f"""
UPDATE privacy_request SET status = '{CANCELLED}', completed_at = :now, cancelled_by = :cancelled_by
WHERE id = :id AND kind = '{ERASURE}' AND status = '{SCHEDULED}'
""")
# Whoever comes here holds the subject's lock, so one that runs has been left by somebody who is gone.
_CLAIM = text(f"""
UPDATE privacy_request SET status = 'running'
WHERE id = ANY(CAST(:ids AS uuid[])) AND kind = '{ERASURE}' AND completed_at IS NULL
RETURNING {_COLUMNS}
""")
_KEEP = text("""
UPDATE privacy_request SET details = CAST(told.details AS jsonb)
FROM unnest(CAST(:ids AS uuid[]), CAST(:details AS text[])) AS told (id, details)
WHERE privacy_request.id = told.id
""")
_FINISH = text("""
UPDATE privacy_request
SET status = 'done', completed_at = :now, user_id = NULL, customer_id = NULL, requested_by = NULL, details = '{}'
WHERE id = ANY(CAST(:ids AS uuid[]))
""")
_FAIL = text("""
UPDATE privacy_request
SET status = 'failed', details = details || jsonb_build_object('error', CAST(:reason AS text))
WHERE id = :id AND status = 'running'
""")
_IS_DUE = f"kind = '{ERASURE}' AND completed_at IS NULL AND due_at <= :now"
_COUNT_DUE = text(f"SELECT count(*) FROM privacy_request WHERE {_IS_DUE}")
_DUE = text(f"""
SELECT {_COLUMNS} FROM privacy_request
WHERE {_IS_DUE}
    AND (due_at, id) > (CAST(:after_time AS timestamptz), CAST(:after_id AS uuid))
ORDER BY due_at, id LIMIT :row_limit
""")
_BUSINESSES = text("""
SELECT DISTINCT business_id FROM customer
WHERE user_id = CAST(:user_id AS uuid) OR id = CAST(:customer_id AS uuid)
""")
_LIST = text(f"""
SELECT {_COLUMNS} FROM privacy_request
WHERE (CAST(:kind AS text) IS NULL OR kind = :kind) AND (CAST(:status AS text) IS NULL OR status = :status)
ORDER BY requested_at DESC, id DESC LIMIT :row_limit
""")
_RECEIPT = text("SELECT receipt FROM erasure WHERE id = :id")
_LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)


class ErasureRequests:
    """Works in the caller's transaction: it never commits."""

    def __init__(self, transaction: Transaction, hashes: SubjectHashes) -> None:
        self._transaction = transaction
        self._hashes = hashes
        self._requests = PrivacyRequests(transaction, hashes)

    def ask(
        self, subject: Subject, requested_by: str, now: datetime.datetime, grace: datetime.timedelta
    ) -> StoredRequest:
        """The request of this subject that is not done yet: a new one, or the one there is."""
        values = {
            "user_id": subject.user_id,
            "customer_id": subject.customer_id,
            "subject_hash": self._hashes.of(subject.identity),
            "requested_by": requested_by,
            "now": now,
            "due_at": now + grace,
        }
        while True:
            self._transaction.run(_ASK, {"id": uuid_utils.compat.uuid7(), **values})
            # none where the one that was in the way is done by now
            if request := self._requests.unfinished(ERASURE, subject):
                return request

    def get(self, scope: Scope, request_id: uuid.UUID) -> StoredRequest:
        """A request of any kind that the caller may know of: its own, or one of a customer it works for.

        Raises RequestNotFound. Who is erased is nobody's customer any more, and known to itself alone.
        """
        request = self._requests.get(request_id)
        if self._is_own(scope, request) or self._is_customer(scope, request, any):
            return request
        raise RequestNotFound("no such request")

    def receipt_of(self, request: StoredRequest) -> str | None:
        """The signed receipt of an erasure that is done."""
        rows = self._transaction.run(_RECEIPT, {"id": request.id}).rows
        return rows[0][0] if rows else None

    def hasten(self, request_id: uuid.UUID, now: datetime.datetime) -> None:
        """Let it be due now: whoever asks the operator waits no longer."""
        self._transaction.run(_HASTEN, {"id": request_id, "due_at": now})

    def cancel_within(self, scope: Scope, request_id: uuid.UUID, by: str, now: datetime.datetime) -> None:
        """Call off what the caller asked for itself, or what is about a customer of its businesses alone.

        Raises RequestNotFound, RequestUnderWay, and SubjectElsewhere where others have a say in it.
        """
        request = self.get(scope, request_id)
        if not self._is_own(scope, request) and not self._is_customer(scope, request, all):
            raise SubjectElsewhere("the user is a customer of other businesses too, which the token does not name")
        self.cancel(request_id, by, now)

    def cancel(self, request_id: uuid.UUID, by: str, now: datetime.datetime) -> None:
        """Call off what waits; harmless to repeat. Raises RequestNotFound and RequestUnderWay."""
        if self._transaction.run(_CANCEL, {"id": request_id, "now": now, "cancelled_by": by}).count:
            return
        request = self._requests.get(request_id)
        if request.status != CANCELLED:
            raise RequestUnderWay(
                f"the {request.kind} is {request.status}: only an erasure that waits is cancelled"
            )

    def claim(self, request_ids: Collection[uuid.UUID]) -> list[StoredRequest]:
        """Those that are still to be done, and run from now on; for whoever holds their subjects' locks."""
        rows = self._transaction.run(_CLAIM, {"ids": array_of(request_ids)}).rows
        return [stored.from_row(row) for row in rows]

    def keep(self, details: Mapping[uuid.UUID, Mapping[str, Any]]) -> None:
        """How far each is."""
        written = [orjson.dumps(dict(one)).decode() for one in details.values()]
        self._transaction.run(_KEEP, {"ids": list(details), "details": written})

    def finish(self, request_ids: Sequence[uuid.UUID], now: datetime.datetime) -> None:
        """They are done, and name nobody any more."""
        self._transaction.run(_FINISH, {"ids": array_of(request_ids), "now": now})

    def fail(self, request_id: uuid.UUID, reason: str) -> None:
        """It is to be tried again."""
        self._transaction.run(_FAIL, {"id": request_id, "reason": reason})

    def _is_own(self, scope: Scope, request: StoredRequest) -> bool:
        own = scope.own_user_id and self._hashes.of(Subject(user_id=scope.own_user_id).identity)
        return own == request.subject_hash

    def _is_customer(
        self, scope: Scope, request: StoredRequest, how_many: Callable[[Iterable[bool]], bool]
    ) -> bool:
        """Whether `any` or `all` of the subject's customers are of businesses that the caller works for."""
        if scope.businesses is None:
            return True
        named = {"user_id": request.user_id, "customer_id": request.customer_id}
        return how_many(scope.covers(business) for (business,) in self._transaction.run(_BUSINESSES, named).rows)


def due(database: Database, now: datetime.datetime, batch: int) -> Iterator[list[StoredRequest]]:
    """Those whose time has come, the longest due first, each once: what fails comes up again in the next run."""
    position = {"after_time": _LONG_AGO, "after_id": str(uuid.UUID(int=0))}
    while rows := database.read(_DUE, {"now": now, "row_limit": batch, **position}):
        found = [stored.from_row(row) for row in rows]
        position = {"after_time": found[-1].due_at, "after_id": str(found[-1].id)}
        yield found


def count_due(database: Database, now: datetime.datetime) -> int:
    return int(database.read(_COUNT_DUE, {"now": now})[0][0])


def newest(database: Database, kind: str | None, status: str | None, limit: int) -> list[StoredRequest]:
    """Requests of every subject, the newest first; of one kind and status where these are given."""
    rows = database.read(_LIST, {"kind": kind, "status": status, "row_limit": limit})
    return [stored.from_row(row) for row in rows]
