"""What waits for the outcome of a transaction."""

from typing import Any

import pytest

from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import DatabaseConnectionLost, DatabaseUnavailable, TransactionConflict


class Transaction:
    def __init__(self, failures: list[Exception]) -> None:
        self._failures = failures

    def commit(self) -> None:
        if self._failures:
            raise self._failures.pop(0)

    def rollback(self) -> None:
        pass


class Database:
    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)

    def transaction(self) -> Transaction:
        return Transaction(self._failures)


def run(database: Any, calls: list[str], *, keep: bool = True, error: Exception | None = None) -> Any:
    def work(unit: UnitOfWork) -> str:
        unit.after_commit(lambda: calls.append("committed"))
        unit.after_rollback(lambda: calls.append("rolled back"))
        assert unit.transaction
        if error:
            raise error
        return "done"

    return transact(database, work, lambda _: keep)


def test_after_a_commit_only_its_actions_run() -> None:
    calls: list[str] = []
    assert run(Database(), calls) == "done"
    assert calls == ["committed"]


def test_after_a_refused_result_only_the_actions_of_a_rollback_run() -> None:
    calls: list[str] = []
    run(Database(), calls, keep=False)
    assert calls == ["rolled back"]


def test_after_an_exception_only_the_actions_of_a_rollback_run() -> None:
    calls: list[str] = []
    with pytest.raises(KeyError):
        run(Database(), calls, error=KeyError("x"))
    assert calls == ["rolled back"]


@pytest.mark.parametrize("error", [DatabaseConnectionLost, DatabaseUnavailable, KeyError])
def test_a_commit_in_doubt_runs_neither(error: type[Exception]) -> None:
    calls: list[str] = []
    with pytest.raises(error):
        run(Database(error("gone")), calls)
    assert calls == []


def test_a_conflict_in_the_commit_is_a_rollback_and_the_work_has_its_own_outcome_each_time() -> None:
    calls: list[str] = []
    run(Database(TransactionConflict("again"), TransactionConflict("again")), calls)
    assert calls == ["rolled back", "rolled back", "committed"]


def test_work_without_a_transaction_has_an_outcome_too() -> None:
    calls: list[str] = []
    for is_kept in (True, False):
        unit = UnitOfWork(Database())  # type: ignore[arg-type]
        unit.after_commit(lambda: calls.append("committed"))
        unit.after_rollback(lambda: calls.append("rolled back"))
        if is_kept:
            unit.commit()
        unit.close()
        unit.close()
    assert calls == ["committed", "rolled back"]


def test_a_failing_action_is_logged_without_its_message_and_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls: list[str] = []

    def work(unit: UnitOfWork) -> str:
        unit.after_commit(fail)
        unit.after_commit(lambda: calls.append("second"))
        return "done"

    assert transact(Database(), work) == "done"  # type: ignore[arg-type]
    assert calls == ["second"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "OSError" in caplog.text
    assert "disk gone" not in caplog.text


@pytest.mark.parametrize(("keep", "expected"), [(True, "committed"), (False, "rolled back")])
def test_actions_run_after_the_transaction_has_ended(keep: bool, expected: str) -> None:
    calls: list[str] = []

    class Watched(Transaction):
        def commit(self) -> None:
            calls.append("ended")

        rollback = commit

    class WatchedDatabase(Database):
        def transaction(self) -> Transaction:
            return Watched([])

    run(WatchedDatabase(), calls, keep=keep)
    assert calls == ["ended", expected]


def fail() -> None:
    message = " ".join(("disk", "gone"))
    raise OSError(message)
