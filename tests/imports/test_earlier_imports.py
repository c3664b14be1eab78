"""Files that begin the same: each is gone on with where it stopped itself, and called by its name."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bee_customers.errors import ImportUnfinished, UnreadableFile
from bee_customers.services.imports.job import Report
from tests.factories import BUSINESS
from tests.imports.desk import Desk, Listener, json_lines

BATCH = 100
# More than what a file is known by, in three batches.
HEAD = [{"business_id": BUSINESS, "full_name": f"Ana {number} {'de ' * 60}"} for number in range(3 * BATCH)]
ALL = 8 * BATCH
Give = Callable[[Path], str]


def tail(name: str) -> list[dict[str, Any]]:
    return [{"business_id": BUSINESS, "full_name": f"{name} {number}"} for number in range(ALL - len(HEAD))]


@pytest.fixture
def spring(desk: Desk) -> Path:
    return written(desk, "spring.jsonl", "Eva")


@pytest.fixture
def autumn(desk: Desk) -> Path:
    return written(desk, "autumn.jsonl", "Ion")


@pytest.fixture
def as_stream(tmp_path: Path) -> Iterator[Give]:
    """A file as a pipe, which passes once."""
    threads = []

    def write(pipe: Path, content: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody has to read all of it
            pipe.write_bytes(content)

    def give(path: Path) -> str:
        pipe = tmp_path / f"pipe{len(threads)}"
        os.mkfifo(pipe)
        threads.append(threading.Thread(target=write, args=(pipe, path.read_bytes()), daemon=True))
        threads[-1].start()
        return str(pipe)

    yield give
    for thread in threads:
        thread.join(10)


def written(desk: Desk, name: str, who: str) -> Path:
    path = desk.directory / name
    path.write_bytes(json_lines([*HEAD, *tail(who)]))
    return path


class Counting(Listener):
    batches = 0

    def rows_done(self, *_: Any) -> None:
        self.batches += 1


def run(desk: Desk, path: Path | str, stop_behind: int = 99, **options: Any) -> Report:
    """Until so many batches are kept, and those that were under way."""
    listener = Counting()
    job = desk.job(Path(path), batch=BATCH, **options)
    return job.run(listener, lambda: listener.batches >= stop_behind)


def stopped(desk: Desk, path: Path) -> int:
    """Stopped in the part that no other file has; gives the line."""
    report = run(desk, path, 4)
    assert not report.is_complete
    assert len(HEAD) < report.line < ALL
    return report.line


def named(desk: Desk, who: str) -> int:
    return sum(person["full_name"].startswith(who) for person in desk.people())


def test_one_that_did_not_end_is_not_in_the_way_of_another(desk: Desk, spring: Path, autumn: Path) -> None:
    stopped(desk, spring)
    report = run(desk, autumn)
    assert (report.is_complete, report.counts["created"]) == (True, ALL)
    assert report.finished_before is None


def test_each_is_gone_on_with_by_itself(desk: Desk, spring: Path, autumn: Path) -> None:
    lines = {path: stopped(desk, path) for path in (spring, autumn)}
    for path in (spring, autumn):
        report = run(desk, path, is_resuming=True)
        assert (report.is_complete, report.began_behind) == (True, lines[path])
    assert (named(desk, "Eva"), named(desk, "Ion"), named(desk, "Ana")) == (5 * BATCH, 5 * BATCH, 6 * BATCH)


def test_of_several_of_one_file_the_newest_is_gone_on_with(desk: Desk, spring: Path) -> None:
    stopped(desk, spring)
    line = run(desk, spring, 1, is_restarting=True).line
    assert run(desk, spring, is_resuming=True).began_behind == line < len(HEAD) + 1


def test_under_another_name_it_is_the_same_file_and_says_so(desk: Desk, spring: Path) -> None:
    line = stopped(desk, spring)
    moved = spring.rename(spring.with_name("moved.jsonl"))
    told = rf"^an import of this file, as spring\.jsonl, stopped behind line {line:,}: --resume goes on there"
    with pytest.raises(ImportUnfinished, match=told):
        run(desk, moved)
    assert run(desk, moved, is_resuming=True).began_behind == line
    report = run(desk, moved)
    assert (report.finished_as, report.counts["created"]) == ("spring.jsonl", ALL)


def test_one_of_that_name_whose_lines_were_others_is_not_begun_by_itself(desk: Desk, spring: Path) -> None:
    line = stopped(desk, spring)
    spring.write_bytes(spring.read_bytes().replace(b'Eva 3"', b'Eve 3"'))
    told = rf"stopped behind line {line:,}, and the lines of this file are others up to there: --restart begins"
    with pytest.raises(ImportUnfinished, match=told):
        run(desk, spring)
    with pytest.raises(UnreadableFile, match=rf"its first {line:,} lines are not those .* before$"):
        run(desk, spring, is_resuming=True)
    assert run(desk, spring, is_restarting=True).is_complete


def test_to_resume_what_was_never_imported_names_what_was(desk: Desk, spring: Path, autumn: Path) -> None:
    stopped(desk, spring)
    with pytest.raises(UnreadableFile, match=r"not those that were imported before, from spring\.jsonl$"):
        run(desk, autumn, is_resuming=True)


def test_a_stream_is_gone_on_with_by_what_passes(desk: Desk, spring: Path, autumn: Path, as_stream: Give) -> None:
    line = stopped(desk, spring)
    with pytest.raises(ImportUnfinished, match=r"as spring\.jsonl, stopped behind"):
        run(desk, as_stream(autumn))
    report = run(desk, as_stream(spring), is_resuming=True)
    assert (report.is_complete, report.began_behind) == (True, line)


def test_a_stream_that_passed_by_its_place_is_not_imported_from_a_wrong_one(
    desk: Desk, spring: Path, autumn: Path, as_stream: Give
) -> None:
    stopped(desk, spring)
    run(desk, autumn, is_restarting=True)
    before = len(desk.people())
    with pytest.raises(UnreadableFile, match="cannot be read twice"):
        run(desk, as_stream(spring), is_resuming=True)
    assert len(desk.people()) == before
