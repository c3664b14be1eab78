"""The walks of console/browser, on a real service with ten thousand customers and a real browser."""

import json
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from tests.cli.processes import environment, running
from tests.client import SECRET, make_token
from tests.console.auth_service import PERSON, auth_service
from tests.servers import ROOT

CUSTOMERS = 10_000
SCREENSHOTS = ROOT / "var" / "console" / "screenshots"
_SECONDS_MOST = 600
_FIRST = ("Ionuț", "Ștefania", "Andrei", "Ana-Maria", "Bogdan", "Țurcan", "Mihaela", "Răzvan")
_LAST = ("Popescu", "Ionescu", "Bălan", "Câmpean", "Dumitrescu", "Șerban", "Munteanu")


@dataclass(frozen=True)
class Walk:
    """What came of one walk: everything that was wrong, and what it measured."""

    seconds: float
    faults: list[str]
    notes: dict[str, Any]


def walk_through(directory: Path, url: str) -> dict[str, Walk]:
    """All walks by name, one after the other, with one service and one browser."""
    with served(directory, url) as address:
        settings = {
            "BEE_ADDRESS": address,
            "BEE_TOKENS": json.dumps(tokens()),
            "BEE_OUTPUT": str(SCREENSHOTS),
            "BEE_CHROMIUM": str(shutil.which("chromium")),
        }
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        printed = subprocess.run(
            ["node", "browser/run.mjs"],
            cwd=ROOT / "console",
            env=node_environment() | settings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS_MOST,
            check=False,
        )
    assert printed.returncode == 0, printed.stderr[-4000:]
    told = [json.loads(line) for line in printed.stdout.splitlines()]
    return {one["name"]: Walk(one["seconds"], one["faults"], one["notes"]) for one in told}


@contextmanager
def served(directory: Path, url: str) -> Iterator[str]:
    """The address of a service in development, with its customers, on this database."""
    with auth_service() as auth:
        keys = {
            "AUTH_JWT_KEY": SECRET,
            "AUTH_JWT_ALGORITHMS": "HS256",
            "AUTH_SERVICE_URL": auth,
            "API_RATE": "off",
        }
        with running(directory, "bee-customers", "serve", DATABASE_URL=url, PORT="0", **keys) as program:
            address = program.wait_for_address()
            program.wait_for_answer(address)
            bring_customers(directory, url)
            yield address


def tokens() -> dict[str, str]:
    later = int(time.time()) + 3600
    return {
        "admin": make_token("admin", subject=PERSON, exp=later),
        "second": make_token("admin", subject=PERSON, exp=later + 1),
        "elsewhere": make_token("admin", business_id=str(uuid.uuid4()), exp=later),
        "internal": make_token("internal_service", exp=later),
        "expired": make_token("admin", subject=PERSON, exp=int(time.time()) - 3600),
    }


def bring_customers(directory: Path, url: str) -> None:
    """By an import, as an operator would; then the planner is told how many there are."""
    file = directory / "customers.jsonl"
    file.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in map(_row, range(CUSTOMERS))))
    command = [str(ROOT / ".venv/bin/bee-customers"), "import", "customers", str(file), "--no-events"]
    subprocess.run(
        command, cwd=directory, env=environment(DATABASE_URL=url), check=True, capture_output=True, timeout=120
    )
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute("ANALYZE customer")


def _row(number: int) -> dict[str, Any]:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
    last = "Cincizeci" if number < 50 else last  # whom one walk tags together
    return {
        "business_id": "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d",
        "full_name": f"{first} {last} {number}",
        "email": f"client{number}@posta.example",
        "phone": f"+4072{number:07d}",
        "gender": ("female", "male", None)[number % 3],
        "tags": [tag for tag, every in (("VIP", 5), ("B2B", 7), ("Newsletter", 3)) if number % every == 0],
    }


def node_environment() -> dict[str, str]:
    """With the Node that scripts/build-console uses."""
    return os.environ | {"PATH": f"{ROOT / 'var/node/bin'}:{os.environ['PATH']}"}
