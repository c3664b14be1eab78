"""One window of events: sent wave by wave, and each marked with what became of it."""

import dataclasses
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bee_customers.errors import BrokerUnavailable, EventNotSerialisable
from bee_customers.events import amqp_faults
from bee_customers.events.backlog import Backlog
from bee_customers.events.envelope import Compose, EventRow, Message
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.publisher import Publisher
from bee_customers.events.stopping import StopSignal
from bee_customers.events.waves import waves

log = logging.getLogger(__name__)

WINDOW_MOST = 500
# Of one customer's events each is a wave of its own. Whoever waits until nothing is under way (under_way.py) has
# patience for this, and for the last wave's own deadlines.
_WINDOW_SECONDS = 8.0
_TELL_SECONDS = 60.0


@dataclasses.dataclass(frozen=True)
class Delivered:
    """How many of a window the broker confirmed, and whether it ended before all of its waves were sent."""

    confirmed: int
    is_cut_short: bool


@dataclasses.dataclass
class Delivery:
    """Publishes claimed rows and marks them; whoever is killed in between has them published again."""

    backlog: Backlog
    publisher: Publisher
    compose: Compose
    metrics: RelayMetrics
    # How many at once. A broker that is too slow for a window is given smaller ones: it would be sent the same
    # events over and over otherwise.
    window: int = dataclasses.field(default_factory=lambda: WINDOW_MOST)
    _told_at: dict[str, float] = dataclasses.field(default_factory=dict)

    def deliver(self, rows: Sequence[EventRow], stop: StopSignal) -> Delivered:
        """Send rows, in the order of their sequences; what is neither confirmed nor refused stays as it was.

        Raises BrokerUnavailable or DatabaseUnavailable, after all that is known is marked.
        """
        confirmed: list[EventRow] = []
        refused: dict[EventRow, str] = {}
        ends_at = time.monotonic() + _WINDOW_SECONDS
        is_cut_short = False
        try:
            for number, wave in enumerate(waves(rows)):
                is_cut_short = stop.is_set or time.monotonic() >= ends_at
                if is_cut_short:
                    break
                if number:
                    self.backlog.check_session()
                self._send(self.composed(wave, refused), confirmed, refused)
        finally:
            self._mark(confirmed, refused)
        return Delivered(len(confirmed), is_cut_short)

    def composed(self, rows: Iterable[EventRow], refused: dict[EventRow, str]) -> dict[EventRow, Message]:
        """The messages of rows; those that cannot become one are added to `refused`, and hold up those behind."""
        messages: dict[EventRow, Message] = {}
        held_up = {row.customer_id for row in refused if row.holds_up}
        for row in rows:
            if row.customer_id in held_up:
                continue
            try:
                messages[row] = self.compose(row)
            except EventNotSerialisable as error:
                refused[row] = str(error)
                if row.holds_up:
                    held_up.add(row.customer_id)
        return messages

    def refuse(self, refused: Mapping[EventRow, str]) -> None:
        """Let these wait for another attempt."""
        quarantined = self.backlog.mark_refused(refused)
        self.metrics.refused.inc(len(refused))
        self.metrics.quarantined.inc(quarantined)
        for reason, count in Counter(refused.values()).items():
            self._tell(reason, count)
        if quarantined:
            log.error(
                "%d events were set aside after their last attempt; see bee-customers events status", quarantined
            )

    def _tell(self, reason: str, count: int) -> None:
        """Now and then: a missing queue refuses thousands of events, second by second."""
        now = time.monotonic()
        if now >= self._told_at.get(reason, now - _TELL_SECONDS) + _TELL_SECONDS:
            self._told_at[reason] = now
            log.warning("%d events were refused: %s", count, reason)

    def _send(
        self, messages: Mapping[EventRow, Message], confirmed: list[EventRow], refused: dict[EventRow, str]
    ) -> None:
        if not messages:
            return
        outcome = self.publisher.publish(list(messages.values()))
        by_id = {row.id: row for row in messages}
        # in the order of the table: whoever locks rows in another one risks a deadlock
        confirmed += [row for row in messages if row.id in outcome.confirmed]
        refused |= {by_id[event_id]: reason for event_id, reason in outcome.refused.items()}
        self._adapt(outcome.fault)
        if outcome.fault is not None:
            raise outcome.fault

    def _adapt(self, fault: BrokerUnavailable | None) -> None:
        if fault is None:
            self.window = min(WINDOW_MOST, self.window * 2)
        elif fault.kind in amqp_faults.SLOW:
            self.window = max(1, self.window // 4)

    def _mark(self, confirmed: Sequence[EventRow], refused: Mapping[EventRow, str]) -> None:
        self.backlog.mark_published(confirmed)
        self.metrics.published.inc(len(confirmed))
        self.refuse(refused)
