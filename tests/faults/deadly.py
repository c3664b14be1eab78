"""Parts of a relay that kill their own process at a given point of their work."""

import os
import signal
from collections.abc import Collection, Sequence
from typing import Any, NoReturn

from bee_customers.events.backlog import Backlog
from bee_customers.events.confirms import Confirms
from bee_customers.events.envelope import EventRow, Message
from bee_customers.events.fallback import RedisFallback
from bee_customers.events.kombu_publisher import KombuPublisher
from bee_customers.events.publisher import Outcome

CLAIMED, PREPARED, HALF_SENT, SENT = "claimed", "prepared", "half sent", "sent"
FIRST_CONFIRMED, CONFIRMED, UNMARKED, MARKED = "first confirmed", "confirmed", "unmarked", "marked"
ON_THE_WAY = (CLAIMED, PREPARED, HALF_SENT, SENT, FIRST_CONFIRMED, CONFIRMED, UNMARKED, MARKED)
APPENDED, NOTED, DELIVERED, REMOVED = "appended", "noted", "delivered", "removed"
INTO_FALLBACK = (APPENDED, NOTED)
OUT_OF_FALLBACK = (SENT, CONFIRMED, DELIVERED, REMOVED)


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives that")


class DeadlyPublisher(KombuPublisher):
    def __init__(self, point: str, url: str, exchange: str) -> None:
        super().__init__([url], exchange)
        self._point = point
        self._left = 0

    def publish(self, messages: Sequence[Message]) -> Outcome:
        if self._point == PREPARED:
            die()
        self._left = len(messages)
        if self._point == HALF_SENT:
            self._left -= len(messages) // 2
        outcome = super().publish(messages)
        if self._point == CONFIRMED and outcome.confirmed:
            die()
        return outcome

    def _send(self, message: Message) -> None:
        super()._send(message)
        self._left -= 1
        if self._point in (HALF_SENT, SENT) and not self._left:
            die()

    def _connected(self) -> Confirms:
        confirms = super()._connected()
        if self._point == FIRST_CONFIRMED:
            self._channel.events["basic_ack"].add(lambda *_: die())
        return confirms


class DeadlyBacklog(Backlog):
    point = ""

    def claim(self, limit: int, after: int = 0) -> list[EventRow]:
        rows = super().claim(limit, after)
        if rows and self.point == CLAIMED:
            die()
        return rows

    def mark_published(self, rows: Collection[EventRow]) -> None:
        if rows and self.point == UNMARKED:
            die()
        super().mark_published(rows)
        if rows and self.point == MARKED:
            die()

    def mark_in_fallback(self, rows: Sequence[EventRow], fallback_ids: Sequence[str]) -> None:
        super().mark_in_fallback(rows, fallback_ids)
        if self.point == NOTED:
            die()


class DeadlyFallback(RedisFallback):
    def __init__(self, point: str, url: str) -> None:
        super().__init__(url)
        self._point = point

    def append(self, rows: Sequence[EventRow], messages: Sequence[Message]) -> list[str]:
        identifiers = super().append(rows, messages)
        if self._point == APPENDED:
            die()
        return identifiers

    def remove(self, identifiers: Sequence[Any]) -> None:
        if self._point == DELIVERED:
            die()
        super().remove(identifiers)
        if self._point == REMOVED:
            die()
