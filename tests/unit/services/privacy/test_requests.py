"""Requests as they are stored: one unfinished of a kind for each subject, and turns."""

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg2.errors
import pytest

from bee_customers.db.unit_of_work import UnitOfWork
from bee_customers.errors import RequestNotFound, SubjectBusy
from bee_customers.models import REQUEST_KINDS, REQUEST_STATUSES
from bee_customers.services.privacy import requests as stored
from bee_customers.services.privacy.requests import ERASURE, EXPORT, PrivacyRequests
from bee_customers.services.privacy.subjects import Subject, SubjectHashes

NOW = datetime.datetime(2026, 3, 1, 8, 15, tzinfo=datetime.UTC)
ME = Subject(user_id=uuid.uuid4())


def add(requests, subject=ME, kind=EXPORT, **values):
    """A request that is done, unless told otherwise."""
    standard = {
        "status": "done",
        "requested_by": "somebody",
        "requested_at": NOW,
        "due_at": NOW,
        "completed_at": NOW,
    }
    return requests.add(kind, subject, **standard | values)


@pytest.mark.parametrize("subject", [ME, Subject(customer_id=uuid.uuid4())])
def test_a_request_is_read_as_it_was_stored(requests, subject):
    made = add(requests, subject, details={"size": 7}, expires_at=NOW + datetime.timedelta(hours=24))
    assert requests.get(made.id) == made
    assert made.subject == subject
    assert made.subject_hash == SubjectHashes("a secret of the tests").of(subject.identity)


def test_a_request_that_is_not_there_is_not_found(requests):
    with pytest.raises(RequestNotFound):
        requests.get(uuid.uuid4())


def test_the_newest_of_a_kind_is_found_and_the_unfinished_one(requests):
    add(requests, requested_at=NOW - datetime.timedelta(days=1))
    newest = add(requests)
    waiting = add(requests, kind=ERASURE, status="scheduled", completed_at=None)
    add(requests, Subject(user_id=uuid.uuid4()))
    assert requests.newest(EXPORT, ME) == newest
    assert requests.unfinished(EXPORT, ME) is None
    assert requests.unfinished(ERASURE, ME) == waiting


def test_a_request_changes(requests):
    made = add(requests, kind=ERASURE, status="scheduled", completed_at=None)
    requests.change(made.id, status="done", completed_at=NOW, user_id=None, details={"rows": 3})
    after = requests.get(made.id)
    assert (after.status, after.completed_at, after.user_id, after.details) == ("done", NOW, None, {"rows": 3})
    with pytest.raises(ValueError, match="either"):
        after.subject  # noqa: B018


def test_a_subject_has_one_unfinished_request_of_a_kind(requests):
    add(requests, kind=ERASURE, status="scheduled", completed_at=None)
    add(requests, kind=EXPORT, status="running", completed_at=None)
    add(requests, Subject(user_id=uuid.uuid4()), kind=ERASURE, status="scheduled", completed_at=None)
    with pytest.raises(psycopg2.errors.UniqueViolation):
        add(requests, kind=ERASURE, status="failed", completed_at=None)


def test_an_unfinished_request_names_its_subject(requests):
    made = add(requests, kind=ERASURE, status="scheduled", completed_at=None)
    with pytest.raises(psycopg2.errors.CheckViolation):
        requests.change(made.id, user_id=None)


def test_kinds_and_statuses_have_one_writing():
    assert {stored.EXPORT, stored.ERASURE} == set(REQUEST_KINDS)
    names = ("SCHEDULED", "RUNNING", "DONE", "FAILED", "CANCELLED", "EXPIRED")
    assert tuple(getattr(stored, name) for name in names) == REQUEST_STATUSES


def hold(database, subject):
    unit = UnitOfWork(database)
    try:
        PrivacyRequests(unit.transaction, SubjectHashes("k")).hold(subject)
    finally:
        unit.close()


def test_requests_of_one_subject_take_turns_and_of_two_do_not(committing_database):
    unit = UnitOfWork(committing_database)
    PrivacyRequests(unit.transaction, SubjectHashes("k")).hold(ME)
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(hold, committing_database, Subject(user_id=uuid.uuid4())).result(10)
        with pytest.raises(SubjectBusy):
            elsewhere.submit(hold, committing_database, ME).result(10)
        unit.close()
        elsewhere.submit(hold, committing_database, ME).result(10)
