"""Replies stored under an Idempotency-Key, in the transaction that made them true."""

import dataclasses
import datetime
import hashlib
import uuid

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bee_customers.errors import IdempotencyKeyInFlight, IdempotencyKeyReused
from bee_customers.models import IdempotencyKey

KEPT_FOR = datetime.timedelta(hours=24)


@dataclasses.dataclass(frozen=True)
class KeyScope:
    """Whose key it is, and for what: the same key elsewhere is another key."""

    subject: str
    method: str
    route: str
    key: str


@dataclasses.dataclass(frozen=True)
class StoredReply:
    status: int
    headers: dict[str, str]
    body: bytes


class IdempotencyService:
    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, scope: KeyScope, request_hash: str, now: datetime.datetime) -> StoredReply | None:
        """Claim the key until the end of the transaction; returns the reply where there is one.

        Raises IdempotencyKeyInFlight and IdempotencyKeyReused.
        """
        if not self._session.scalar(select(func.pg_try_advisory_xact_lock(_lock_number(scope)))):
            raise IdempotencyKeyInFlight("a request with this key is being worked on")
        stored = self._session.get(IdempotencyKey, (scope.subject, scope.method, scope.route, scope.key))
        if stored is None or stored.created_at < now - KEPT_FOR:
            return None
        if stored.request_hash != request_hash:
            raise IdempotencyKeyReused("the key was used with another body")
        return StoredReply(stored.status, stored.headers, stored.body)

    def store(
        self,
        scope: KeyScope,
        request_hash: str,
        reply: StoredReply,
        customer_id: uuid.UUID | None,
        now: datetime.datetime,
    ) -> None:
        """Keep the reply; an expired one under the same key gives way."""
        values = dataclasses.asdict(scope) | dataclasses.asdict(reply)
        values |= {"request_hash": request_hash, "customer_id": customer_id, "created_at": now}
        statement = insert(IdempotencyKey).values(values)
        keys = list(dataclasses.asdict(scope))
        fresh = {name: statement.excluded[name] for name in values if name not in keys}
        self._session.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh))


def _lock_number(scope: KeyScope) -> int:
    digest = hashlib.sha256(repr(dataclasses.astuple(scope)).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
