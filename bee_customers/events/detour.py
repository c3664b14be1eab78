"""The way round a broker that is away: into the fallback queue, and out of it first when the broker is back."""

import logging
import time

from bee_customers.errors import FallbackUnavailable
from bee_customers.events.backlog import Backlog
from bee_customers.events.delivery import Delivery
from bee_customers.events.envelope import EventRow
from bee_customers.events.fallback import RedisFallback
from bee_customers.events.stopping import StopSignal

log = logging.getLogger(__name__)

_BATCH = 500
# A Redis that hangs must not hold up events that the broker would take at once.
_PATIENCE_SECONDS = 15.0


class Detour:
    """Of one relay while it leads. Failures of Redis are logged, and change nothing else."""

    def __init__(self, fallback: RedisFallback, backlog: Backlog, delivery: Delivery) -> None:
        self._fallback = fallback
        self._backlog = backlog
        self._delivery = delivery
        # an earlier leader may have left something there
        self._may_hold = True
        self._not_before = 0.0

    def leave(self, stop: StopSignal) -> None:
        """Put what waits into the fallback queue, as far as it has room."""
        try:
            room = self._room()
            after = 0
            while room > 0 and not stop.is_set:
                with self._backlog.under_way():
                    rows = self._backlog.claim_for_fallback(min(_BATCH, room), after)
                    if rows:
                        after = rows[-1].sequence
                        room -= self._append(rows)
                if self._backlog.is_at_end:
                    return
        except FallbackUnavailable as error:
            log.warning("%s; events wait in the table alone", error)

    def come_back(self, stop: StopSignal) -> int:
        """Publish what the fallback queue holds, in its order; raises BrokerUnavailable.

        Returns how many the broker confirmed. What is published is the table's row: the queue may hold what was
        published or erased since.
        """
        confirmed = 0
        if not self._may_hold or time.monotonic() < self._not_before:
            return confirmed
        try:
            while entries := self._fallback.first(self._delivery.window):
                keys = [key for _, key in entries if key is not None]
                with self._backlog.under_way():
                    confirmed += self._delivery.deliver(self._backlog.claim_named(keys), stop).confirmed
                if stop.is_set:
                    return confirmed
                self._fallback.remove([identifier for identifier, _ in entries])
        except FallbackUnavailable as error:
            log.warning("%s; events go from the table to the broker", error)
            self._not_before = time.monotonic() + _PATIENCE_SECONDS
            return confirmed
        self._backlog.forget_fallback()
        self._may_hold = False
        return confirmed

    def _room(self) -> int:
        depth = self._fallback.depth()
        if depth == 0 and self._may_hold:
            self._backlog.forget_fallback()  # Redis did
        self._may_hold = True
        return self._fallback.length_most - depth

    def _append(self, rows: list[EventRow]) -> int:
        refused: dict[EventRow, str] = {}
        messages = self._delivery.composed(rows, refused)
        self._delivery.refuse(refused)
        if messages:
            identifiers = self._fallback.append(list(messages), list(messages.values()))
            self._backlog.mark_in_fallback(list(messages), identifiers)
            self._delivery.metrics.fallen_back.inc(len(messages))
        return len(messages)
