"""Files of exports go when their time is over, and so do those that a crash left behind."""

import datetime
import os
import time
import uuid

import pytest

from bee_customers.services.privacy import expired_exports, export_files
from bee_customers.services.privacy.subjects import Subject
from bee_customers.storage.local import LocalStorage
from tests.unit.services.privacy.test_requests import add

NOW = datetime.datetime.now(datetime.UTC)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def storage(tmp_path):
    return LocalStorage(tmp_path)


def put(storage, age=HOUR):
    key = export_files.new_key("a" * 64)
    storage.put(key, b"zip", export_files.MEDIA_TYPE)
    written = time.time() - age.total_seconds()
    os.utime(storage._path(key), (written, written))
    return key


def stored(requests, storage, expires_at, age=HOUR):
    key = put(storage, age)
    details = {"key": key, "sha256": "0" * 64, "size": 3}
    return add(requests, Subject(user_id=uuid.uuid4()), expires_at=expires_at, details=details)


def clock():
    return NOW


def test_what_is_over_goes_and_what_is_not_stays(database, requests, storage):
    over = [stored(requests, storage, NOW - HOUR, age=50 * HOUR), stored(requests, storage, NOW)]
    valid = stored(requests, storage, NOW + HOUR, age=50 * HOUR)
    assert expired_exports.count(database, storage, clock) == 2
    assert sum(expired_exports.remove(database, storage, clock)) == 2
    assert [file.key for file in storage.list("exports/")] == [valid.details["key"]]
    for request in over:
        after = requests.get(request.id)
        assert (after.status, after.expires_at) == ("expired", None)
        assert after.details == {"sha256": "0" * 64, "size": 3}
    assert requests.get(valid.id) == valid
    assert expired_exports.count(database, storage, clock) == 0
    assert list(expired_exports.remove(database, storage, clock)) == []


def test_a_file_that_no_request_tells_of_goes_when_nobody_can_be_writing_it(database, storage):
    young, old = put(storage), put(storage, age=3 * HOUR)
    assert expired_exports.count(database, storage, clock) == 1
    assert list(expired_exports.remove(database, storage, clock)) == [1]
    assert (storage.exists(young), storage.exists(old)) == (True, False)


def test_a_file_that_is_gone_already_is_no_fault(database, requests, storage):
    request = stored(requests, storage, NOW - HOUR)
    storage.delete(request.details["key"])
    assert list(expired_exports.remove(database, storage, clock)) == [1]
    assert requests.get(request.id).status == "expired"


def test_they_go_in_batches(database, requests, storage, monkeypatch):
    for _ in range(3):
        stored(requests, storage, NOW - HOUR)
    monkeypatch.setattr(expired_exports, "_BATCH", 2)
    assert list(expired_exports.remove(database, storage, clock)) == [2, 1]


def test_exports_that_were_handed_over_have_no_file_to_remove(database, requests, storage):
    handed_over = add(requests, Subject(user_id=uuid.uuid4()), details={"sha256": "0" * 64, "size": 3})
    assert list(expired_exports.remove(database, storage, clock)) == []
    assert requests.get(handed_over.id) == handed_over
