"""An erasure with all its parts, on the tests' database."""

import datetime
import uuid
from typing import Any

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import transact
from bee_customers.events.fallback import RedisFallback
from bee_customers.security.signatures import Signatures
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import receipts, stores
from bee_customers.services.privacy.erasure import Erasures, Outcome
from bee_customers.services.privacy.erasure_requests import ErasureRequests
from bee_customers.services.privacy.erasure_steps import ErasureSteps
from bee_customers.services.privacy.requests import PrivacyRequests, StoredRequest
from bee_customers.services.privacy.subjects import Subject, SubjectHashes
from bee_customers.storage.protocol import Storage

SECRET = "a secret of the tests, 32 letters or more"
HASHES = SubjectHashes(SECRET)
SIGNATURES = Signatures(SECRET, receipts.PURPOSE)
AT_ONCE = datetime.timedelta()


class Eraser:
    """Asks for erasures and carries them out."""

    steps_class: type[ErasureSteps] = ErasureSteps

    def __init__(self, database: Database, storage: Storage, fallback: RedisFallback | None = None) -> None:
        self.database = database
        self.storage = storage
        self.stores = stores.registered(storage, fallback)

    @property
    def steps(self) -> ErasureSteps:
        return self.steps_class(self.database, self.stores, HASHES, SIGNATURES)

    @property
    def erasures(self) -> Erasures:
        return Erasures(self.database, self.steps, HASHES)

    def ask(
        self,
        user_id: object = None,
        *,
        customer_id: object = None,
        grace: datetime.timedelta = AT_ONCE,
        by: str = "x",
    ) -> StoredRequest:
        subject = Subject(_uuid(user_id), _uuid(customer_id))
        return transact(
            self.database,
            lambda unit: ErasureRequests(unit.transaction, HASHES).ask(subject, by, utc_now(), grace),
        )

    def erase(self, user_id: object = None, **options: Any) -> Outcome:
        """At once; returns what became of it."""
        (outcome,) = self.erasures.carry_out([self.ask(user_id, **options)])
        return outcome

    def add_request(
        self, kind: str, user_id: object = None, *, customer_id: object = None, **values: Any
    ) -> StoredRequest:
        """One of another kind, done already."""
        now = utc_now()
        standard = {"requested_by": "x", "requested_at": now, "due_at": now, "completed_at": now}
        return transact(
            self.database,
            lambda unit: PrivacyRequests(unit.transaction, HASHES).add(
                kind, Subject(_uuid(user_id), _uuid(customer_id)), **standard | values
            ),
        )

    def cancel(self, request_id: uuid.UUID, by: str = "x") -> None:
        transact(
            self.database, lambda unit: ErasureRequests(unit.transaction, HASHES).cancel(request_id, by, utc_now())
        )

    def carry_out_each(self, requests: list[StoredRequest]) -> list[str]:
        """One after the other; what became of each."""
        return [self.erasures.carry_out([request])[0].status for request in requests]

    def run(self) -> list[Outcome]:
        return [outcome for batch in self.erasures.run_due() for outcome in batch]

    def request(self, request_id: uuid.UUID) -> StoredRequest:
        return transact(self.database, lambda unit: PrivacyRequests(unit.transaction, HASHES).get(request_id))


def _uuid(value: object) -> uuid.UUID | None:
    return uuid.UUID(str(value)) if value else None
