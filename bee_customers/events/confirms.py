"""Publisher confirms of one channel, each told apart by its delivery tag.

https://www.rabbitmq.com/docs/confirms: tags count from one on each channel; a confirm may speak for all tags up
to its own; a message that no queue takes is returned first and confirmed then.
"""

import uuid
from typing import Any

from bee_customers.errors import BrokerUnavailable
from bee_customers.events.publisher import Outcome


class Confirms:
    """Counts what is sent and listens to what the broker says of it; begins anew with each window."""

    def __init__(self, channel: Any) -> None:
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        channel.events["basic_return"].add(self._on_return)
        self._last_tag = 0
        self.begin()

    def begin(self) -> None:
        """Forget the window before, of which nothing may be pending."""
        self.pending: dict[int, uuid.UUID] = {}
        self._confirmed: set[uuid.UUID] = set()
        self._refused: dict[uuid.UUID, str] = {}

    def sending(self, event_id: uuid.UUID) -> None:
        """To be called in the order of sending, just before."""
        self._last_tag += 1
        self.pending[self._last_tag] = event_id

    def outcome(self, fault: BrokerUnavailable | None = None) -> Outcome:
        return Outcome(frozenset(self._confirmed - self._refused.keys()), dict(self._refused), fault)

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._confirmed.update(self._settle(tag, multiple))

    def _on_nack(self, tag: int, multiple: bool) -> None:
        for event_id in self._settle(tag, multiple):
            self._refused[event_id] = "the broker refused it (nack): a queue is full, or has lost its node"

    def _on_return(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        event_id = uuid.UUID(message.properties["message_id"])
        self._refused[event_id] = f"no queue takes {routing_key} (returned as unroutable)"

    def _settle(self, tag: int, multiple: bool) -> list[uuid.UUID]:
        tags = [pending for pending in self.pending if pending <= tag] if multiple else [tag]
        return [self.pending.pop(each) for each in tags if each in self.pending]
