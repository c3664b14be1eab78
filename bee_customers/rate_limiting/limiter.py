"""What counts: one protocol, in Redis or in this process."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from bee_customers.rate_limiting.policies import Policy


class Charge(NamedTuple):
    """What a request costs a subject of a policy; 0 only asks whether the subject is made to wait."""

    policy: Policy
    subject: str
    cost: int = 1


class Standing(NamedTuple):
    """How a subject stands after a decision; `wait_ms`: until it may come again, 0 for now."""

    policy: Policy
    is_refused: bool
    remaining: int
    wait_ms: int
    window_ms: int


class Limiter(Protocol):
    def decide(self, charges: Sequence[Charge]) -> list[Standing]:
        """Charge a request, in this order, until one policy refuses it; the standing with each of them.

        Raises CountersUnavailable where nothing can be counted.
        """
