"""Asking to be forgotten, calling it off, and who comes first when several are at it."""

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from bee_customers.db import locks
from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import RequestNotFound, RequestUnderWay, SubjectBusy
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import erasure_requests
from bee_customers.services.privacy.erasure_requests import ErasureRequests
from bee_customers.services.privacy.erasure_steps import ErasureSteps
from bee_customers.services.privacy.requests import PrivacyRequests, turn_of
from bee_customers.services.privacy.subjects import Subject
from bee_customers.storage.local import LocalStorage
from tests.functional import rows
from tests.unit.services.privacy.erasing import HASHES, Eraser

USER = uuid.UUID("7c1d5a2e-93f4-4b7a-8a61-2f3e4d5c6b7a")
WEEK = datetime.timedelta(days=7)


@pytest.fixture
def committing(committing_database: Database, shared_storage: LocalStorage) -> Eraser:
    """One whose parts may run at once."""
    return Eraser(committing_database, shared_storage)


def test_asking_again_gives_the_request_that_waits(eraser: Eraser) -> None:
    first = eraser.ask(USER, grace=WEEK)
    assert (first.status, first.due_at - first.requested_at) == ("scheduled", WEEK)
    assert eraser.ask(USER) == first
    assert eraser.ask(uuid.uuid4()).id != first.id


def test_asking_after_the_end_of_a_request_makes_a_new_one(eraser: Eraser) -> None:
    first = eraser.ask(USER)
    eraser.cancel(first.id)
    second = eraser.ask(USER)
    eraser.run()
    assert len({first.id, second.id, eraser.ask(USER).id}) == 3


def test_two_that_ask_at_once_get_one_request(committing: Eraser) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: committing.ask(USER), range(12)))
    assert len({request.id for request in found}) == 1
    assert rows.count(committing.database, "privacy_request") == 1


def test_a_request_is_called_off_once_and_for_all(eraser: Eraser) -> None:
    request = eraser.ask(USER)
    eraser.cancel(request.id, by="the first")
    eraser.cancel(request.id, by="the second")
    assert eraser.run() == []
    left = eraser.request(request.id)
    assert (left.status, left.cancelled_by) == ("cancelled", "the first")


@pytest.mark.parametrize("status", ["running", "failed", "done"])
def test_what_was_begun_is_not_called_off(eraser: Eraser, status: str) -> None:
    request = eraser.ask(USER)
    completed_at = utc_now() if status == "done" else None
    with eraser.database.session() as session:
        session.execute(
            rows.text("UPDATE privacy_request SET status = :status, completed_at = :at"),
            {"status": status, "at": completed_at},
        )
        session.commit()
    with pytest.raises(RequestUnderWay, match=f"the erasure is {status}"):
        eraser.cancel(request.id)


def test_an_export_is_not_called_off_and_neither_is_what_is_not_there(eraser: Eraser) -> None:
    export = eraser.add_request("export", USER, status="done")
    with pytest.raises(RequestUnderWay):
        eraser.cancel(export.id)
    with pytest.raises(RequestNotFound):
        eraser.cancel(uuid.uuid4())


def test_a_request_that_waits_can_be_made_due_and_is_never_put_off(eraser: Eraser) -> None:
    request, now = eraser.ask(USER, grace=WEEK), utc_now()

    def hasten(at: datetime.datetime) -> datetime.datetime:
        transact(eraser.database, lambda unit: ErasureRequests(unit.transaction, HASHES).hasten(request.id, at))
        return eraser.request(request.id).due_at

    assert hasten(now) == now
    assert hasten(now + WEEK) == now


def test_all_that_is_due_comes_up_once_in_batches(eraser: Eraser) -> None:
    asked = [eraser.ask(uuid.uuid4()) for _ in range(5)]
    eraser.ask(uuid.uuid4(), grace=WEEK)
    found = list(erasure_requests.due(eraser.database, utc_now(), 2))
    assert [len(batch) for batch in found] == [2, 2, 1]
    assert {request.id for batch in found for request in batch} == {request.id for request in asked}


def test_a_subject_that_another_works_on_is_busy_and_stays_due(committing: Eraser) -> None:
    request = committing.ask(USER)
    with locks.each(committing.database, [turn_of(request.subject_hash)]) as mine:
        assert len(mine) == 1
        (outcome,) = committing.run()
    assert (outcome.request_id, outcome.status) == (request.id, "busy")
    assert committing.request(request.id).status == "scheduled"
    assert [one.status for one in committing.run()] == ["done"]


def test_while_an_export_is_made_its_subject_is_busy(committing: Eraser) -> None:
    """The export holds the subject in its own transaction."""
    request = committing.ask(USER)

    def in_the_midst(unit) -> str:  # type: ignore[no-untyped-def]
        PrivacyRequests(unit.transaction, HASHES).hold(Subject(user_id=USER))
        with ThreadPoolExecutor(1) as pool:
            (outcome,) = pool.submit(committing.run).result(20)
        return str(outcome.status)

    assert transact(committing.database, in_the_midst) == "busy"
    assert committing.request(request.id).status == "scheduled"


def test_while_a_subject_is_erased_no_export_of_it_is_made(committing: Eraser) -> None:
    refused: list[str] = []

    class WithAnExport(ErasureSteps):
        def wait_for_relay(self) -> None:
            def hold(unit) -> None:  # type: ignore[no-untyped-def]
                PrivacyRequests(unit.transaction, HASHES).hold(Subject(user_id=USER))

            with ThreadPoolExecutor(1) as pool, pytest.raises(SubjectBusy) as error:
                pool.submit(transact, committing.database, hold).result(20)
            refused.append(str(error.value))

    committing.steps_class = WithAnExport
    assert committing.erase(USER).status == "done"
    assert len(refused) == 1


def test_of_two_erasures_at_once_one_does_it_and_there_is_one_receipt(committing: Eraser) -> None:
    asked = [committing.ask(uuid.uuid4()) for _ in range(20)]
    with ThreadPoolExecutor(2) as pool:
        found = [done.result(30) for done in [pool.submit(committing.carry_out_each, asked) for _ in range(2)]]
    for request, *outcomes in zip(asked, *found, strict=True):
        assert "done" in outcomes
        assert set(outcomes) <= {"done", "busy"}
        assert committing.request(request.id).status == "done"
    assert rows.count(committing.database, "erasure") == len(asked)


def test_cancelling_against_running_has_one_outcome(committing: Eraser) -> None:
    asked = [committing.ask(uuid.uuid4()) for _ in range(20)]

    def cancel_each() -> list[str]:
        def cancel(request_id: uuid.UUID) -> str:
            try:
                committing.cancel(request_id)
            except RequestUnderWay:
                return "refused"
            return "cancelled"

        return [cancel(request.id) for request in reversed(asked)][::-1]

    with ThreadPoolExecutor(2) as pool:
        running, cancelling = pool.submit(committing.carry_out_each, asked), pool.submit(cancel_each)
        pairs = list(zip(running.result(30), cancelling.result(30), strict=True))
    assert set(pairs) <= {("done", "refused"), ("cancelled", "cancelled")}
    for request, (status, _) in zip(asked, pairs, strict=True):
        assert committing.request(request.id).status == status
    done = sum(status == "done" for status, _ in pairs)
    assert rows.count(committing.database, "erasure") == done
