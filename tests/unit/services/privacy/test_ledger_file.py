"""The ledger outside of the database: written, read again, and refused where it is not ours."""

import dataclasses
import json
import uuid

import pytest

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import transact
from bee_customers.errors import InvalidLedger
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import erasure_ledger, ledger_file
from bee_customers.services.privacy.erasure_ledger import Entry
from bee_customers.services.privacy.subjects import SubjectHashes
from tests.unit.services.privacy.erasing import HASHES

NOW = utc_now()
DONE = Entry(
    id=uuid.uuid4(),
    subject_hash="a" * 64,
    started_at=NOW,
    completed_at=NOW,
    receipt='{\n  "receipt": 1\n}\n',
    identities=("a" * 64, "b" * 64),
)
BEGUN = Entry(id=uuid.uuid4(), subject_hash="c" * 64, started_at=NOW, identities=("c" * 64,))


def stored(database: Database, *entries: Entry) -> list[str]:
    transact(database, lambda unit: erasure_ledger.add(unit.transaction, entries))
    return list(ledger_file.lines(database, HASHES))


def line(**fields: object) -> bytes:
    """The line of an erasure that is done, with something changed in it."""
    told = json.loads(ledger_file._line(DONE, ledger_file.key_mark(HASHES)))
    return json.dumps({name: value for name, value in (told | fields).items() if value != "left out"}).encode()


def read(*written: bytes) -> list[Entry]:
    return list(ledger_file.read(written, HASHES))


def test_what_is_written_is_read_again(database: Database) -> None:
    written = stored(database, DONE, BEGUN)
    assert len(written) == 2
    assert "\n" not in "".join(written)
    found = read(*(one.encode() + b"\n" for one in written), b"\n")
    assert {entry.id: entry for entry in found} == {DONE.id: DONE, BEGUN.id: BEGUN}


def test_adding_what_is_there_changes_nothing_and_new_identities_come_to_it(database: Database) -> None:
    more = dataclasses.replace(DONE, receipt=None, completed_at=None, identities=("b" * 64, "d" * 64))
    stored(database, DONE)
    (found,) = read(*(one.encode() for one in stored(database, more)))
    assert found == dataclasses.replace(DONE, identities=("a" * 64, "b" * 64, "d" * 64))


def test_an_empty_ledger_is_no_lines(database: Database) -> None:
    assert stored(database) == []


def test_a_ledger_of_another_key_is_refused(database: Database) -> None:
    written = [one.encode() for one in stored(database, DONE)]
    with pytest.raises(InvalidLedger, match="line 1 was written under another SUBJECT_KEY"):
        list(ledger_file.read(written, SubjectHashes("another secret")))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "no line of a ledger"),
        (b"{}", "no line of a ledger"),
        (b"\xff\n", "not JSON"),
        (line(ledger=2), "no line of a ledger"),
        (line(key="left out"), "another SUBJECT_KEY"),
        (line(id="x"), "lacks something"),
        (line(id=7), "lacks something"),
        (line(subject_hash="left out"), "lacks something"),
        (line(subject_hash="A" * 64), "lacks something"),
        (line(started_at=None), "lacks something"),
        (line(completed_at="yesterday"), "lacks something"),
        (line(identities=["x"]), "lacks something"),
        (line(identities=[7]), "lacks something"),
        (line(identities=None), "lacks something"),
    ],
)
def test_a_line_that_is_wrong_is_named(wrong: bytes, words: str) -> None:
    assert read(line()) == [DONE]
    with pytest.raises(InvalidLedger, match=f"line 2 .*{words}"):
        read(line(), wrong)
