"""Carrying out requests to be forgotten: whose turn it is, and what became of each."""

import dataclasses
import logging
import traceback
import uuid
from collections.abc import Iterator, Sequence

from bee_customers.db import locks
from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import DomainError, EventsUnderWay, FallbackUnavailable, StorageUnavailable
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.privacy import erasure_requests
from bee_customers.services.privacy.erasure_requests import ErasureRequests
from bee_customers.services.privacy.erasure_rows import Erasing
from bee_customers.services.privacy.erasure_steps import ErasureSteps
from bee_customers.services.privacy.requests import DONE, FAILED, PrivacyRequests, StoredRequest, turn_of
from bee_customers.services.privacy.subjects import SubjectHashes

log = logging.getLogger(__name__)

LOCK = "erasures"
BUSY = "busy"
# What fails for one of these fails for everybody: there is no use in trying each.
_OF_ALL = (EventsUnderWay, FallbackUnavailable, StorageUnavailable)
# How often all is gone through again for somebody who comes back, or is named again, in the midst of it.
_ROUNDS = 3
_BATCH = 100


@dataclasses.dataclass(frozen=True)
class Outcome:
    """`status` is that of the request: done, cancelled, failed (to be tried again); or busy: another has it."""

    request_id: uuid.UUID
    status: str
    reason: str = ""


class Erasures:
    def __init__(
        self, database: Database, steps: ErasureSteps, hashes: SubjectHashes, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._steps = steps
        self._hashes = hashes
        self._clock = clock

    def count_due(self) -> int:
        return erasure_requests.count_due(self._database, self._clock())

    def run_due(self) -> Iterator[list[Outcome]]:
        """Carry out what is due, batch by batch; tells of each what became of it, and may be left between two."""
        for batch in erasure_requests.due(self._database, self._clock(), _BATCH):
            yield self.carry_out(batch)

    def carry_out(self, requests: Sequence[StoredRequest]) -> list[Outcome]:
        """Erase the subjects of these requests; nobody else works on them meanwhile. Who fails, fails alone."""
        turns = {request.id: turn_of(request.subject_hash) for request in requests}
        with locks.each(self._database, turns.values()) as mine:
            busy = [Outcome(request_id, BUSY) for request_id, turn in turns.items() if turn not in mine]
            return busy + self._attempt([request_id for request_id, turn in turns.items() if turn in mine])

    def _attempt(self, request_ids: Sequence[uuid.UUID]) -> list[Outcome]:
        try:
            return self._erase(request_ids) if request_ids else []
        except Exception as error:
            if len(request_ids) == 1 or isinstance(error, _OF_ALL):
                return [self._failed(one, _reason(error)) for one in request_ids]
            return [outcome for one in request_ids for outcome in self._attempt([one])]

    def _erase(self, request_ids: Sequence[uuid.UUID]) -> list[Outcome]:
        begun: Sequence[Erasing] = self._steps.begin(request_ids)
        left = begun
        for _ in range(_ROUNDS):
            left = self._go_through(left)
        failed = [self._failed(one.id, "something of the subject came back in the midst of it") for one in left]
        done = {one.id for one in begun} - {one.id for one in left}
        others = set(request_ids) - {one.id for one in begun}
        return [*failed, *(Outcome(one, DONE) for one in done), *(self._status(one) for one in others)]

    def _go_through(self, subjects: Sequence[Erasing]) -> Sequence[Erasing]:
        """All steps for all that are left; returns who is still found somewhere."""
        if subjects:
            subjects = self._steps.remove_rows(subjects)
            subjects = self._steps.forget_names(subjects)
            self._steps.wait_for_relay()
            subjects = self._steps.clear_stores(subjects)
            subjects = self._steps.finish(subjects)
        return subjects

    def _failed(self, request_id: uuid.UUID, reason: str) -> Outcome:
        def work(unit: UnitOfWork) -> None:
            ErasureRequests(unit.transaction, self._hashes).fail(request_id, reason)

        transact(self._database, work)
        return Outcome(request_id, FAILED, reason)

    def _status(self, request_id: uuid.UUID) -> Outcome:
        """Of one that could not begin: it was called off, or is done."""

        def work(unit: UnitOfWork) -> str:
            return PrivacyRequests(unit.transaction, self._hashes).get(request_id).status

        return Outcome(request_id, transact(self._database, work))


def _reason(error: Exception) -> str:
    """For the operator; what is not ours to explain goes to the log, without the values it may hold."""
    if isinstance(error, DomainError):
        return str(error)
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("an erasure failed: %s\n%s", type(error).__name__, where)
    return f"unexpected {type(error).__name__}, see the log"
