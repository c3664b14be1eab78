"""Erasure: a user asks to be forgotten, thinks better of it, asks again, is erased, and holds a receipt for it."""

import json
import subprocess
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smoke_lib.client import CUSTOMERS, Difference, Reply
from smoke_lib.privacy import EXPORT
from smoke_lib.sample import Customer, Run

ROOT = Path(__file__).resolve().parent.parent.parent
ERASE = f"{CUSTOMERS}/gdpr/erase"


def step(command: str) -> Callable[[Run], None]:
    """`command` is the service's own, set up for the same database: it does what else cron does after a week."""

    def erasure(run: Run) -> None:
        own = [customer for customer in run.created if customer.body["user_id"] == run.subject]
        for stranger in (str(uuid.uuid4()), run.pick(lambda body: body["user_id"]).body["user_id"]):
            run.service.expect_problem(_ask(run, stranger), 403)
        link = run.service.expect_status(_export(run), 200).json()["zip_url"]
        where = _think_better_of_it(run)
        _carry_out(run, command, own)
        for customer in own:
            run.created.remove(customer)
        _expect_gone(run, own, link)
        _expect_receipt(run, command, where, len(own))

    return erasure


def _ask(run: Run, user_id: str) -> Reply:
    return run.service.call("POST", ERASE, {"user_id": user_id}, role="customer")


def _export(run: Run) -> Reply:
    return run.service.call("POST", EXPORT, {"user_id": run.subject}, role="customer")


def _look(run: Run, where: str) -> dict[str, Any]:
    found: dict[str, Any] = run.service.expect_status(run.service.call("GET", where, role="customer"), 200).json()
    return found


def _think_better_of_it(run: Run) -> str:
    """Ask, ask again, call it off, and ask once more; where the request stands that waits then."""
    service = run.service
    first = service.expect_status(_ask(run, run.subject), 202)
    service.expect("asking again", first.json(), service.expect_status(_ask(run, run.subject), 202).json())
    where = first.header("Location")
    service.expect("the request at its address", first.json(), _look(run, where))
    service.expect("its status", "scheduled", first.json()["status"])
    service.expect_status(service.call("DELETE", where, role="customer"), 204)
    service.expect("the status of what was called off", "cancelled", _look(run, where)["status"])
    second = service.expect_status(_ask(run, run.subject), 202).header("Location")
    service.expect_true("another request", second != where, second)
    return second


def _carry_out(run: Run, command: str, own: list[Customer]) -> None:
    seen = json.loads(_cli(command, "erase", "--user", run.subject, "--dry-run", "--json"))["would_go"]
    run.service.expect("the customers of a dry run", len(own), seen.get("customer"))
    erased = json.loads(_cli(command, "erase", "--user", run.subject, "--yes", "--json"))["erased"]
    run.service.expect("the customers erased", len(own), erased["customer"])


def _expect_gone(run: Run, own: list[Customer], link: str) -> None:
    service = run.service
    for customer in own:
        service.expect_problem(service.call("GET", customer.path), 404)
    service.expect_problem(service.call("GET", link, role=None), 410)
    service.expect_problem(_export(run), 404)


def _expect_receipt(run: Run, command: str, where: str, customers: int) -> None:
    service, request = run.service, _look(run, where)
    service.expect("the status of what is done", "done", request["status"])
    told = json.loads(request["receipt"])
    service.expect("what the receipt counts", customers, told["erased"]["customer"])
    service.expect("whose receipt it is", request["id"], told["request_id"])
    service.expect_true("a receipt without names", run.subject not in request["receipt"])
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "receipt.json")
        path.write_text(request["receipt"], encoding="utf-8")
        service.expect_true("a receipt that holds", "holds" in _cli(command, "verify", str(path)))
        altered = request["receipt"].replace(f'"customer": {customers}', f'"customer": {customers + 1}')
        path.write_text(altered, encoding="utf-8")
        _cli(command, "verify", str(path), code=1)
    service.expect_problem(service.call("DELETE", where, role="customer"), 409)


def _cli(command: str, *words: str, code: int = 0) -> str:
    done = subprocess.run([command, "gdpr", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != code:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise Difference(f"bee-customers gdpr {words[0]} ended with {done.returncode}, not {code}: {last}")
    return done.stdout
