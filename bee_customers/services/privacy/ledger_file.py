"""The ledger of erasures as lines of JSON, to be kept where no backup of the database can overwrite it."""

import dataclasses
import datetime
import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.errors import InvalidLedger, LedgerWouldShrink
from bee_customers.services.privacy.erasure_ledger import Entry
from bee_customers.services.privacy.subjects import SubjectHashes

FORMAT = 1
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MARK_LENGTH = 16
_ALL = text("""
SELECT id, subject_hash, started_at, completed_at, receipt,
    ARRAY(SELECT digest FROM erased_identity WHERE erasure_id = erasure.id ORDER BY digest)
FROM erasure ORDER BY started_at, id
""")
_FIELDS = ("id", "subject_hash", "started_at", "completed_at", "receipt", "identities")


def lines(database: Database, hashes: SubjectHashes, replaced: Iterable[bytes] = ()) -> Iterator[str]:
    """The whole ledger, a line for each erasure.

    `replaced` is the one that it is to take the place of: raises LedgerWouldShrink at the end where that tells of
    erasures that the database does not know, as after a restore.
    """
    missing = {entry.id for entry in read(replaced, hashes)}
    with database.snapshot() as snapshot:
        for row in snapshot.rows(_ALL):
            entry = Entry(**dict(zip(_FIELDS, row, strict=True)))
            missing.discard(entry.id)
            yield _line(entry, key_mark(hashes))
    if missing:
        raise LedgerWouldShrink(
            f"the file tells of {len(missing):,} erasures that this database does not know, as after a restore: it"
            " was left as it was; `gdpr replay` comes first"
        )


def read(written: Iterable[bytes], hashes: SubjectHashes) -> Iterator[Entry]:
    """The entries of a ledger; raises InvalidLedger, which names the line."""
    for number, line in enumerate(written, 1):
        if line.strip():
            yield _entry(_parsed(line, number), number, key_mark(hashes))


def key_mark(hashes: SubjectHashes) -> str:
    """Tells ledgers of different keys apart: under another SUBJECT_KEY nobody would ever be known again."""
    return hashes.of("ledger")[:_MARK_LENGTH]


def _line(entry: Entry, mark: str) -> str:
    told = {"ledger": FORMAT, "key": mark, **dataclasses.asdict(entry)}
    return orjson.dumps(told, option=orjson.OPT_UTC_Z).decode()


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise InvalidLedger(f"line {number} is not JSON") from None
    if not isinstance(told, dict) or told.get("ledger") != FORMAT:
        raise InvalidLedger(f"line {number} is no line of a ledger of erasures")
    return told


def _entry(told: dict[str, Any], number: int, mark: str) -> Entry:
    if told.get("key") != mark:
        raise InvalidLedger(
            f"line {number} was written under another SUBJECT_KEY: nobody can be known again by it"
        )
    try:
        return Entry(
            id=uuid.UUID(told["id"]),
            subject_hash=_digest(told["subject_hash"]),
            started_at=datetime.datetime.fromisoformat(told["started_at"]),
            completed_at=told["completed_at"] and datetime.datetime.fromisoformat(told["completed_at"]),
            receipt=told["receipt"],
            identities=tuple(map(_digest, told["identities"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InvalidLedger(f"line {number} lacks something, or holds what does not belong there") from None


def _digest(value: str) -> str:
    if not _DIGEST.fullmatch(value):
        raise ValueError("not a digest")
    return value
