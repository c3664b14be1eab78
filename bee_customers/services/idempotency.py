"""Replies stored under an Idempotency-Key, in the transaction that made them true."""

import dataclasses
import datetime
import hashlib
import uuid

import orjson
from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from bee_customers.db.transaction import Transaction
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


_KEYS = tuple(field.name for field in dataclasses.fields(KeyScope))
_REPLY = ("request_hash", "status", "headers", "body", "customer_id", "created_at")
_COLUMNS = (*_KEYS, *_REPLY)
_TABLE = IdempotencyKey.__table__
_CLAIM = select(func.pg_try_advisory_xact_lock(bindparam("lock", type_=BigInteger())))
_FIND = select(*(_TABLE.c[name] for name in _REPLY[:4])).where(
    *(_TABLE.c[name] == bindparam(name) for name in _KEYS), _TABLE.c.created_at >= bindparam("since")
)
_INSERT = insert(IdempotencyKey)
_STORE = _INSERT.on_conflict_do_update(
    index_elements=_KEYS, set_={name: _INSERT.excluded[name] for name in _REPLY}
)


class IdempotencyService:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def begin(self, scope: KeyScope, request_hash: str, now: datetime.datetime) -> StoredReply | None:
        """Claim the key until the end of the transaction; returns the reply where there is one.

        Raises IdempotencyKeyInFlight and IdempotencyKeyReused.
        """
        if not self._transaction.run(_CLAIM, {"lock": _lock_number(scope)}).rows[0][0]:
            raise IdempotencyKeyInFlight("a request with this key is being worked on")
        rows = self._transaction.run(_FIND, {**dataclasses.asdict(scope), "since": now - KEPT_FOR}).rows
        if not rows:
            return None
        stored_hash, status, headers, body = rows[0]
        if stored_hash != request_hash:
            raise IdempotencyKeyReused("the key was used with another body")
        return StoredReply(status, headers, bytes(body))

    def store(
        self,
        scope: KeyScope,
        request_hash: str,
        reply: StoredReply,
        customer_id: uuid.UUID | None,
        now: datetime.datetime,
    ) -> None:
        """Keep the reply; an expired one under the same key gives way."""
        values = {
            **dataclasses.asdict(scope),
            "request_hash": request_hash,
            "status": reply.status,
            "headers": orjson.dumps(reply.headers).decode(),
            "body": reply.body,
            "customer_id": customer_id,
            "created_at": now,
        }
        self._transaction.run(_STORE, values, _COLUMNS)


def _lock_number(scope: KeyScope) -> int:
    digest = hashlib.sha256(repr(dataclasses.astuple(scope)).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
