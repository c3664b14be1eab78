"""The words of the command line."""

import argparse
from pathlib import Path

# what only reads comes first: writes leave younger rows, dead ones and a longer index behind
_NAMES = (
    *("get", "list", "stats", "notes", "page10000", "search", "history", "watching"),
    *("create", "patch", "attach", "order", "upload", "limits"),
    *("relay", "delivery", "frozen", "backlog"),
    *("slow", "processes"),
    *("verify", "recompute", "export"),
    *("import", "orders"),
)
_QUICK = {"customers": 20_000, "rounds": 3, "seconds": 1, "drain": 15}
_FULL = {"customers": 1_000_000, "rounds": 5, "seconds": 4, "drain": 600}


def chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measure the service against a floor that does the least a server could do.",
        epilog="Exit status 1: a wrong reply, or a bound that does not hold (--quick only shows bounds).",
    )
    parser.add_argument("--customers", type=int, help="size of the database (1,000,000; it is kept)")
    parser.add_argument("--rounds", type=int, help="how many times the two take turns (5)")
    parser.add_argument("--seconds", type=int, help="length of a turn (4)")
    parser.add_argument(
        "--drain",
        type=int,
        help="seconds at most in which the relay publishes all that waits, for `backlog` (600)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="20,000 customers, 3 turns of a second: four minutes in all"
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
