"""Files of refused rows go once nobody works on them."""

import datetime
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bee_customers.db.engine import Database
from bee_customers.storage.local import LocalStorage
from tests.functional import rows
from tests.unit.services.retaining import LATELY, LONG_AGO, NOW, policy, run


@pytest.fixture
def rejects(database: Database, tmp_path: Path) -> Callable[..., Path]:
    """An import that is done or was left unfinished, with its file of refused rows."""

    def make(finished: datetime.datetime | None = LONG_AGO, written: datetime.datetime = LONG_AGO) -> Path:
        path = tmp_path / uuid.uuid4().hex
        path.write_text("refused rows")
        os.utime(path, (written.timestamp(), written.timestamp()))
        rows.run(
            database,
            "INSERT INTO import_run (id, kind, file_name, fingerprint, options, position, line, digest,"
            " rejects_file, rejects_position, counts, status, started_at, finished_at) VALUES (:id, 'customers',"
            " 'f', 'f', '{}', 0, 0, '', :path, 0, '{}', :status, :started, :finished)",
            id=uuid.uuid4(),
            path=str(path),
            status="done" if finished else "stopped",
            started=LONG_AGO,
            finished=finished,
        )
        return path

    return make


@pytest.mark.parametrize(
    ("finished", "written", "is_left"),
    [
        (LONG_AGO, LONG_AGO, False),
        (LATELY, LATELY, True),
        (LONG_AGO, LATELY, True),
        (None, LONG_AGO, False),
        (None, LATELY, True),
    ],
)
def test_refused_rows_go_unless_somebody_works_on_them_though_the_import_never_ended(
    database: Database, storage: LocalStorage, rejects: Any, finished: Any, written: Any, is_left: bool
) -> None:
    path = rejects(finished, written)
    assert run("import rejects", database, storage) == (0 if is_left else 1)
    assert path.exists() == is_left
    assert rows.count(database, "import_run", rejects_file=str(path)) == is_left


def test_refused_rows_of_another_machine_are_left_to_it(
    database: Database, storage: LocalStorage, rejects: Any
) -> None:
    rejects()
    rows.run(database, "UPDATE import_run SET rejects_file = '/nowhere/at/all/rejects.csv'")
    assert run("import rejects", database, storage) == 0
    assert rows.count(database, "import_run", rejects_file="/nowhere/at/all/rejects.csv") == 1


def test_refused_rows_that_somebody_removed_are_forgotten(
    database: Database, storage: LocalStorage, rejects: Any
) -> None:
    rejects().unlink()
    assert run("import rejects", database, storage) == 1


def test_refused_rows_that_cannot_be_removed_are_told_and_come_up_again(
    database: Database, storage: LocalStorage, rejects: Any, caplog: pytest.LogCaptureFixture
) -> None:
    kept, gone = rejects(), rejects()
    kept.unlink()
    kept.mkdir()
    os.utime(kept, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    due = policy("import rejects", database, storage)
    assert (due.count(NOW), sum(due.remove(NOW)), due.count(NOW)) == (2, 1, 1)
    assert "cannot be removed" in caplog.text
    assert (kept.exists(), gone.exists()) == (True, False)
