"""An import that is killed anywhere and gone on with leaves what an unbroken one leaves."""

import dataclasses
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bee_customers.db.engine import Database
from tests.imports import files, importing, state
from tests.imports.importing import COMMIT, COMMITTED, ROW
from tests.servers import PostgresServer

CUSTOMERS, ORDERS, OWNERS = 300, 200, 40
BATCHES = {"customers": CUSTOMERS // 20 + 1, "orders": ORDERS // 20 + 1}
# each time the same ones, so that a failure can be looked at
CHOICE = random.Random(20)
POINTS = [
    *(("customers", ROW, row) for row in sorted(CHOICE.sample(range(1, CUSTOMERS), 20))),
    *(("orders", ROW, row) for row in sorted(CHOICE.sample(range(1, ORDERS), 5))),
    # the first commits are of the run itself and of its first batches, the last of the last batch and what follows
    *((kind, point, number) for kind in BATCHES for point in (COMMIT, COMMITTED) for number in (1, 2, 9)),
    *((kind, point, last + 1) for kind, last in BATCHES.items() for point in (COMMIT, COMMITTED)),
]


@dataclasses.dataclass
class Case:
    """A kind of import with its file, and what unbroken runs of it left."""

    database: Database
    url: str
    directory: Path
    kind: str
    path: Path
    expected: tuple[Any, ...] = ()

    @property
    def rejects(self) -> Path:
        return self.directory / f"{self.kind}-rejects.csv"

    def begin(self) -> None:
        """What is there before."""
        self.rejects.unlink(missing_ok=True)
        state.empty(self.database)
        if self.kind == "orders":
            rows = [[files.user(number), files.BUSINESS, f"Ana {number}"] for number in range(OWNERS - 3)]
            owners = files.write_csv(self.directory / "owners.csv", files.CUSTOMER_HEADER[:3], rows)
            importing.run(self.database, owners, with_events=False)

    def run(self, **options: Any) -> tuple[Any, ...]:
        report = importing.run(self.database, self.path, self.kind, rejects=str(self.rejects), **options)
        assert report.is_complete
        return report.counts, state.of(self.database), self.rejects.read_bytes()


@pytest.fixture(scope="module")
def cases(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Case]]:
    directory = tmp_path_factory.mktemp("files")
    database = Database(postgres.url)
    made = {
        "customers": files.write_csv(
            directory / "customers.csv", files.CUSTOMER_HEADER, files.customers(CUSTOMERS)
        ),
        "orders": files.write_csv(directory / "orders.csv", files.ORDER_HEADER, files.orders(ORDERS, OWNERS)),
    }
    cases = {kind: Case(database, postgres.url, directory, kind, path) for kind, path in made.items()}
    for case in cases.values():
        case.begin()
        case.expected = case.run()
    yield cases
    state.empty(database)
    database.close()


def test_the_unbroken_runs_did_all_kinds_of_things(cases: dict[str, Case]) -> None:
    for case in cases.values():
        counts, left, rejects = case.expected
        assert min(counts[name] for name in ("created", "updated", "rejected")) > 3
        assert len(rejects.splitlines()) == counts["rejected"] + 1
        assert left["events"]
    assert any(customer[11] for customer in cases["orders"].expected[1]["customers"])


@pytest.mark.parametrize(("kind", "point", "number"), POINTS)
def test_a_killed_import_that_is_resumed_ends_as_an_unbroken_one(
    cases: dict[str, Case], kind: str, point: str, number: int
) -> None:
    case = cases[kind]
    case.begin()
    options = {"rejects": str(case.rejects)}
    assert importing.run_and_die(case.url, point, number, case.path, kind, **options) == -signal.SIGKILL
    # where it died before its first commit there is nothing to go on with, and the rejects have no owner
    if point == COMMIT and number == 1:
        case.rejects.unlink()
    assert case.run(is_resuming=True) == case.expected
