"""What a subject has left here, by ids and keys alone."""

import dataclasses
import uuid
from typing import Any, Self

from bee_customers.db.transaction import Transaction
from bee_customers.services.avatar_files import key_of
from bee_customers.services.privacy import personal_data
from bee_customers.services.privacy.subjects import Subject, SubjectHashes, customers_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class Footprint:
    """Enough to find a subject in every store, also when its rows are gone, and no personal data itself.

    So an erasure gathers it first and keeps it (`as_json`) until its last scan has found nothing.
    """

    # the files of its exports lie under it
    subject_hash: str
    user_id: uuid.UUID | None
    customer_ids: tuple[uuid.UUID, ...]
    # keys of files by customer
    avatars: dict[uuid.UUID, str]

    def parameters(self) -> dict[str, object]:
        """For statements of `personal_data`."""
        return personal_data.parameters(self.user_id, self.customer_ids)

    def as_json(self) -> dict[str, Any]:
        return {
            "subject_hash": self.subject_hash,
            "user_id": str(self.user_id) if self.user_id else None,
            "customer_ids": [str(one) for one in self.customer_ids],
            "avatars": {str(one): key for one, key in self.avatars.items()},
        }

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> Self:
        return cls(
            subject_hash=written["subject_hash"],
            user_id=uuid.UUID(written["user_id"]) if written["user_id"] else None,
            customer_ids=tuple(uuid.UUID(one) for one in written["customer_ids"]),
            avatars={uuid.UUID(one): key for one, key in written["avatars"].items()},
        )


def gather(transaction: Transaction, subject: Subject, hashes: SubjectHashes) -> Footprint:
    """As it is now. A customer who is named and gone still has events. Raises SubjectHasUser."""
    customers = customers_of(transaction, subject)
    ids = {customer.id for customer in customers} | ({subject.customer_id} if subject.customer_id else set())
    named = ((customer.id, key_of(customer.avatar_url)) for customer in customers)
    return Footprint(
        subject_hash=hashes.of(subject.identity),
        user_id=subject.user_id,
        customer_ids=tuple(sorted(ids)),
        avatars={customer: key for customer, key in named if key},
    )
