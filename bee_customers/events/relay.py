"""From the table to the broker: the one relay that leads publishes, the others stand by."""

import logging

from bee_customers.db.engine import Database
from bee_customers.db.worker_session import WorkerSession
from bee_customers.errors import BrokerUnavailable, DatabaseUnavailable, TransactionConflict
from bee_customers.events.backlog import ATTEMPTS_MOST, Backlog
from bee_customers.events.delivery import Delivery
from bee_customers.events.detour import Detour
from bee_customers.events.envelope import Compose
from bee_customers.events.fallback import RedisFallback
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.outage import Outage
from bee_customers.events.outbox import CHANNEL
from bee_customers.events.publisher import Publisher
from bee_customers.events.relay_pass import Pass
from bee_customers.events.stopping import StopSignal

log = logging.getLogger(__name__)

LOCK = "events relay"
FALLBACK_AFTER_SECONDS = 10.0
_POLL_SECONDS = 1.0


class Relay:
    """Runs until it is told to stop, whatever breaks meanwhile."""

    def __init__(
        self,
        database: Database,
        publisher: Publisher,
        compose: Compose,
        *,
        fallback: RedisFallback | None = None,
        fallback_after_seconds: float = FALLBACK_AFTER_SECONDS,
        attempts_most: int = ATTEMPTS_MOST,
        metrics: RelayMetrics | None = None,
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._compose = compose
        self._fallback = fallback
        self._fallback_after_seconds = fallback_after_seconds
        self._attempts_most = attempts_most
        self._metrics = metrics or RelayMetrics()
        self._broker_outage = Outage("the broker")
        self._database_outage = Outage("the database")

    def run(self, stop: StopSignal) -> None:
        """Stand by, lead, and begin again when the database was away; returns soon after `stop` is set."""
        while not stop.is_set:
            try:
                with WorkerSession(self._database, CHANNEL) as session:
                    self._stand_by(session, stop)
            # a conflict, such as a deadlock with an operator's command, is as good a reason to begin again
            except (DatabaseUnavailable, TransactionConflict) as fault:
                stop.wait(self._database_outage.failed(fault))
            finally:
                self._metrics.is_leader.set(0)
        self._publisher.close()

    def _stand_by(self, session: WorkerSession, stop: StopSignal) -> None:
        while not stop.is_set:
            if session.take(LOCK):
                self._lead(session, stop)
            else:
                self._database_outage.over()
                stop.wait(_POLL_SECONDS)

    def _lead(self, session: WorkerSession, stop: StopSignal) -> None:
        log.info("this relay publishes; others stand by")
        self._metrics.is_leader.set(1)
        backlog = Backlog(session, self._attempts_most)
        delivery = Delivery(backlog, self._publisher, self._compose, self._metrics)
        detour = Detour(self._fallback, backlog, delivery) if self._fallback else None
        while not stop.is_set:
            try:
                if detour and detour.come_back(stop):
                    self._broker_outage.over()
                backlog.check_marks()
                is_done = Pass(backlog, delivery, stop, self._broker_outage.over).run(_POLL_SECONDS)
            except BrokerUnavailable as fault:
                self._wait_out(fault, detour, stop)
            else:
                # not before: a database that can be reached may still lack the table
                self._database_outage.over()
                session.wait(_POLL_SECONDS if is_done else 0, stop)

    def _wait_out(self, fault: BrokerUnavailable, detour: Detour | None, stop: StopSignal) -> None:
        self._metrics.broker_faults.labels(fault.kind).inc()
        pause = self._broker_outage.failed(fault)
        if detour and self._broker_outage.seconds >= self._fallback_after_seconds:
            detour.leave(stop)
        stop.wait(pause)
