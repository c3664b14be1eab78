"""What the relay needs of a broker, whichever it is."""

import dataclasses
import logging
import uuid
from collections.abc import Sequence
from typing import Protocol

from bee_customers.errors import BrokerUnavailable
from bee_customers.events.envelope import Message

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of the messages of one call: those in none of the three are in doubt.

    `confirmed` are kept by the broker. `refused` gives the broker's reason by event. `fault` says why the call
    ended before all was told; a message in doubt may have arrived.
    """

    confirmed: frozenset[uuid.UUID]
    refused: dict[uuid.UUID, str]
    fault: BrokerUnavailable | None = None

    def tells(self, event_id: uuid.UUID) -> bool:
        """Whether it is known what became of this one."""
        return event_id in self.confirmed or event_id in self.refused


class Publisher(Protocol):
    """Made for one thread."""

    def publish(self, messages: Sequence[Message]) -> Outcome:
        """Send the messages and wait, for a bounded time, until the broker has confirmed or refused each.

        Never raises for what a broker does; connects when there is no connection.
        """
        ...

    def close(self) -> None:
        """Let go of the connection; the next call makes a new one."""
        ...


class LogPublisher:
    """Stands in for a broker in development: an event is told by its type and id, and is done."""

    def publish(self, messages: Sequence[Message]) -> Outcome:
        for message in messages:
            log.info("%s %s", message.type, message.event_id)
        return Outcome(frozenset(message.event_id for message in messages), {})

    def close(self) -> None:
        pass
