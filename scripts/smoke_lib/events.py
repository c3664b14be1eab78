"""Events, as they come from the broker: what was done over HTTP is told there, and nothing else."""

import json
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from smoke_lib.client import CUSTOMERS, JSON_PATCH, Difference
from smoke_lib.sample import Customer, Run

ROOT = Path(__file__).resolve().parent.parent.parent
WAIT_SECONDS = 15.0
EXPORT_REQUESTED = "GDPRExportRequested"


class Listener:
    """`bee-customers events tail`, whose lines are read as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._events: list[dict[str, Any]] = []
        self._is_ready = threading.Event()
        for read in (self._read_events, self._read_messages):
            threading.Thread(target=read, daemon=True).start()
        self.said = ""

    def wait_until_ready(self) -> None:
        if not self._is_ready.wait(WAIT_SECONDS) or self._process.poll() is not None:
            raise SystemExit(f"smoke: no events to be had: {self.said.strip() or 'the broker does not answer'}")

    def of(self, customer_id: str, count: int) -> list[dict[str, Any]]:
        """The first events of a customer, waited for."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = [event for event in list(self._events) if event["customer_id"] == customer_id]
            if len(found) >= count:
                return found
            if self._process.poll() is not None:
                raise Difference(f"`events tail` ended: {self.said.strip()[-240:]}")
            if time.monotonic() > deadline:
                names = [event["event"] for event in found]
                raise Difference(f"{count} events of one customer: got {names} within {WAIT_SECONDS:.0f} s")
            time.sleep(0.02)

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._events.append(json.loads(line))

    def _read_messages(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.said += line
            if line.startswith(("listening", "Error")):
                self._is_ready.set()


@contextmanager
def listening(command: str, broker: str) -> Iterator[Listener]:
    """A private queue on the broker for as long as this lasts."""
    process = subprocess.Popen(
        [command, "events", "tail", "--json"],
        cwd=ROOT,
        env={**os.environ, "RABBITMQ_URL": broker, "LOG_LEVEL": "warning"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            listener = Listener(process)
            listener.wait_until_ready()
            yield listener
        finally:
            process.terminate()


def step(listener: Listener) -> Callable[[Run], None]:
    """The step of a run that lives one customer's life and compares it with what the broker tells."""

    def events(run: Run) -> None:
        customer = _create(run)
        _change(run, customer)
        _export(run)
        timeline = run.service.call("GET", f"{customer.path}/events", role="admin").items()
        run.service.expect_status(run.service.call("DELETE", customer.path, role="admin"), 204)
        run.created.remove(customer)
        told = listener.of(customer.id, len(timeline) + 1)
        _compare(run, told, timeline[::-1])

    return events


def _create(run: Run) -> Customer:
    ids = {"user_id": run.listener, "business_id": str(uuid.uuid4())}
    customer = Customer({**ids, "full_name": "Ilinca Tepes"})
    reply = run.service.call("POST", CUSTOMERS, customer.sent, role="internal_service")
    customer.body = run.service.expect_status(reply, 201).json()
    run.created.append(customer)
    return customer


def _change(run: Run, customer: Customer) -> None:
    patch = [{"op": "replace", "path": "/full_name", "value": "Ilinca Țepeș"}]
    service = run.service
    service.expect_status(service.call("PATCH", customer.path, patch, role="admin", media_type=JSON_PATCH), 200)
    service.expect_status(service.call("POST", f"{customer.path}/tags", {"tags": ["VIP", "smoke"]}), 200)


def _may_export(run: Run) -> bool:
    """Not where one token was given for all: its subject may have an export already, and gets the same again."""
    return run.listener != run.subject


def _export(run: Run) -> None:
    if _may_export(run):
        reply = run.service.call("POST", f"{CUSTOMERS}/gdpr/export", {"user_id": run.listener}, role="listener")
        run.service.expect_status(reply, 200)


def _compare(run: Run, told: list[dict[str, Any]], timeline: list[dict[str, Any]]) -> None:
    service = run.service
    *changes, deletion = told
    service.expect("the events told", [event["type"] for event in timeline], [event["event"] for event in changes])
    service.expect("their ids", [event["id"] for event in timeline], [event["event_id"] for event in changes])
    requested = [event for event in changes if event["event"] == EXPORT_REQUESTED]
    service.expect("requests for an export told", int(_may_export(run)), len(requested))
    for event in requested:
        service.expect_true("a request tells ids alone", "changes" not in event and "request_id" in event, event)
        service.expect("the version it leaves", changes[-2]["customer_version"], event["customer_version"])
    versions = [event["customer_version"] for event in told if event not in requested]
    service.expect("versions in order, without gaps", list(range(1, len(versions) + 1)), versions)
    service.expect("the last one", ("CustomerDeletedEvent", "deleted"), (deletion["event"], deletion["reason"]))
    service.expect_true("a deletion tells no values", "changes" not in deletion)
