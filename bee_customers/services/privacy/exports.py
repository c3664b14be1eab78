"""Exports: a subject gets all that is kept about it, as one ZIP."""

import contextlib
import dataclasses
import datetime
import hashlib
import os
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO

import uuid_utils.compat
from sqlalchemy import func, select

from bee_customers import __version__
from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork
from bee_customers.errors import (
    CustomerNotFound,
    StorageUnavailable,
    SubjectBusy,
    SubjectNotKnown,
    TransactionConflict,
)
from bee_customers.events import outbox
from bee_customers.events.outbox import Outbox
from bee_customers.services.access import Scope
from bee_customers.services.customer_changes import Clock, lock, utc_now
from bee_customers.services.privacy import export_files, export_page, export_tables, footprints
from bee_customers.services.privacy.archive import Archive
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.services.privacy.requests import (
    DONE,
    ERASURE,
    EXPORT,
    SCHEDULED,
    PrivacyRequests,
)
from bee_customers.services.privacy.stores import Store
from bee_customers.services.privacy.subjects import Subject, SubjectHashes, customers_of
from bee_customers.storage.protocol import Storage

# A large export is written while this transaction waits for it.
_PATIENCE = select(func.set_config("idle_in_transaction_session_timeout", "900s", True))
_PIECE_BYTES = 1 << 20
_EVERYWHERE = Scope(businesses=None)


@dataclasses.dataclass(frozen=True)
class Export:
    """A ZIP that was written: by whose request, and what tells it from any other file."""

    request_id: uuid.UUID
    sha256: str
    size: int


class ExportService:
    """Works in the caller's transaction: it never commits.

    One subject's exports and erasures take turns; both methods raise SubjectBusy for whoever comes second,
    SubjectNotKnown where nothing is kept, SubjectHasUser for a customer of a user, StorageUnavailable.
    """

    def __init__(
        self,
        unit: UnitOfWork,
        events: Outbox,
        hashes: SubjectHashes,
        stores: Sequence[Store],
        clock: Clock = utc_now,
    ) -> None:
        self._unit = unit
        self._outbox = events
        self._hashes = hashes
        self._stores = stores
        self._clock = clock
        self._requests = PrivacyRequests(unit.transaction, hashes)

    def ask(
        self, subject: Subject, requested_by: str, storage: Storage, kept_for: datetime.timedelta
    ) -> tuple[Export, datetime.datetime]:
        """Write an export into the storage, or give the one that can still be fetched; and until when it can."""
        self._take_turn(subject)
        valid = self._valid(subject, storage)
        if valid:
            return valid
        footprint = self._known(subject)
        key = export_files.new_key(footprint.subject_hash)
        with _temporary() as file:
            export = self._write(footprint, file)
            self._unit.after_rollback(lambda: storage.delete(key))
            storage.put_file(key, file, export_files.MEDIA_TYPE)
        expires_at = (self._clock() + kept_for).replace(microsecond=0)
        self._record(subject, footprint, export, requested_by, expires_at=expires_at, key=key)
        return export, expires_at

    def write(self, subject: Subject, requested_by: str, file: BinaryIO) -> Export:
        """Write an export into an open file, which is then the caller's to keep safe."""
        self._take_turn(subject)
        footprint = self._known(subject)
        export = self._write(footprint, file)
        self._record(subject, footprint, export, requested_by)
        return export

    def _take_turn(self, subject: Subject) -> None:
        self._requests.hold(subject)
        self._unit.transaction.run(_PATIENCE)
        erasure = self._requests.unfinished(ERASURE, subject)
        if erasure and erasure.status != SCHEDULED:
            raise SubjectBusy("an erasure of this subject has begun")

    def _valid(self, subject: Subject, storage: Storage) -> tuple[Export, datetime.datetime] | None:
        newest = self._requests.newest_file(subject, self._clock())
        if newest is None or newest.expires_at is None or not storage.exists(newest.details["key"]):
            return None
        return Export(newest.id, newest.details["sha256"], newest.details["size"]), newest.expires_at

    def _known(self, subject: Subject) -> Footprint:
        if not customers_of(self._unit.transaction, subject):
            raise SubjectNotKnown("nothing is kept about this subject")
        return footprints.gather(self._unit.transaction, subject, self._hashes)

    def _write(self, footprint: Footprint, file: BinaryIO) -> Export:
        write_archive(self._unit.database, self._stores, footprint, file, self._clock())
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        digest = hashlib.sha256()
        for piece in iter(partial(file.read, _PIECE_BYTES), b""):
            digest.update(piece)
        file.seek(0)
        return Export(uuid_utils.compat.uuid7(), digest.hexdigest(), size)

    def _record(
        self,
        subject: Subject,
        footprint: Footprint,
        export: Export,
        requested_by: str,
        *,
        expires_at: datetime.datetime | None = None,
        **details: object,
    ) -> None:
        now = self._clock()
        self._requests.add(
            EXPORT,
            subject,
            id=export.request_id,
            status=DONE,
            requested_by=requested_by,
            requested_at=now,
            due_at=now,
            completed_at=now,
            expires_at=expires_at,
            details={"sha256": export.sha256, "size": export.size, **details},
        )
        self._announce(footprint, export.request_id, now)

    def _announce(self, footprint: Footprint, request_id: uuid.UUID, now: datetime.datetime) -> None:
        """For each customer, under its lock, which gives a customer's events their order."""
        for customer_id in footprint.customer_ids:
            try:
                customer = lock(self._unit.transaction, _EVERYWHERE, customer_id)
            except CustomerNotFound:
                raise TransactionConflict("a customer was deleted while it was exported") from None
            self._outbox.add(
                outbox.EXPORT_REQUESTED,
                customer_id=customer.id,
                business_id=customer.business_id,
                customer_version=customer.version,
                occurred_at=now,
                details={"request_id": str(request_id)},
            )


def write_archive(
    database: Database, stores: Sequence[Store], footprint: Footprint, file: BinaryIO, now: datetime.datetime
) -> None:
    """The ZIP itself: everything as it is at one moment."""
    kept: dict[str, bytes] = {}
    with Archive(file, now) as archive:
        for name, stored in _stored(stores, footprint):
            kept[name] = stored
            archive.add(name, [stored])
        with database.snapshot() as snapshot:
            archive.add(export_page.NAME, export_page.pieces(snapshot, footprint, kept, now))
            for name, pieces in export_tables.files(snapshot, footprint):
                archive.add(name, pieces)
        archive.finish({"service": f"bee-customers {__version__}", "made_at": now})


def _stored(stores: Sequence[Store], footprint: Footprint) -> Iterator[tuple[str, bytes]]:
    """The subject's files, which are small pictures."""
    for store in stores:
        for name, file in store.export(footprint):
            with contextlib.closing(file):
                yield name, b"".join(file)


@contextlib.contextmanager
def _temporary() -> Iterator[BinaryIO]:
    """A file without a name: whoever is killed leaves nothing behind."""
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115
    except OSError as error:
        raise StorageUnavailable(f"the disk for temporary files refuses: {error.strerror}") from error
    with file:
        yield file
