"""Who was erased and must not come back by a file."""

from typing import Protocol


class Erased(Protocol):
    """False while nobody is in it, so that it costs nothing then."""

    def __bool__(self) -> bool: ...

    def holds(
        self, user_id: str | None, customer_id: str | None, business_id: str, email_key: str | None
    ) -> bool: ...
