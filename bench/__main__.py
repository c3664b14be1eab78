"""Runs the benchmark: `python -m bench --help`, or scripts/bench, which prepares everything first."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg2

from bench import (
    bulk,
    checks,
    cluster,
    data,
    events,
    limits,
    operations,
    pairs,
    pools,
    replies,
    serving,
    times,
    turns,
    uploads,
    watching,
    web,
    workloads,
)
from bench.options import chosen
from bench.outcome import Result, Throughput
from bench.processes import WEB_CORE, ProcessFailed
from bench.tables import setting, tables_of
from bench.web import Web

_KEPT = Path(__file__).resolve().parent.parent / "var" / "bench"
_FAULTS = (
    OSError,
    ProcessFailed,
    checks.NothingWritten,
    checks.WrongData,
    times.BadReply,
    pairs.NoStatement,
    psycopg2.Error,
    replies.WrongReply,
)


def main() -> int:
    options = chosen()
    # wait where the web processes run, and leave the other core to PostgreSQL and wrk
    os.sched_setaffinity(0, {WEB_CORE})
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return _run(options)
    except KeyboardInterrupt:
        return 130
    except _FAULTS as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    directory = _KEPT / str(options.customers)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(cluster.started(directory))
        database = data.prepare(server, options.customers)
        shutil.rmtree(directory / web.FILES, ignore_errors=True)  # of earlier runs
        line = setting(options.customers, cluster.version(server))
        service = stack.enter_context(web.service(database, directory))
        floor = stack.enter_context(web.floor(database, directory))
        results = list(_measure(options, database, directory, service, floor))
        memory = {each.name: each.resident_mebibytes() for each in (service, floor)}
        results += _measure_events(options, server, directory)
    results += _measure_processes(options, directory)
    results += _measure_bulk(options, directory)
    _print(line, results, memory)
    if options.json:
        _write_json(options.json, line, results, memory)
    return _exit_code(results, is_bound=not (options.no_bounds or options.quick))


def _measure(
    options: argparse.Namespace, database: str, directory: Path, service: Web, floor: Web
) -> Iterator[Result]:
    drawn = pools.write(database, directory)
    all_of = {each.name: each for each in workloads.all_of(drawn)}
    turns_of = (options.rounds, options.seconds)
    kinds: dict[str, Callable[[], Iterable[Result]]] = {
        "page10000": lambda: pairs.page(service, database, *turns_of),
        "search": lambda: pairs.search(service, database, *turns_of),
        "history": lambda: pairs.history(service, *turns_of),
        "watching": lambda: watching.measure(all_of["get"], database, directory, *turns_of),
        "limits": lambda: limits.patches(
            all_of["patch"], database, directory, pools.first_line(drawn.customers), *turns_of
        ),
        "slow": lambda: serving.slow(service, pools.first_lines(drawn.customers, 1000), *turns_of),
        "upload": lambda: uploads.all_of(service, directory, pools.first_lines(drawn.customers, 1000), *turns_of),
    }
    for name in options.only:
        if name in (*events.NAMES, *serving.UNPINNED, *bulk.NAMES, *operations.NAMES):
            continue
        print(f"{name} ...", file=sys.stderr)
        if name in kinds:
            yield from kinds[name]()
        else:
            yield turns.against_floor(all_of[name], (service, floor), database, *turns_of)


def _measure_events(options: argparse.Namespace, server: str, directory: Path) -> Iterator[Result]:
    """Last of all: a broker beside the others would take from what they have."""
    for name in options.only:
        if name in events.NAMES:
            print(f"{name} ...", file=sys.stderr)
            sizes = (options.customers, options.rounds, options.seconds, options.drain)
            yield from events.measure(name, server, directory, *sizes)


def _measure_processes(options: argparse.Namespace, directory: Path) -> Iterator[Result]:
    """With everything on any core, as on a small server."""
    for name in options.only:
        if name in serving.UNPINNED:
            print(f"{name} ...", file=sys.stderr)
            with cluster.started(directory, core=None) as server:
                database = data.prepare(server, options.customers)
                yield serving.processes(database, directory, options.rounds, options.seconds)


def _measure_bulk(options: argparse.Namespace, directory: Path) -> Iterator[Result]:
    """With a server that may use all cores, and nothing beside."""
    measures = {name: module.measure for module in (bulk, operations) for name in module.NAMES}
    names = [name for name in options.only if name in measures]
    if names:
        with cluster.started(directory, core=None) as server:
            source = data.prepare(server, options.customers)
            for name in names:
                print(f"{name} ...", file=sys.stderr)
                yield from measures[name](name, server, source, directory, min(3, options.rounds))


def _print(line: str, results: list[Result], memory: dict[str, float]) -> None:
    print(f"\n{line}.")
    for table in tables_of(results):
        print("\n" + table)
    own, floor = memory["service"], memory["floor"]
    print(f"\nMemory of the service after the load: {own:.0f} MiB (the floor: {floor:.0f} MiB).")


def _write_json(path: Path, line: str, results: list[Result], memory: dict[str, float]) -> None:
    raw: dict[str, Any] = {"setting": line, "resident_mebibytes": memory}
    raw["workloads"] = {result.name: result.raw() for result in results}
    path.write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")


def _exit_code(results: list[Result], *, is_bound: bool) -> int:
    is_broken = any(isinstance(result, Throughput) and not result.is_clean for result in results)
    return int(is_broken or (is_bound and not all(result.holds for result in results)))


if __name__ == "__main__":
    sys.exit(main())
