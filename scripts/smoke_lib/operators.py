"""The operator's section of the README, walked as it stands there, and what it leaves looked at over HTTP."""

import os
import re
import subprocess
from pathlib import Path

from smoke_lib.client import CUSTOMERS, Difference
from smoke_lib.sample import Body, Run

ROOT = Path(__file__).resolve().parent.parent.parent
BUSINESS = "5b1e7c1a-0d5e-4c39-9a53-2f8f4a1b7c9d"
_SECTION = re.compile(r"^## For operators$(.*?)^## ", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"^```sh$(.*?)^```$", re.DOTALL | re.MULTILINE)
_EXIT_CODE = re.compile(r"#.*\bexits with (\d)\s*$")
_WRITTEN = ("refused.csv", "customers.csv")


class Walk:
    """`command` is where bee-customers is; it works with the database that its own environment names."""

    __name__ = "operators"

    def __init__(self, command: str) -> None:
        self._environ = {**os.environ, "PATH": f"{Path(command).parent}{os.pathsep}{os.environ['PATH']}"}

    def __call__(self, run: Run) -> None:
        self._tidy(run)
        try:
            for line in _lines():
                self._type(run, line)
            self._look(run)
        finally:
            self._tidy(run)

    def _type(self, run: Run, line: str) -> None:
        code = _EXIT_CODE.search(line)
        done = subprocess.run(
            ["bash", "-c", line], cwd=ROOT, env=self._environ, capture_output=True, text=True, timeout=120
        )
        told = (done.stderr.strip() or done.stdout.strip())[-240:]
        run.service.expect_true(
            f"`{line[:100]}` to exit with {code[1] if code else 0}",
            done.returncode == int(code[1] if code else 0),
            f"{done.returncode}: {told}",
        )

    def _look(self, run: Run) -> None:
        service, customers = run.service, _customers(run)
        service.expect("customers of the sample file", 11, len(customers))
        service.expect_true("no name without a letter", all(each["full_name"] for each in customers))
        worth = {each["full_name"]: each["lifetime_value"] for each in customers}
        service.expect("lifetime value of one with an order and a booking", "209.90", worth["Ana-Maria Ionescu"])
        loyal = {each["full_name"] for each in customers if "Loyal" in each["tags"]}
        service.expect("who was given the tag", ["Ana-Maria Ionescu", "Mária Kovács"], sorted(loyal))

    def _tidy(self, run: Run) -> None:
        for name in _WRITTEN:
            (ROOT / "var" / name).unlink(missing_ok=True)
        for each in _customers(run):
            run.service.expect_status(run.service.call("DELETE", f"{CUSTOMERS}/{each['id']}"), 204)


def _lines() -> list[str]:
    section = _SECTION.search((ROOT / "README.md").read_text(encoding="utf-8"))
    if section is None:
        raise Difference("the README has no section for operators")
    text = "\n".join(_BLOCK.findall(section[1])).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 5:
        raise Difference("the README's section for operators has hardly a command")
    return lines


def _customers(run: Run) -> list[Body]:
    reply = run.service.call("GET", CUSTOMERS, query={"business_id": BUSINESS, "limit": 200})
    return run.service.expect_status(reply, 200).items()
