"""A customer's avatar: set, removed, and the files swept that no customer names."""

import datetime
import itertools
import uuid
from collections.abc import Iterator
from typing import BinaryIO

from sqlalchemy import Text, Uuid, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import CustomerNotFound
from bee_customers.events.outbox import Outbox
from bee_customers.models import Customer
from bee_customers.services import avatar_images
from bee_customers.services.access import Scope
from bee_customers.services.avatar_files import KEY_LENGTH, PREFIX, AvatarFiles
from bee_customers.services.avatar_images import AvatarImages
from bee_customers.services.customer_changes import Clock, LockedCustomer, lock, store, utc_now
from bee_customers.services.customer_documents import is_reachable
from bee_customers.storage.protocol import Storage, StoredFile

_BUSINESS = select(Customer.business_id).where(Customer.id == cast(bindparam("customer_id"), Uuid), is_reachable())
UNNAMED_FOR = datetime.timedelta(days=1)
_BATCH = 5000
# By its end: after a move to another storage the rows keep the old storage's addresses.
_KEY_IN_ROW = func.right(Customer.avatar_url, KEY_LENGTH)
_NAMED = select(_KEY_IN_ROW).where(any_(cast(bindparam("keys"), ARRAY(Text))) == _KEY_IN_ROW)


class AvatarService:
    """Works in the caller's transaction: it never commits."""

    def __init__(
        self, unit: UnitOfWork, outbox: Outbox, files: AvatarFiles, images: AvatarImages, clock: Clock = utc_now
    ) -> None:
        self._unit = unit
        self._outbox = outbox
        self._files = files
        self._images = images
        self._clock = clock

    def replace(
        self, scope: Scope, customer_id: uuid.UUID, image: BinaryIO, versions: frozenset[int] | None
    ) -> tuple[str, int]:
        """Give the customer this image; returns the avatar's address and the customer's new version.

        Raises CustomerNotFound, VersionMismatch, and what AvatarImages and the storage raise.
        """
        self._require(scope, customer_id)
        # all that takes time comes before the lock
        url = self._files.add(self._images.render(image), avatar_images.MEDIA_TYPE)
        customer = lock(self._unit.transaction, scope, customer_id, versions)
        return url, self._change(customer, url)

    def delete(self, scope: Scope, customer_id: uuid.UUID, versions: frozenset[int] | None) -> int:
        """Take the avatar away; without one nothing is written. Returns the customer's version.

        Raises CustomerNotFound and VersionMismatch.
        """
        customer = lock(self._unit.transaction, scope, customer_id, versions)
        return customer.version if customer.avatar_url is None else self._change(customer, None)

    def _require(self, scope: Scope, customer_id: uuid.UUID) -> None:
        """An image for nobody is not worth decoding; the lock decides all the same."""
        found = self._unit.transaction.run(_BUSINESS, {"customer_id": customer_id, **scope.parameters()}).rows
        if not found or not scope.covers(found[0][0]):
            raise CustomerNotFound("no such customer")

    def _change(self, customer: LockedCustomer, url: str | None) -> int:
        self._files.remove(customer.avatar_url)
        customer.avatar_url = url
        store(self._outbox, customer, self._clock(), {"avatar_url": url})
        return customer.version


def sweep(database: Database, storage: Storage, before: datetime.datetime) -> Iterator[int]:
    """Remove the files that no customer names, as a crash leaves them; tells of each batch how many there were."""
    for keys in unnamed(database, storage, before):
        for key in keys:
            storage.delete(key)
        yield len(keys)


def unnamed(database: Database, storage: Storage, before: datetime.datetime) -> Iterator[set[str]]:
    """Keys of files older than `before` that no customer names, in batches.

    Leave UNNAMED_FOR at least: the transaction that names a younger file may still run.
    """
    old = (file for file in storage.list(PREFIX) if file.modified_at < before)
    for batch in _batches(old):
        keys = {file.key for file in batch}
        yield keys - _named(database, keys)


def _named(database: Database, keys: set[str]) -> set[str]:
    """Those of the keys that a customer names; asked of the writer, for a replica may be behind."""
    rows = transact(database, lambda unit: unit.transaction.run(_NAMED, {"keys": sorted(keys)}).rows)
    return {key for (key,) in rows}


def _batches(files: Iterator[StoredFile]) -> Iterator[list[StoredFile]]:
    """Large ones: each costs a look at every customer's row."""
    while batch := list(itertools.islice(files, _BATCH)):
        yield batch
