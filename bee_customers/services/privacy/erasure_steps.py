"""Steps of an erasure. Each is committed by itself and can be repeated, so that one run ends what another left.

The ledger comes first, then rows with the event that tells of it, names in what others own, entries of the
fallback queue and files. Then all is looked through again, and only who is found nowhere gets a receipt.
"""

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import ErasureIncomplete
from bee_customers.events import under_way
from bee_customers.security.signatures import Signatures
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.customer_removal import RemovedCustomer
from bee_customers.services.privacy import erasure_ledger, erasure_rows, receipts, scan
from bee_customers.services.privacy.erasure_ledger import Completion, Entry
from bee_customers.services.privacy.erasure_requests import ErasureRequests
from bee_customers.services.privacy.erasure_rows import Erasing
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.services.privacy.receipts import Receipt
from bee_customers.services.privacy.requests import StoredRequest
from bee_customers.services.privacy.stores import Store
from bee_customers.services.privacy.subjects import SubjectCustomer, SubjectHashes, customers_of, identities


class ErasureSteps:
    """Of many subjects at once. Whoever calls them holds the locks of all."""

    def __init__(
        self,
        database: Database,
        stores: Sequence[Store],
        hashes: SubjectHashes,
        signatures: Signatures,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._stores = stores
        self._hashes = hashes
        self._signatures = signatures
        self._clock = clock

    def begin(self, request_ids: Sequence[uuid.UUID]) -> list[Erasing]:
        """The requests run from now on, and the ledger knows of them; those that were called off are left out."""
        now = self._clock()

        def work(unit: UnitOfWork) -> list[Erasing]:
            requests = ErasureRequests(unit.transaction, self._hashes)
            found = [(one, customers_of(unit.transaction, one.subject)) for one in requests.claim(request_ids)]
            erasure_ledger.add(unit.transaction, [self._entry(one, customers, now) for one, customers in found])
            subjects = [_resumed(one).with_customers(customers) for one, customers in found]
            requests.keep(_details(subjects))
            return subjects

        return transact(self._database, work)

    def remove_rows(self, subjects: Sequence[Erasing]) -> list[Erasing]:
        """With the event of each customer that goes. How far it is, is known as soon as it is done."""
        now = self._clock()

        def work(unit: UnitOfWork) -> list[Erasing]:
            gone = erasure_rows.remove_customers(unit.transaction, subjects, now)
            found = {one.id: [_known(customer) for customer in gone[one.id]] for one in subjects}
            digests = {one.id: self._digests(one.request, found[one.id]) for one in subjects}
            erasure_ledger.add_identities(unit.transaction, digests)
            counts = {one.id: sum((each.counts for each in gone[one.id]), Counter()) for one in subjects}
            counted = [one.with_customers(found[one.id]).with_counts(counts[one.id]) for one in subjects]
            traces = erasure_rows.remove_traces(unit.transaction, counted, now)
            return self._kept(unit, [one.with_counts(traces[one.id]) for one in counted])

        return transact(self._database, work)

    def forget_names(self, subjects: Sequence[Erasing]) -> list[Erasing]:
        """In what others own; batch by batch, for staff may have done much."""

        def work(unit: UnitOfWork) -> tuple[list[Erasing], bool]:
            counts = erasure_rows.forget_names(unit.transaction, subjects)
            counted = [one.with_counts(counts[one.id]) for one in subjects]
            is_any = any(counts.values())
            return (self._kept(unit, counted) if is_any else counted), is_any

        is_more = True
        while is_more:
            subjects, is_more = transact(self._database, work)
        return list(subjects)

    def wait_for_relay(self) -> None:
        """It may hold values that are no longer in the table."""
        under_way.wait(self._database)

    def clear_stores(self, subjects: Sequence[Erasing]) -> list[Erasing]:
        """What is found is noted before it is destroyed: afterwards nobody could tell."""
        for store in self._stores:
            found = store.scan([one.footprint for one in subjects])
            if not any(found):
                continue
            subjects = self._noted(subjects, store.name, found)
            left = [one.footprint for one, count in zip(subjects, found, strict=True) if count]
            if any(store.erase(left)) and any(store.scan(left)):
                raise ErasureIncomplete(f"{store.name}: still there after it was destroyed")
        return list(subjects)

    def finish(self, subjects: Sequence[Erasing]) -> list[Erasing]:
        """Look through all tables; who is found nowhere is done and gets the receipt. Returns the others."""
        now = self._clock()

        def work(unit: UnitOfWork) -> list[Erasing]:
            left = _still_there(unit.transaction, subjects)
            clean = [one for one in subjects if one not in left]
            started = erasure_ledger.started(unit.transaction, [one.id for one in clean])
            done = {one.id: Completion(one.counts, self._receipt(one, started[one.id], now)) for one in clean}
            erasure_ledger.complete(unit.transaction, done, now)
            ErasureRequests(unit.transaction, self._hashes).finish(list(done), now)
            return left

        return transact(self._database, work)

    def _receipt(self, one: Erasing, started_at: datetime.datetime, now: datetime.datetime) -> str:
        receipt = Receipt(
            request_id=one.id,
            subject=one.footprint.subject_hash,
            requested_at=one.request.requested_at,
            started_at=started_at,
            completed_at=now,
            erased=one.counts,
            found_empty=(*scan.PLACES, *(store.name for store in self._stores)),
        )
        return receipts.write(receipt, self._signatures)

    def _noted(self, subjects: Sequence[Erasing], store: str, found: Sequence[int]) -> list[Erasing]:
        """The most that was ever found there: somebody may have been killed while he destroyed it."""
        noted = [
            dataclasses.replace(one, counts=one.counts | Counter({store: count}))
            for one, count in zip(subjects, found, strict=True)
        ]
        return transact(self._database, lambda unit: self._kept(unit, noted))

    def _kept(self, unit: UnitOfWork, subjects: list[Erasing]) -> list[Erasing]:
        ErasureRequests(unit.transaction, self._hashes).keep(_details(subjects))
        return subjects

    def _entry(
        self, request: StoredRequest, customers: Sequence[SubjectCustomer], now: datetime.datetime
    ) -> Entry:
        digests = self._digests(request, customers)
        return Entry(id=request.id, subject_hash=request.subject_hash, started_at=now, identities=digests)

    def _digests(self, request: StoredRequest, customers: Sequence[SubjectCustomer]) -> list[str]:
        return [self._hashes.of(identity) for identity in identities(request.subject, customers)]


def _resumed(request: StoredRequest) -> Erasing:
    """As far as it was when somebody left it, or from the beginning."""
    known = request.details.get("footprint")
    named = (request.customer_id,) if request.customer_id else ()
    footprint = Footprint(
        subject_hash=request.subject_hash, user_id=request.user_id, customer_ids=named, avatars={}
    )
    counts = Counter(request.details.get("counts", {}))
    return Erasing(request, Footprint.from_json(known) if known else footprint, counts)


def _details(subjects: Sequence[Erasing]) -> dict[uuid.UUID, dict[str, Any]]:
    return {one.id: {"footprint": one.footprint.as_json(), "counts": one.counts} for one in subjects}


def _still_there(transaction: Transaction, subjects: Sequence[Erasing]) -> list[Erasing]:
    """Those of whom a table still holds something. All are looked for at once: hardly ever is there any."""
    own = [one.id for one in subjects]
    if not scan.count(transaction, [one.footprint for one in subjects], own):
        return []
    return [one for one in subjects if scan.count(transaction, [one.footprint], own)]


def _known(customer: RemovedCustomer) -> SubjectCustomer:
    values = {field.name: getattr(customer, field.name) for field in dataclasses.fields(SubjectCustomer)}
    return SubjectCustomer(**values)
