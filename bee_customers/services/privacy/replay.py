"""Erasing again whatever a restored backup brought back, by a ledger that was kept elsewhere."""

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.privacy import erasure_ledger
from bee_customers.services.privacy.erasure import Erasures, Outcome
from bee_customers.services.privacy.erasure_ledger import Entry
from bee_customers.services.privacy.erasure_requests import ErasureRequests
from bee_customers.services.privacy.requests import StoredRequest
from bee_customers.services.privacy.subjects import Subject, SubjectHashes, customer_identity, user_identity

T = TypeVar("T")
ACTOR = "replay"
_BATCH = 100
_TIMED = 7
# As text, which is what is hashed.
_CUSTOMERS = text("SELECT id::text, user_id::text, created_at FROM customer")
# Since when users are named elsewhere. Names of another length are those of services.
_NAMES = text("""
SELECT actor, min(occurred_at) FROM event WHERE length(actor) = 36 GROUP BY actor
UNION ALL SELECT author, min(created_at) FROM customer_note WHERE length(author) = 36 GROUP BY author
UNION ALL SELECT subject, min(created_at) FROM idempotency_key WHERE length(subject) = 36 GROUP BY subject
UNION ALL SELECT user_id::text, min(requested_at) FROM privacy_request WHERE user_id IS NOT NULL GROUP BY user_id
""")


@dataclasses.dataclass(frozen=True)
class BroughtBack:
    """Who was erased and is here again.

    `returned` are users of whom some customers are older than their erasure and some younger: they came back by
    their own will since. Which of them stay is for a person to say.
    """

    subjects: Sequence[Subject]
    returned: Mapping[uuid.UUID, Sequence[uuid.UUID]]


def find(database: Database, entries: Iterable[Entry], hashes: SubjectHashes) -> BroughtBack:
    """Look through all that is here for who is in the ledger. A customer of an erased user counts if it is older.

    Hashing takes some ten seconds for each million of customers.
    """
    erased = _erased(entries)
    users: set[str] = set()
    lonely: set[str] = set()
    younger: dict[str, list[uuid.UUID]] = defaultdict(list)
    with database.snapshot() as snapshot:
        for customer_id, user_id, created_at in snapshot.rows(_CUSTOMERS):
            was_erased = hashes.of(customer_identity(customer_id)) in erased
            until = erased.get(hashes.of(user_identity(user_id))) if user_id else None
            if was_erased or (until and _made_at(customer_id, created_at) <= until):
                (users if user_id else lonely).add(user_id or customer_id)
            elif until:
                younger[user_id].append(uuid.UUID(customer_id))
        for name, since in snapshot.rows(_NAMES):
            until = erased.get(hashes.of(user_identity(name)))
            if until and since <= until:
                users.add(name)
    returned = {uuid.UUID(user_id): younger[user_id] for user_id in users & younger.keys()}
    subjects = [Subject(user_id=uuid.UUID(one)) for one in sorted(users - younger.keys())]
    return BroughtBack([*subjects, *(Subject(customer_id=uuid.UUID(one)) for one in sorted(lonely))], returned)


class Replay:
    def __init__(
        self, database: Database, erasures: Erasures, hashes: SubjectHashes, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._erasures = erasures
        self._hashes = hashes
        self._clock = clock

    def remember(self, entries: Sequence[Entry]) -> None:
        """Give the ledger back to a database whose backup is older: imports ask it."""
        for batch in _batches(entries):
            transact(self._database, partial(_remember, batch))

    def erase(self, subjects: Sequence[Subject]) -> Iterator[list[Outcome]]:
        """Batch by batch, each by a request of its own; tells what became of each, and may be left between two."""
        for batch in _batches(subjects):
            yield self._erasures.carry_out(transact(self._database, partial(self._ask, batch)))

    def _ask(self, subjects: Sequence[Subject], unit: UnitOfWork) -> list[StoredRequest]:
        requests, now = ErasureRequests(unit.transaction, self._hashes), self._clock()
        asked = [requests.ask(one, ACTOR, now, datetime.timedelta()) for one in subjects]
        for request in asked:
            requests.hasten(request.id, now)
        return asked


def _remember(entries: Sequence[Entry], unit: UnitOfWork) -> None:
    erasure_ledger.add(unit.transaction, entries)


def _made_at(customer_id: str, created_at: datetime.datetime) -> datetime.datetime:
    """When the row was made here, which a UUIDv7 tells: `created_at` of an imported customer may be any time."""
    identifier = uuid.UUID(customer_id)
    if identifier.version != _TIMED:
        return created_at
    return datetime.datetime.fromtimestamp((identifier.int >> 80) / 1000, datetime.UTC)


def _erased(entries: Iterable[Entry]) -> dict[str, datetime.datetime]:
    """Until when each digest was erased; for one that is not done, since when."""
    until: dict[str, datetime.datetime] = {}
    for entry in entries:
        at = entry.completed_at or entry.started_at
        for digest in entry.identities:
            until[digest] = max(at, until.get(digest, at))
    return until


def _batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), _BATCH):
        yield things[start : start + _BATCH]
