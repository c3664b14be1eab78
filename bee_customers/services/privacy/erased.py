"""Who was erased, for those who take data in: known again by hashes, and never named."""

from sqlalchemy import text

from bee_customers.db.transaction import Transaction
from bee_customers.services.privacy.subjects import (
    SubjectHashes,
    customer_identity,
    email_key_identity,
    user_identity,
)

# Whoever writes the ledger waits for this transaction, and so finds the rows that it made.
_HOLD = text("LOCK TABLE erased_identity IN SHARE MODE")
_COUNT = text("SELECT count(DISTINCT digest) FROM erased_identity")
_DIGESTS = text("SELECT digest FROM erased_identity")


class ErasedSubjects:
    """Whoever was erased up to the last `refresh`.

    Ask of rows that would make a new customer. One that is there already came back by its own will.
    """

    def __init__(self, hashes: SubjectHashes) -> None:
        self._hashes = hashes
        self._digests: frozenset[str] = frozenset()

    def refresh(self, transaction: Transaction) -> bool:
        """Learn of who was erased meanwhile; False while nobody ever was: then nothing needs to be asked.

        An erasure that begins now begins when this transaction has ended: it would look for rows too early else.
        """
        transaction.run(_HOLD)
        if transaction.run(_COUNT).rows[0][0] != len(self._digests):
            self._digests = frozenset(digest for (digest,) in transaction.run(_DIGESTS).rows)
        return bool(self._digests)

    def holds(self, user_id: str | None, customer_id: str | None, business_id: str, email_key: str | None) -> bool:
        """Whether any of these is somebody who was erased. Ids in lower case; an address counts in its business.

        Takes some microseconds.
        """
        of, digests = self._hashes.of, self._digests
        return (
            (user_id is not None and of(user_identity(user_id)) in digests)
            or (customer_id is not None and of(customer_identity(customer_id)) in digests)
            or (email_key is not None and of(email_key_identity(business_id, email_key)) in digests)
        )
