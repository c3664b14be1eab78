"""The ledger of erasures: written before anything is destroyed, kept for ever, asked by who takes data back in."""

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence

import orjson
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import RequestNotFound
from bee_customers.services.access import array_of

_ADD = text("""
INSERT INTO erasure (id, subject_hash, started_at, completed_at, receipt)
SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:subject_hash AS text[]), CAST(:started_at AS timestamptz[]),
    CAST(:completed_at AS timestamptz[]), CAST(:receipt AS text[]))
ON CONFLICT (id) DO NOTHING
""")
_ADD_IDENTITIES = text("""
INSERT INTO erased_identity (erasure_id, digest)
SELECT * FROM unnest(CAST(:erasures AS uuid[]), CAST(:digests AS text[]))
ON CONFLICT DO NOTHING
""")
_STARTED = text("SELECT id, started_at FROM erasure WHERE id = ANY(CAST(:ids AS uuid[]))")
_COMPLETE = text("""
UPDATE erasure SET completed_at = :completed_at, counts = CAST(told.counts AS jsonb), receipt = told.receipt
FROM unnest(CAST(:ids AS uuid[]), CAST(:counts AS text[]), CAST(:receipts AS text[])) AS told (id, counts, receipt)
WHERE erasure.id = told.id
""")
_RECEIPT = text("SELECT receipt FROM erasure WHERE id = CAST(:id AS uuid) AND receipt IS NOT NULL")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """One erasure. `identities` are the digests of all that its subject would be known by."""

    id: uuid.UUID
    subject_hash: str
    started_at: datetime.datetime
    completed_at: datetime.datetime | None = None
    receipt: str | None = None
    identities: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class Completion:
    counts: Mapping[str, int]
    receipt: str


_COLUMNS = ("id", "subject_hash", "started_at", "completed_at", "receipt")


def add(transaction: Transaction, entries: Sequence[Entry]) -> None:
    """Those that are there already stay as they are, and gain identities."""
    transaction.run(_ADD, {name: [getattr(entry, name) for entry in entries] for name in _COLUMNS})
    add_identities(transaction, {entry.id: entry.identities for entry in entries})


def add_identities(transaction: Transaction, digests: Mapping[uuid.UUID, Sequence[str]]) -> None:
    """By the id of their erasure."""
    pairs = [(erasure_id, digest) for erasure_id, known in digests.items() for digest in known]
    if pairs:
        erasures, known = zip(*pairs, strict=True)
        transaction.run(_ADD_IDENTITIES, {"erasures": list(erasures), "digests": list(known)})


def started(transaction: Transaction, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, datetime.datetime]:
    """When erasures began, which is when they were first tried."""
    rows = transaction.run(_STARTED, {"ids": array_of(ids)}).rows
    return dict(rows)


def complete(transaction: Transaction, done: Mapping[uuid.UUID, Completion], at: datetime.datetime) -> None:
    values = {
        "ids": list(done),
        "counts": [orjson.dumps(dict(one.counts)).decode() for one in done.values()],
        "receipts": [one.receipt for one in done.values()],
        "completed_at": at,
    }
    transaction.run(_COMPLETE, values)


def receipt_of(database: Database, request_id: uuid.UUID) -> str:
    """The receipt of an erasure, byte for byte as it was signed; raises RequestNotFound where there is none.

    From the primary: a standby may not have it yet.
    """
    rows = transact(database, lambda unit: unit.transaction.run(_RECEIPT, {"id": str(request_id)}).rows)
    if not rows:
        raise RequestNotFound("no such erasure, or none that is done")
    receipt: str = rows[0][0]
    return receipt
