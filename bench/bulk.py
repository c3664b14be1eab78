"""Imports against PostgreSQL's own \\copy of the same rows into the same tables, indexes and all.

Both have the machine for themselves, and may use all of it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import bulk_data, waiting
from bench.bulk_outcome import Bulk, Work
from bench.cluster import BINARIES
from bench.memory import most_mebibytes
from bench.processes import ProcessFailed, unpinned

NAMES = ("import", "orders")
_MEMORY_BOUND = 150
_PAUSE_SECONDS = 0.02
_WITHOUT_EVENTS, _WITH_EVENTS, _ORDERS = 0.5, 0.3, 0.4


def measure(name: str, server: str, source: str, directory: Path, rounds: int) -> Iterator[Bulk]:
    """One of NAMES; the customers are those of the database `source`."""
    directory = directory / "bulk"
    directory.mkdir(exist_ok=True)
    with waiting.database(server, "bulk") as database:
        if name == "import":
            yield from _customers(database, bulk_data.customers(source, directory), directory, rounds)
        else:
            bulk_data.load(database, bulk_data.save(source, directory))
            yield _orders(database, bulk_data.orders(database, directory), directory, max(1, rounds // 2))


def _customers(database: str, file: Path, directory: Path, rounds: int) -> Iterator[Bulk]:
    rows = bulk_data.lines(file) - 1
    command = ["import", "customers", str(file), "--restart", "--on-conflict", "update"]
    without, told, floor, rest = list[Work](), list[Work](), list[Work](), list[Work]()
    for _ in range(rounds):
        for works, more in ((told, []), (without, ["--no-events"])):
            bulk_data.empty(database)
            works.append(_command(database, [*command, *more]))
        tables = bulk_data.save(database, directory)
        bulk_data.empty(database)
        _copy(database, "tag", tables["tag"])
        floor.append(_copy(database, "customer", tables["customer"]))
        bulk_data.count(database, "customer")
        others = [_copy(database, table, tables[table]) for table in ("customer_history", "customer_tag")]
        rest.append(Work(floor[-1].seconds + sum(each.seconds for each in others), 0))
    yield Bulk("import / \\copy of customers", rows, without, floor, _WITHOUT_EVENTS, _MEMORY_BOUND)
    yield Bulk("the same, with events", rows, told, floor, _WITH_EVENTS, _MEMORY_BOUND)
    yield Bulk("import / \\copy of all it writes", rows, without, rest, None, _MEMORY_BOUND)


def _orders(database: str, file: Path, directory: Path, rounds: int) -> Bulk:
    """Statistics included; each time the customers are without any at first."""
    tables = bulk_data.save(database, directory)
    own, floor = list[Work](), list[Work]()
    for _ in range(rounds):
        bulk_data.load(database, tables)
        own.append(_command(database, ["import", "orders", str(file), "--restart", "--no-events"]))
        bulk_data.load(database, tables)
        floor.append(_copy(database, "customer_order", file, bulk_data.ORDER_COLUMNS))
    return Bulk("import / \\copy of orders", bulk_data.lines(file) - 1, own, floor, _ORDERS, _MEMORY_BOUND)


def _command(database: str, words: list[str]) -> Work:
    program = Path(sys.executable).with_name("bee-customers")
    return _timed([str(program), *words], {"DATABASE_URL": database}, Path.cwd() / "var" / "bench")


def _copy(database: str, table: str, file: Path, columns: str = "") -> Work:
    """As an operator would type it; CSV where the columns are named."""
    options = "with (format csv, header)" if columns else ""
    statement = f"\\copy {table} {columns} from '{file}' {options}"
    return _timed([str(BINARIES / "psql"), "--quiet", "-X", "-c", statement, database], {}, file.parent)


def _timed(command: list[str], environ: dict[str, str], directory: Path) -> Work:
    """How long it took, and the most memory the process itself held."""
    began = time.monotonic()
    with (directory / "bulk.log").open("w+") as log:
        process = subprocess.Popen(
            [*unpinned(), *command],
            env={**os.environ, **environ},
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        mebibytes = 0.0
        while process.poll() is None:
            mebibytes = max(mebibytes, most_mebibytes(process.pid))
            time.sleep(_PAUSE_SECONDS)
        seconds = time.monotonic() - began
        if process.returncode not in (0, 3):
            log.seek(0)
            raise ProcessFailed(f"{' '.join(command[:3])} ended with {process.returncode}: {log.read()[-500:]}")
    return Work(seconds, mebibytes)
