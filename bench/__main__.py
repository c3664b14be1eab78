"""Runs the benchmark: `python -m bench --help`, or scripts/bench, which prepares everything first."""

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2

from bench import cluster, data, load, pairs, times, web, workloads
from bench.outcome import Duration, Throughput, duration_table, setting, throughput_table
from bench.processes import WEB_CORE, ProcessFailed
from bench.web import Web

_KEPT = Path(__file__).resolve().parent.parent / "var" / "bench"
_NAMES = ("get", "list", "page10000", "search", "create", "patch")
_QUICK = {"customers": 20_000, "rounds": 3, "seconds": 1}
_FULL = {"customers": 1_000_000, "rounds": 5, "seconds": 4}
_FAULTS = (
    OSError,
    ProcessFailed,
    data.WrongData,
    times.BadReply,
    pairs.NoStatement,
    psycopg2.Error,
    workloads.WrongReply,
)

Result = Throughput | Duration


def main() -> int:
    options = _options()
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
        line = setting(options.customers, cluster.version(server))
        service = stack.enter_context(web.service(database, directory))
        floor = stack.enter_context(web.floor(database, directory))
        results = list(_measure(options, database, directory, service, floor))
        memory = {each.name: each.resident_mebibytes() for each in (service, floor)}
    _print(line, results, memory)
    if options.json:
        _write_json(options.json, line, results, memory)
    return _exit_code(results, is_bound=not (options.no_bounds or options.quick))


def _measure(
    options: argparse.Namespace, database: str, directory: Path, service: Web, floor: Web
) -> Iterator[Result]:
    # what only reads comes first: writes leave younger rows, dead ones and a longer index behind
    all_of = {each.name: each for each in workloads.all_of(workloads.pools(database, directory))}
    for name in options.only:
        print(f"{name} ...", file=sys.stderr)
        if name == "page10000":
            yield from pairs.page(service, database, options.rounds, options.seconds)
        elif name == "search":
            yield from pairs.search(service, database, options.rounds, options.seconds)
        else:
            yield _against_floor(all_of[name], service, floor, options.rounds, options.seconds)


def _against_floor(
    workload: workloads.Workload, service: Web, floor: Web, rounds: int, seconds: int
) -> Throughput:
    workloads.check_replies(workload, service, floor)
    taken: dict[Web, list[load.Round]] = {service: [], floor: []}
    for each in taken:
        load.run(each, workload.script, 1)  # warm
    for _ in range(rounds):
        for each, all_rounds in taken.items():
            all_rounds.append(load.run(each, workload.script, seconds))
    return Throughput(workload.name, taken[service], taken[floor], workload.least_ratio)


def _print(line: str, results: list[Result], memory: dict[str, float]) -> None:
    throughputs = [result for result in results if isinstance(result, Throughput)]
    durations = [result for result in results if isinstance(result, Duration)]
    print(f"\n{line}.")
    if throughputs:
        print("\n" + throughput_table(throughputs))
    if durations:
        print("\n" + duration_table(durations))
    own, floor = memory["service"], memory["floor"]
    print(f"\nMemory of the service after the load: {own:.0f} MiB (the floor: {floor:.0f} MiB).")


def _write_json(path: Path, line: str, results: list[Result], memory: dict[str, float]) -> None:
    raw: dict[str, Any] = {"setting": line, "resident_mebibytes": memory}
    raw["workloads"] = {result.name: result.raw() for result in results}
    path.write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")


def _exit_code(results: list[Result], *, is_bound: bool) -> int:
    is_broken = any(isinstance(result, Throughput) and not result.is_clean for result in results)
    return int(is_broken or (is_bound and not all(result.holds for result in results)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measure the service against a floor that does the least a server could do.",
        epilog="Exit status 1: a wrong reply, or a bound that does not hold (--quick only shows bounds).",
    )
    parser.add_argument("--customers", type=int, help="size of the database (1,000,000; it is kept)")
    parser.add_argument("--rounds", type=int, help="how many times the two take turns (5)")
    parser.add_argument("--seconds", type=int, help="length of a turn (4)")
    parser.add_argument(
        "--quick", action="store_true", help="20,000 customers, 3 turns of a second: a minute in all"
    )
    parser.add_argument("--only", type=_names, default=_NAMES, help=f"some of {','.join(_NAMES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers to a file")
    parser.add_argument("--no-bounds", action="store_true", help="bounds only inform, as with --quick")
    options = parser.parse_args()
    for name, value in (_QUICK if options.quick else _FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def _names(text: str) -> list[str]:
    names = [name for name in _NAMES if name in text.split(",")]
    unknown = set(text.split(",")) - set(names)
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: expected some of {','.join(_NAMES)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
