"""Refused rows come back: mended they are taken, and a run that stopped has each of them once."""

import csv
import datetime
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bee_customers.errors import ImportStopped, UnreadableFile
from bee_customers.services import old_rejects
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.imports.job import Report
from bee_customers.services.imports.rejects import RejectsFile
from tests.factories import BUSINESS
from tests.imports.desk import Desk, Listener, own_id, row

HEADER = b"business_id,full_name,email,tags\n"
GOOD = [b'%s,"Ana, Pop",ana@example.com,a;b\n' % BUSINESS.encode(), b"%s,Ion,,\n" % BUSINESS.encode()]
BAD = [
    b"%s,,eva@example.com,\n" % BUSINESS.encode(),
    b'%s,"Eva\nPop",no address,"[""a;b""]"\n' % BUSINESS.encode(),
    b"%s,Jos\xe9,jose@example.com,\n" % BUSINESS.encode(),
    b"%s,Short\n" % BUSINESS.encode(),
    b'%s,"Quo"te,,\n' % BUSINESS.encode(),
    b",Nobody,,",
]


def run(desk: Desk, path: Path, **options: Any) -> Report:
    return desk.job(path, **options).run(Listener(), lambda: False)


def mended(content: bytes) -> bytes:
    """As an operator would in an editor."""
    for wrong, right in [
        (b",,eva@", b",Eva,eva@"),
        (b"Eva\nPop", b"Eva Pop"),
        (b"no address", b"pop@example.com"),
        (b"Jos\xe9", "José".encode()),
        (b",Short\n", b",Short,,\n"),
        (b'"Quo"te', b'"Quo""te"'),
        (b",,Nobody", b",%s,Nobody" % BUSINESS.encode()),
    ]:
        content = content.replace(wrong, right)
    return content


def test_rows_of_a_csv_file_are_taken_once_they_are_mended(desk: Desk, tmp_path: Path) -> None:
    refused = tmp_path / "refused.csv"
    report = run(desk, desk.write(HEADER + b"".join(GOOD + BAD)), rejects=str(refused))
    assert (report.counts["created"], report.counts["rejected"]) == (2, 6)
    content = refused.read_bytes()
    assert content.startswith(b"reject_line,reject_field,reject_reason," + HEADER)
    assert all(raw in content for raw in BAD)
    refused.write_bytes(mended(content))
    again = tmp_path / "again.csv"
    report = run(desk, refused, rejects=str(again))
    assert (report.counts["created"], report.counts["rejected"]) == (6, 0)
    assert not again.exists()
    assert {(person["full_name"], person["email"], *person["tags"]) for person in desk.people()} == {
        ("Ana, Pop", "ana@example.com", "a", "b"),
        ("Ion", None),
        ("Eva", "eva@example.com"),
        ("Eva Pop", "pop@example.com", "a;b"),
        ("José", "jose@example.com"),
        ("Short", None),
        ('Quo"te', None),
        ("Nobody", None),
    }


def test_what_is_not_mended_is_refused_again_and_kept(desk: Desk, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    run(desk, desk.write(HEADER + b"".join(BAD[:1])), rejects=str(first))
    report = run(desk, first, rejects=str(second))
    assert report.counts["rejected"] == 1
    (told,) = csv.reader(io.StringIO(second.read_text().splitlines()[1]))
    assert told[:3] == ["2", "full_name", "must be there"]
    second.write_bytes(mended(second.read_bytes()))
    assert run(desk, second).counts["created"] == 1


LINES = [
    json.dumps(row(1)).encode(),
    json.dumps(row(2, full_name="")).encode(),
    json.dumps(row(3, email="no address", tags=[7])).encode(),
    b'{"full_name": "Jos\xe9", "business_id": "%s"}' % BUSINESS.encode(),
    json.dumps(row(4)).encode()[:-1],
    json.dumps(row(5, nick="x")).encode(),
]


def test_rows_of_json_lines_are_taken_once_they_are_mended(desk: Desk, tmp_path: Path) -> None:
    refused = tmp_path / "refused.jsonl"
    report = run(desk, desk.write(b"\n".join(LINES)), rejects=str(refused))
    assert (report.counts["created"], report.counts["rejected"]) == (1, 5)
    rows = [json.loads(line) for line in refused.read_bytes().splitlines()]
    assert [(one["reject_line"], one["reject_field"]) for one in rows] == [
        (2, "full_name"),
        (3, "email, tags"),
        (4, ""),
        (5, ""),
        (6, "nick"),
    ]
    rows[0]["full_name"] = "Ana"
    rows[1] |= {"email": "eva@example.com", "tags": ["x"]}
    assert rows[2]["reject_raw"].encode("utf-8", "surrogateescape") == LINES[3]
    rows[2] = {"full_name": "José", "business_id": BUSINESS}
    rows[3] = json.loads(rows[3]["reject_raw"] + "}")
    del rows[4]["nick"]
    report = run(desk, desk.write(rows))
    assert (report.counts["created"], report.counts["rejected"]) == (5, 0)
    assert sorted(person["full_name"] for person in desk.people()) == [
        "Ana",
        "Ionuț Popescu 1",
        "Ionuț Popescu 3",
        "Ionuț Popescu 4",
        "Ionuț Popescu 5",
        "José",
    ]


def test_what_the_data_there_forbids_is_refused_among_the_others_in_order(desk: Desk, tmp_path: Path) -> None:
    desk.bring([row(1)])
    refused = tmp_path / "refused.jsonl"
    rows = [row(2, email="x"), row(1, id=own_id(1)), row(3), row(4, full_name=...), row(5, gender="x")]
    run(desk, desk.write(rows), rejects=str(refused))
    told = [json.loads(line) for line in refused.read_bytes().splitlines()]
    assert [(one["reject_line"], one["reject_field"]) for one in told] == [
        (1, "email"),
        (2, "user_id"),
        (4, "full_name"),
        (5, "gender"),
    ]


class StopAfter:
    """Asks to stop at a certain time of being asked."""

    def __init__(self, times: int) -> None:
        self._left = times

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


ROWS = b"".join(
    (b"%s,Ana %d,a%d@example.com,\n" if number % 3 else b"%s,,a%d@example.com,\n")
    % (BUSINESS.encode(), *((number, number) if number % 3 else (number,)))
    for number in range(30)
)


@pytest.mark.parametrize("times", [1, 2, 3, 5])
def test_a_run_that_was_stopped_ends_as_one_that_was_not(times: int, desk: Desk, tmp_path: Path) -> None:
    path, refused, whole = desk.write(HEADER + ROWS), tmp_path / "refused.csv", tmp_path / "whole.csv"
    options: dict[str, Any] = {"batch": 5, "rejects": str(refused)}
    stopped = desk.job(path, **options).run(Listener(), StopAfter(times))
    assert not stopped.is_complete
    assert stopped.line < 31
    # what a crash would leave behind what the database knows of
    with refused.open("ab") as file:
        file.write(b"7,not known of")
    resumed = desk.job(path, is_resuming=True, **options).run(Listener(), lambda: False)
    assert (resumed.is_complete, resumed.began_behind) == (True, stopped.line)
    assert (resumed.counts["rows"], resumed.counts["created"], resumed.counts["rejected"]) == (30, 20, 10)
    there = [(person["full_name"], person["email"]) for person in desk.people()]
    desk.clear()
    run(desk, path, rejects=str(whole), batch=5)
    assert [(person["full_name"], person["email"]) for person in desk.people()] == there
    assert whole.read_bytes() == refused.read_bytes()


@pytest.mark.parametrize("is_resuming", [False, True])
def test_a_run_that_stopped_before_its_first_batch_can_be_begun_again(
    is_resuming: bool, desk: Desk, tmp_path: Path
) -> None:
    path, refused = desk.write(HEADER + ROWS), tmp_path / "refused.csv"
    stopped = desk.job(path, rejects=str(refused)).run(Listener(), lambda: True)
    assert (stopped.is_complete, stopped.line) == (False, 0)
    assert run(desk, path, rejects=str(refused), is_resuming=is_resuming).is_complete
    assert refused.read_bytes().count(b"must be there") == 10


def test_a_run_that_failed_in_its_first_batch_can_be_begun_again(desk: Desk, tmp_path: Path) -> None:
    desk.bring([row(7)])
    path, refused = desk.write([row(1, email="x"), row(7)]), tmp_path / "refused.jsonl"
    for _ in range(2):
        with pytest.raises(ImportStopped, match="line 2: the customer is there already; nothing was imported"):
            run(desk, path, rejects=str(refused), on_conflict="fail")
        assert not refused.exists()


def test_a_rejects_file_that_is_gone_in_the_end_harms_nothing(desk: Desk, tmp_path: Path) -> None:
    refused = tmp_path / "refused.jsonl"

    class Remover(Listener):
        def rows_done(self, *_: Any) -> None:
            refused.unlink()

        __call__ = rows_done

    report = desk.job(desk.write([row(1)]), rejects=str(refused)).run(Remover(), lambda: False)
    assert report.is_complete
    assert desk.rows("SELECT status FROM import_run") == [{"status": "done"}]


def test_a_run_is_gone_on_with_only_where_its_rejects_are(desk: Desk, tmp_path: Path) -> None:
    path, refused = desk.write(HEADER + ROWS), tmp_path / "refused.csv"
    desk.job(path, rejects=str(refused), batch=5).run(Listener(), StopAfter(2))
    with pytest.raises(UnreadableFile, match=r"the rejects of this import are in .*/refused\.csv: name the same$"):
        run(desk, path, rejects=str(tmp_path / "other.csv"), batch=5, is_resuming=True)
    content = refused.read_bytes()
    refused.write_bytes(content[:50])
    with pytest.raises(UnreadableFile, match="is shorter than it was"):
        run(desk, path, batch=5, is_resuming=True)
    refused.write_bytes(content)
    assert run(desk, path, batch=5, is_resuming=True).counts["rejected"] == 10
    assert refused.read_bytes().count(b"must be there") == 10


def test_a_run_whose_rejects_were_removed_in_time_goes_on_without(desk: Desk, tmp_path: Path) -> None:
    path, refused = desk.write(HEADER + ROWS), tmp_path / "refused.csv"
    desk.job(path, rejects=str(refused), batch=5).run(Listener(), StopAfter(2))
    assert sum(old_rejects.remove(desk.database, utc_now() + datetime.timedelta(days=1))) == 1
    assert not refused.exists()
    with pytest.raises(UnreadableFile, match=r"are in no file: leave --rejects out$"):
        run(desk, path, rejects=str(refused), batch=5, is_resuming=True)
    assert run(desk, path, batch=5, is_resuming=True).counts["rejected"] == 10


def test_a_disk_that_is_full_for_the_rejects_leaves_the_batch_undone(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, refused = desk.write(HEADER + ROWS), tmp_path / "refused.csv"
    real, calls = os.fsync, []

    def full(number: int) -> None:
        calls.append(number)
        if len(calls) >= 4:
            raise OSError(28, "No space left on device")
        real(number)

    def close(file: RejectsFile) -> None:
        file._file.close()
        raise UnreadableFile("the last of it does not fit either")

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(RejectsFile, "close", close)
    told = r"no space left on device; all up to line 11 is imported, and --resume goes on behind it$"
    with pytest.raises(ImportStopped, match=told):
        run(desk, path, rejects=str(refused), batch=5)
    assert len(desk.people()) == 6
    assert desk.rows("SELECT status FROM import_run") == [{"status": "stopped"}]
    monkeypatch.undo()
    assert run(desk, path, rejects=str(refused), batch=5, is_resuming=True).counts["rejected"] == 10
    assert refused.read_bytes().count(b"must be there") == 10
