"""Nobody who was erased comes back by a file; who came back by their own will is taken as anybody else."""

import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.services.imports.job import ImportJob, Report
from bee_customers.services.imports.options import Options
from bee_customers.services.privacy.erased import ErasedSubjects
from bee_customers.services.rules import Rules
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.imports import files, importing
from tests.servers import wait_until
from tests.unit.services.privacy.erasing import HASHES, Eraser

USER = str(uuid.uuid4())
MAIL = "Ana.Pop@example.com"


@pytest.fixture
def internal(committing_app: Client) -> Client:
    return committing_app.as_("internal_service")


def run(database: Database, path: Path, heard: importing.Heard | None = None, **options: Any) -> Report:
    chosen = Options(**{"kind": "customers", "path": str(path), "on_conflict": "update", "batch": 2, **options})
    job = ImportJob(database, Rules("RO"), chosen, erased=ErasedSubjects(HASHES))
    return job.run(heard or importing.Heard(), lambda: False)


@pytest.fixture
def erase(committing_database: Database, tmp_path: Path) -> Any:
    return lambda user: Eraser(committing_database, LocalStorage(tmp_path / "files")).erase(user)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """By user, by address in that business, by address in another one, and somebody else."""
    rows = [
        [USER, OTHER_BUSINESS, "Ana", "", "", "", ""],
        ["", BUSINESS, "Ana", MAIL.lower(), "", "", ""],
        ["", OTHER_BUSINESS, "Ana", MAIL, "", "", ""],
        [files.user(7), BUSINESS, "Ion", "", "", "", ""],
    ]
    return files.write_csv(tmp_path / "customers.csv", files.CUSTOMER_HEADER, rows)


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_rows_of_the_erased_are_refused_with_the_reason(
    internal: Client, committing_database: Database, erase: Any, path: Path, *, is_dry_run: bool
) -> None:
    new_customer(internal, user_id=USER, email=MAIL)
    erase(USER)
    heard = importing.Heard()
    report = run(committing_database, path, heard, is_dry_run=is_dry_run)
    assert (report.counts["created"], report.counts["rejected"]) == (2, 2)
    assert [str(reject) for reject in heard.rejects] == [
        f"line {line}: is of a person who was erased" for line in (2, 3)
    ]


def test_who_came_back_is_taken(internal: Client, committing_database: Database, erase: Any, path: Path) -> None:
    new_customer(internal, user_id=USER, email=MAIL)
    erase(USER)
    for business in (BUSINESS, OTHER_BUSINESS):
        new_customer(internal, user_id=USER, email=MAIL, business_id=business)
    report = run(committing_database, path)
    assert report.counts["rejected"] == 0


def test_an_erasure_during_the_import_counts_from_there_on(
    internal: Client, committing_database: Database, erase: Any, tmp_path: Path
) -> None:
    new_customer(internal, user_id=USER)
    rows = [[files.user(n), BUSINESS, f"Ion {n}", "", "", "", ""] for n in range(2)]
    path = files.write_csv(
        tmp_path / "customers.csv",
        files.CUSTOMER_HEADER,
        [*rows, *([files.user(9), BUSINESS, "Ion", "", "", "", ""],) * 2, [USER, BUSINESS, "Ana", "", "", "", ""]],
    )

    class Erasing(importing.Heard):
        def rows_done(self, *heard: Any) -> None:
            super().rows_done(*heard)
            if heard[0]["rows"] == 2:
                erase(USER)

    heard = Erasing()
    report = run(committing_database, path, heard)
    assert report.counts["rejected"] == 1
    assert [reject.line for reject in heard.rejects] == [6]


def test_an_erasure_that_begins_during_a_batch_waits_for_it_and_finds_its_rows(
    internal: Client, committing_database: Database, erase: Any, tmp_path: Path
) -> None:
    new_customer(internal, user_id=USER)
    path = files.write_csv(
        tmp_path / "customers.csv", files.CUSTOMER_HEADER, [[USER, OTHER_BUSINESS, "Ana", "", "", "", ""]]
    )
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'erased_identity'::regclass")
    with ThreadPoolExecutor(1) as other:
        begun: list[Future[Any]] = []

        class Meanwhile(ErasedSubjects):
            def refresh(self, transaction: Transaction) -> bool:
                is_asked = super().refresh(transaction)
                if not begun:
                    begun.append(other.submit(erase, USER))
                    wait_until(lambda: committing_database.read(waiting)[0][0] == 1, 10, "the erasure to wait")
                return is_asked

        chosen = Options(kind="customers", path=str(path), on_conflict="update")
        job = ImportJob(committing_database, Rules("RO"), chosen, erased=Meanwhile(HASHES))
        assert job.run(importing.Heard(), lambda: False).counts["created"] == 1
        assert begun[0].result(20).status == "done"
    assert committing_database.read(text("SELECT count(*) FROM customer"))[0][0] == 0
    assert committing_database.read(text("SELECT count(*) FROM event WHERE payload ? 'changes'"))[0][0] == 0
