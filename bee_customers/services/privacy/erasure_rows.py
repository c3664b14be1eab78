"""What an erasure does to rows: of many subjects at once, each statement by an index."""

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self

from sqlalchemy import text

from bee_customers.db.transaction import Transaction
from bee_customers.services import customer_removal
from bee_customers.services.access import array_of
from bee_customers.services.avatar_files import key_of
from bee_customers.services.customer_removal import RemovedCustomer
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.services.privacy.personal_data import never_empty
from bee_customers.services.privacy.requests import StoredRequest
from bee_customers.services.privacy.subjects import SubjectCustomer
from bee_customers.tracing import new_trace_id

REASON = "erasure"
# Of events that tell of an erasure, and in place of the names of users who are erased.
ACTOR = "erasure"
ERASED = "erased"
NAMES_AT_ONCE = 5000

# Customers that are named are subjects of their own only as long as they have no user.
_PRESENT = text("""
SELECT id FROM customer WHERE user_id = ANY(CAST(:users AS uuid[]))
UNION ALL
SELECT id FROM customer WHERE id = ANY(CAST(:customers AS uuid[])) AND user_id IS NULL
""")
_DELETE_REPLIES = text("""
WITH gone AS (
    DELETE FROM idempotency_key WHERE subject = ANY(CAST(:users AS text[])) RETURNING subject
)
SELECT subject::uuid, count(*) FROM gone GROUP BY subject
""")
# Files of exports go with the stores.
_FORGET_REQUESTS = text("""
WITH named AS (
    SELECT id, user_id, customer_id FROM privacy_request
    WHERE id <> ALL(CAST(:requests AS uuid[]))
        AND (user_id = ANY(CAST(:users AS uuid[])) OR customer_id = ANY(CAST(:customers AS uuid[])))
), forgotten AS (
    UPDATE privacy_request
    SET user_id = NULL, customer_id = NULL, requested_by = NULL, cancelled_by = NULL, expires_at = NULL,
        details = '{}', completed_at = COALESCE(completed_at, :now),
        status = CASE kind WHEN 'export' THEN 'expired' ELSE status END
    FROM named WHERE privacy_request.id = named.id
)
SELECT user_id, customer_id FROM named
""")
# What a user did to others stays done; that it was this user is forgotten.
_FORGET_NAMES = {
    "event.actor": text(f"""
WITH named AS (
    SELECT customer_id, sequence, actor FROM event
    WHERE length(actor) = 36 AND actor = ANY(CAST(:users AS text[])) LIMIT {NAMES_AT_ONCE}
), forgotten AS (
    UPDATE event SET actor = '{ERASED}' FROM named
    WHERE event.customer_id = named.customer_id AND event.sequence = named.sequence
)
SELECT actor::uuid, count(*) FROM named GROUP BY actor
"""),
    "customer_note.author": text(f"""
WITH named AS (
    SELECT customer_id, id, author FROM customer_note
    WHERE author = ANY(CAST(:users AS text[])) LIMIT {NAMES_AT_ONCE}
), forgotten AS (
    UPDATE customer_note SET author = '{ERASED}' FROM named
    WHERE customer_note.customer_id = named.customer_id AND customer_note.id = named.id
)
SELECT author::uuid, count(*) FROM named GROUP BY author
"""),
    "privacy_request.cancelled_by": text(f"""
WITH named AS (
    SELECT id, cancelled_by FROM privacy_request
    WHERE cancelled_by = ANY(CAST(:users AS text[])) LIMIT {NAMES_AT_ONCE}
), forgotten AS (
    UPDATE privacy_request SET cancelled_by = '{ERASED}' FROM named WHERE privacy_request.id = named.id
)
SELECT cancelled_by::uuid, count(*) FROM named GROUP BY cancelled_by
"""),
}


@dataclasses.dataclass(frozen=True)
class Erasing:
    """One subject on its way: where it is to be found, and how much of it was destroyed so far."""

    request: StoredRequest
    footprint: Footprint
    counts: Counter[str]

    @property
    def id(self) -> uuid.UUID:
        return self.request.id

    def with_customers(self, customers: Iterable[SubjectCustomer]) -> Self:
        """Customers that came, or were found, since the footprint was gathered."""
        avatars = {customer.id: key_of(customer.avatar_url) for customer in customers}
        footprint = dataclasses.replace(
            self.footprint,
            customer_ids=tuple(sorted({*self.footprint.customer_ids, *avatars})),
            avatars=self.footprint.avatars | {customer: key for customer, key in avatars.items() if key},
        )
        return dataclasses.replace(self, footprint=footprint)

    def with_counts(self, counts: Counter[str]) -> Self:
        return dataclasses.replace(self, counts=self.counts + counts)


def remove_customers(
    transaction: Transaction, subjects: Sequence[Erasing], now: datetime.datetime
) -> dict[uuid.UUID, list[RemovedCustomer]]:
    """Remove the customers of subjects that there are at this moment; gives them by request."""
    owners = {one.footprint.user_id or one.request.customer_id: one.id for one in subjects}
    present = [customer_id for (customer_id,) in transaction.run(_PRESENT, _parameters(subjects)).rows]
    gone: dict[uuid.UUID, list[RemovedCustomer]] = {one.id: [] for one in subjects}
    for customer in customer_removal.remove(
        transaction, present, reason=REASON, actor=ACTOR, trace_id=new_trace_id(), now=now
    ):
        gone[owners[customer.user_id or customer.id]].append(customer)
    return gone


def remove_traces(
    transaction: Transaction, subjects: Sequence[Erasing], now: datetime.datetime
) -> dict[uuid.UUID, Counter[str]]:
    """Take out what else is stored about subjects whose customers are gone; how many rows, by request."""
    counts: dict[uuid.UUID, Counter[str]] = {one.id: Counter() for one in subjects}
    owners = {customer: one.id for one in subjects for customer in one.footprint.customer_ids}
    for customer_id, found in customer_removal.remove_traces(transaction, owners.keys()).items():
        counts[owners[customer_id]] += found
    given = _parameters(subjects)
    users = {one.footprint.user_id: one.id for one in subjects if one.footprint.user_id}
    for user_id, count in transaction.run(_DELETE_REPLIES, given).rows:
        counts[users[user_id]]["idempotency_key"] += count
    for user_id, customer_id in transaction.run(_FORGET_REQUESTS, {**given, "now": now}).rows:
        counts[users[user_id] if user_id else owners[customer_id]]["privacy_request"] += 1
    return counts


def forget_names(transaction: Transaction, subjects: Sequence[Erasing]) -> dict[uuid.UUID, Counter[str]]:
    """Take out who did it, where a subject did something to others; how often, by request, until it is never."""
    users = {one.footprint.user_id: one.id for one in subjects if one.footprint.user_id}
    counts: dict[uuid.UUID, Counter[str]] = {one.id: Counter() for one in subjects}
    for place, statement in _FORGET_NAMES.items() if users else ():
        for user_id, count in transaction.run(statement, _parameters(subjects)).rows:
            counts[users[user_id]][place] = count
    return counts


def _parameters(subjects: Iterable[Erasing]) -> dict[str, object]:
    """Of all that is known of the subjects, for the statements here."""
    footprints = [one.footprint for one in subjects]
    return {
        "requests": array_of(one.id for one in subjects),
        "users": never_empty(footprint.user_id for footprint in footprints if footprint.user_id),
        "customers": never_empty(customer for footprint in footprints for customer in footprint.customer_ids),
    }
