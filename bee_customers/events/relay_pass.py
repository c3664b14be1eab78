"""One pass of the relay over what waits: fresh events and those that are due again, in turns."""

import time
from collections.abc import Callable

from bee_customers.events.backlog import Backlog
from bee_customers.events.delivery import Delivered, Delivery
from bee_customers.events.envelope import EventRow
from bee_customers.events.stopping import StopSignal


class Pass:
    """Made anew each time the relay wakes.

    A broker that still refuses what is due is asked for one window of it, and for each fresh event once: those
    that it would take need not wait for those that it refuses.
    """

    def __init__(
        self, backlog: Backlog, delivery: Delivery, stop: StopSignal, on_progress: Callable[[], None]
    ) -> None:
        self._backlog = backlog
        self._delivery = delivery
        self._stop = stop
        self._on_progress = on_progress
        self._after = 0
        self._has_fresh = self._has_due = True
        self._is_cut_short = False

    def run(self, seconds: float) -> bool:
        """Window by window, for about so long; whether nothing is left that may go out now."""
        ends_at = time.monotonic() + seconds
        while self._has_fresh or self._has_due:
            if self._stop.is_set or time.monotonic() >= ends_at:
                return False
            if self._has_fresh:
                self._publish_fresh()
            # those behind what was not sent must not go before it
            if self._is_cut_short:
                return False
            if self._has_due:
                self._publish_due()
        return True

    def _publish_fresh(self) -> None:
        with self._backlog.under_way():
            rows = self._backlog.claim(self._delivery.window, self._after)
            self._has_fresh = not self._backlog.is_at_end
            self._is_cut_short = self._deliver(rows).is_cut_short
        if rows:
            self._after = rows[-1].sequence

    def _publish_due(self) -> None:
        with self._backlog.under_way():
            delivered = self._deliver(self._backlog.claim_due(self._delivery.window))
        self._has_due = delivered.confirmed > 0
        if self._has_due:
            # what waited behind those, below where this pass is, must not be overtaken by what is above
            self._after, self._has_fresh = 0, True

    def _deliver(self, rows: list[EventRow]) -> Delivered:
        delivered = self._delivery.deliver(rows, self._stop)
        if rows:
            self._on_progress()
        return delivered
