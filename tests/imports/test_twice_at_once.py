"""The second of two imports of one file waits for one that was killed, and for nobody else."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bee_customers.db import locks
from bee_customers.errors import ImportUnderWay
from bee_customers.services.imports.job import Report
from bee_customers.services.imports.source import opened
from tests.factories import BUSINESS
from tests.imports.desk import Desk, Listener, row, user

NAMELESS = {"business_id": BUSINESS, "full_name": "Ana"}
ORDER = {
    "business_id": BUSINESS,
    "user_id": user(1),
    "order_id": "S-1",
    "kind": "order",
    "status": "completed",
    "amount": "9.50",
    "ordered_at": "2026-03-01T08:00:00Z",
    "updated_at": "2026-03-01T08:00:00Z",
}
_SECONDS = 20


@pytest.fixture
def desk(real_desk: Desk) -> Desk:
    return real_desk


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set as soon as an import finds that it is not its turn."""
    event, take = threading.Event(), locks.take

    def watched(connection: Connection, name: str) -> bool:
        is_mine = take(connection, name)
        if not is_mine:
            event.set()
        return is_mine

    monkeypatch.setattr(locks, "take", watched)
    return event


class Slow(Listener):
    """Holds its import back until something else has happened."""

    def __init__(self, until: Callable[[float], bool]) -> None:
        super().__init__()
        self._until = until
        self.has_begun = threading.Event()

    def rows_done(self, *_: Any) -> None:
        self.has_begun.set()
        assert self._until(_SECONDS)


def run(desk: Desk, path: Path, kind: str, listener: Listener | None = None, **options: Any) -> Report:
    return desk.job(path, kind, **options).run(listener or Listener(), lambda: False)


def begun(
    desk: Desk, elsewhere: ThreadPoolExecutor, path: Path, kind: str, waits: threading.Event
) -> Future[Report]:
    """An import that ends once another one waits for it."""
    slow = Slow(waits.wait)
    first = elsewhere.submit(run, desk, path, kind, slow)
    assert slow.has_begun.wait(_SECONDS)
    return first


@pytest.mark.parametrize("options", [{}, {"is_restarting": True}], ids=["begun", "restarted"])
@pytest.mark.parametrize(("kind", "document"), [("customers", NAMELESS), ("orders", ORDER)])
def test_what_ends_while_it_is_waited_for_is_not_imported_again(
    kind: str,
    document: dict[str, str],
    options: dict[str, bool],
    desk: Desk,
    elsewhere: ThreadPoolExecutor,
    waits: threading.Event,
) -> None:
    desk.bring([row(1)])
    path = desk.write([document])
    first = begun(desk, elsewhere, path, kind, waits)
    with pytest.raises(ImportUnderWay, match=f"^{path.name} is being imported at this moment$"):
        run(desk, path, kind, **options)
    assert first.result(_SECONDS).counts["created"] == 1
    done = desk.rows("SELECT status FROM import_run WHERE file_name = :name", name=path.name)
    assert done == [{"status": "done"}]


def test_to_resume_it_says_that_nothing_is_left(
    desk: Desk, elsewhere: ThreadPoolExecutor, waits: threading.Event
) -> None:
    path = desk.write([NAMELESS])
    first = begun(desk, elsewhere, path, "customers", waits)
    report = run(desk, path, "customers", is_resuming=True)
    assert first.result(_SECONDS).counts["created"] == 1
    assert (report.counts, bool(report.finished_before)) == ({}, True)
    assert len(desk.people()) == 1


def test_another_file_that_begins_so_is_imported_when_its_turn_comes(
    desk: Desk, elsewhere: ThreadPoolExecutor, waits: threading.Event
) -> None:
    many = [NAMELESS] * 1500  # more than what a file is locked by
    first = begun(desk, elsewhere, desk.write([*many, NAMELESS]), "customers", waits)
    second = desk.write([*many, {**NAMELESS, "full_name": "Eva"}])
    assert run(desk, second, "customers").counts["created"] == 1501
    assert first.result(_SECONDS).counts["created"] == 1501


def test_one_that_was_killed_is_waited_for_though_the_file_was_imported_before(
    desk: Desk, elsewhere: ThreadPoolExecutor, waits: threading.Event
) -> None:
    path = desk.write([NAMELESS])
    run(desk, path, "customers")
    with opened(str(path)) as source:
        name = f"import customers {source.fingerprint}"
    with locks.only_one(desk.database, name):
        second = elsewhere.submit(run, desk, path, "customers")
        assert waits.wait(_SECONDS)
    assert second.result(_SECONDS).counts["created"] == 1
    assert len(desk.people()) == 2
