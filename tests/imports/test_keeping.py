"""A database that does not answer, in the worst moment: when it may have committed."""

from typing import Any

import pytest

from bee_customers.errors import DatabaseConnectionLost, DatabaseUnavailable, ImportStopped
from bee_customers.services.imports import keeping, runs
from tests.imports.desk import Desk, Listener, row

ROWS = [row(number, email=... if number % 2 else "no address") for number in range(6)]


class Failing:
    """Does what it stands for, and fails nevertheless, as often as it is told."""

    def __init__(self, real: Any, error: type[Exception], times: int, *, is_done: bool) -> None:
        self._real = real
        self._error = error
        self._is_done = is_done
        self.left = times

    def __call__(self, *arguments: Any) -> Any:
        if not self.left:
            return self._real(*arguments)
        self.left -= 1
        if self._is_done:
            self._real(*arguments)
        raise self._error("the database is away")


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("away", [0, 2])
def test_a_commit_that_was_not_answered_is_done_once(
    is_done: bool, away: int, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_PAUSE_SECONDS", 0.01)
    lost = Failing(keeping.transact, DatabaseConnectionLost, 1, is_done=is_done)
    monkeypatch.setattr(keeping, "transact", lost)
    unknown = Failing(runs.stored_position, DatabaseUnavailable, away, is_done=False)
    monkeypatch.setattr(runs, "stored_position", unknown)
    done = desk.bring(ROWS, batch=2)
    assert lost.left == 0
    assert done.counts == {"created": 3, "rejected": 3}
    assert [reject.line for reject in done.rejects] == [1, 3, 5]
    assert len(desk.people()) == 3


def test_one_that_stays_away_ends_the_import_in_bounded_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(keeping, "transact", Failing(None, DatabaseUnavailable, 1000, is_done=False))
    told = "the database is away, for 0 seconds; nothing was imported$"
    with pytest.raises(ImportStopped, match=told):
        desk.job(desk.write(ROWS), patience=0.1).run(Listener(), lambda: False)
