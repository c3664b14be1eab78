"""Privacy: a user asks for all that is kept about it, fetches it, and finds it whole."""

import csv
import hashlib
import io
import json
import re
import uuid
import zipfile
from datetime import UTC, datetime
from html import escape
from typing import Any

from smoke_lib.client import CUSTOMERS, Difference, Reply
from smoke_lib.sample import Customer, Run

EXPORT = f"{CUSTOMERS}/gdpr/export"
_NOTE = "=HYPERLINK(1) și <b>un ceai</b>"


def export(run: Run) -> None:
    service, own = run.service, _own(run)
    _give(run, own[0])
    for stranger in (str(uuid.uuid4()), run.pick(lambda body: body["user_id"]).body["user_id"]):
        service.expect_problem(_ask(run, stranger), 403)
    asked_at = datetime.now(UTC)
    told = service.expect_status(_ask(run, run.subject), 200).json()
    service.expect("asking again", told, service.expect_status(_ask(run, run.subject), 200).json())
    files = _fetch(run, told)
    _expect_whole(run, files)
    if datetime.fromisoformat(json.loads(files["manifest.json"])["made_at"]) >= asked_at:
        _expect_contents(run, files, own)
    else:
        print("the export of an earlier run can still be fetched: what is in it was not compared")
    _expect_nothing_by_other_links(run, told["zip_url"])


def _own(run: Run) -> list[Customer]:
    own = [customer for customer in run.created if customer.body["user_id"] == run.subject]
    if not own:
        raise Difference("no customer of the customer token's subject is left")
    return own


def _give(run: Run, customer: Customer) -> None:
    run.service.expect_status(run.service.call("POST", f"{customer.path}/notes", {"content": _NOTE}), 201)
    order = {"kind": "order", "status": "completed", "amount": "149.90"}
    times = {"ordered_at": "2025-03-01T12:00:00Z", "updated_at": "2025-03-01T12:00:00Z"}
    path = f"{customer.path}/orders/smoke-export"
    reply = run.service.call("PUT", path, {**order, **times}, role="internal_service")
    run.service.expect_status(reply, 201)


def _ask(run: Run, user_id: str) -> Reply:
    return run.service.call("POST", EXPORT, {"user_id": user_id}, role="customer")


def _fetch(run: Run, told: dict[str, Any]) -> dict[str, bytes]:
    """The files, fetched without a token as a browser would."""
    service = run.service
    reply = service.expect_status(service.call("GET", told["zip_url"], role=None), 200)
    service.expect("the ZIP's media type", "application/zip", reply.header("Content-Type"))
    service.expect("the ZIP's Cache-Control", "no-store", reply.header("Cache-Control"))
    service.expect_true("the ZIP as an attachment", reply.header("Content-Disposition").startswith("attachment"))
    service.expect("the ZIP's size", told["size"], len(reply.body))
    service.expect("the ZIP's digest", told["sha256"], hashlib.sha256(reply.body).hexdigest())
    with zipfile.ZipFile(io.BytesIO(reply.body)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _expect_whole(run: Run, files: dict[str, bytes]) -> None:
    told = {file["name"]: file["sha256"] for file in json.loads(files["manifest.json"])["files"]}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    run.service.expect(
        "the files that the manifest tells", {**digests, "manifest.json": None}, {**told, "manifest.json": None}
    )
    run.service.expect_true("names that are safe", not any(".." in name or name.startswith("/") for name in files))


def _expect_contents(run: Run, files: dict[str, bytes], own: list[Customer]) -> None:
    service, page = run.service, files["index.html"].decode()
    kept = {row["id"]: row for row in json.loads(files["data/customer.json"])}
    service.expect("the customers in it", sorted(customer.id for customer in own), sorted(kept))
    for customer in own:
        shown = service.call("GET", customer.path).json()
        known = {name: shown[name] for name in ("full_name", "email", "phone", "gender", "lifetime_value")}
        service.expect(f"{customer.path} in it", known, {name: kept[customer.id][name] for name in known})
        service.expect_true("the name on the page", escape(shown["full_name"]) in page)
    service.expect_true("the note on the page, as text", escape(_NOTE) in page and _NOTE not in page)
    leads_out = re.search(r"""(src|href)=["']?(?!["']?data:)""", page)
    service.expect_true("a page that loads nothing", "default-src 'none'" in page and leads_out is None)
    notes, orders = _sheet(files, "notes.csv"), _sheet(files, "orders.csv")
    service.expect_true("no formula among the notes", f"'{_NOTE}" in [note["content"] for note in notes])
    service.expect_true("the order", "149.90" in [order["amount"] for order in orders])


def _sheet(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"))))


def _expect_nothing_by_other_links(run: Run, link: str) -> None:
    address, _, signature = link.partition("?signature=")
    forged = signature[:20] + ("A" if signature[20] != "A" else "B") + signature[21:]
    for other in (address, f"{address}?signature={forged}", f"{EXPORT}s/{uuid.uuid4()}?signature={signature}"):
        run.service.expect_problem(run.service.call("GET", other, role=None), 404)
