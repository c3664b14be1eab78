"""Messages that a broker answers by closing the channel, told from those that it takes.

It does not say which one it means (https://www.rabbitmq.com/docs/channels#error-handling), and what was sent with
it is in doubt. So that is sent again in smaller parts, until the culprits are alone.
"""

import dataclasses
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from bee_customers.errors import BrokerUnavailable
from bee_customers.events.amqp_faults import ChannelClosed
from bee_customers.events.envelope import Message
from bee_customers.events.publisher import Outcome

# For so long, what the broker took under other routing keys tells that it is one of these that it does not want.
_EVIDENCE_SECONDS = 30.0

Send = Callable[[Sequence[Message]], Outcome]


@dataclasses.dataclass
class _Found:
    """What one call comes to; `barred` are messages, all of one routing key, that the user lacks a right for."""

    confirmed: set[uuid.UUID] = dataclasses.field(default_factory=set)
    refused: dict[uuid.UUID, str] = dataclasses.field(default_factory=dict)
    barred: list[tuple[ChannelClosed, list[Message]]] = dataclasses.field(default_factory=list)

    def outcome(self, fault: BrokerUnavailable | None = None) -> Outcome:
        return Outcome(frozenset(self.confirmed), self.refused, fault)

    def narrow(self, left: list[Message], closed: ChannelClosed) -> list[list[Message]]:
        """What to send next of a part that the broker did not stand; nothing where the culprits are found."""
        by_key = _by_routing_key(left)
        if len(by_key) > 1:
            return by_key
        if closed.is_of_rights:
            self.barred.append((closed, left))
        elif len(left) > 1:
            return [left[: len(left) // 2], left[len(left) // 2 :]]
        else:
            self.refuse(left, closed)
        return []

    def refuse(self, messages: Collection[Message], closed: ChannelClosed) -> None:
        self.refused |= {message.event_id: str(closed) for message in messages}


class Culprits:
    """Remembers which routing keys the broker took lately.

    Where rights are missing it has to: those to the exchange as a whole hit every event, and must be counted
    against none.
    """

    def __init__(self) -> None:
        self._taken_at: dict[str, float] = {}

    def publish(self, messages: Sequence[Message], send: Send) -> Outcome:
        """Send all of them, by a new channel wherever one was closed; the culprits are refused."""
        found = _Found()
        parts = [list(messages)]
        while parts:
            part = parts.pop()
            outcome = send(part)
            found.confirmed |= outcome.confirmed
            found.refused |= outcome.refused
            left = [each for each in part if not outcome.tells(each.event_id)]
            self._note_taken(part, outcome)
            if isinstance(outcome.fault, ChannelClosed):
                parts += found.narrow(left, outcome.fault) if left else []
            elif outcome.fault is not None:
                return found.outcome(outcome.fault)
        return found.outcome(self._judge(found))

    def _note_taken(self, part: Collection[Message], outcome: Outcome) -> None:
        """What was returned, or a queue was too full for, has passed the exchange too."""
        keys = {each.routing_key for each in part if outcome.tells(each.event_id)}
        self._taken_at |= dict.fromkeys(keys, time.monotonic())

    def _judge(self, found: _Found) -> ChannelClosed | None:
        """Refuse what rights are missing for where others get through; else it is a fault that hits all."""
        for _, messages in found.barred:
            self._taken_at.pop(messages[0].routing_key, None)
        lately = time.monotonic() - _EVIDENCE_SECONDS
        if found.barred and not any(at > lately for at in self._taken_at.values()):
            return found.barred[0][0]
        for closed, messages in found.barred:
            found.refuse(messages, closed)
        return None


def _by_routing_key(messages: Collection[Message]) -> list[list[Message]]:
    found: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        found[message.routing_key].append(message)
    return list(found.values())
