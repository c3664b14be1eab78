"""Who was erased and must not come back by a file."""

from typing import Protocol

from bee_customers.db.transaction import Transaction


class Erased(Protocol):
    """Asked only of rows that would make a customer: who is there already came back by its own will."""

    def refresh(self, transaction: Transaction) -> bool:
        """Learn of who was erased meanwhile; False while nobody ever was, so that it costs nothing then."""

    def holds(
        self, user_id: str | None, customer_id: str | None, business_id: str, email_key: str | None
    ) -> bool: ...
