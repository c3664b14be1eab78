"""A client that knows what it wrote, and compares every reply with it."""

import dataclasses
import random
import threading
import time
import uuid
from typing import Any

from soak.caller import Caller, Log, Reply

_CUSTOMERS = "/v1/customers"
_PATCH = "json-patch+json"
_AGAIN_SECONDS = 0.2
_MOMENT = "2026-02-03T10:00:00Z"
_AMOUNT = 10
# Of a hundred requests.
_SHARES = {"read": 50, "find": 10, "page": 10, "rename": 15, "create": 5, "note": 5, "order": 5}


@dataclasses.dataclass
class Known:
    """What a customer must look like."""

    id: str
    name: str
    etag: str = ""
    notes: int = 0
    orders: int = 0
    # names that a change in doubt may have left
    doubts: set[str] = dataclasses.field(default_factory=set)


class Client(threading.Thread):
    """Works until it is told to stop; with a business of its own, so that nobody else changes what it knows."""

    def __init__(self, port: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.log = Log()
        self.business = str(uuid.uuid4())
        self.known: list[Known] = []
        # seconds from one request to the next; 0 is as fast as it goes
        self.pause = 0.0
        self._caller = Caller(port)
        self._stop_asked = stop
        self._due = time.monotonic()

    def run(self) -> None:
        self.create()
        names, weights = list(_SHARES), list(_SHARES.values())
        while not self._stop_asked.is_set():
            getattr(self, random.choices(names, weights)[0])()
            self._keep_pace()
        for known in self.known:
            self._look(known)
        self._caller.close()

    def read(self) -> None:
        self._look(self._any())

    def page(self) -> None:
        reply = self._ask("list", 200, "GET", f"{_CUSTOMERS}?business_id={self.business}&limit=20")
        if reply and any(each["business_id"] != self.business for each in reply.body):
            self.log.wrong.append("list: a customer of another business")

    def find(self) -> None:
        known = self._any()
        word = known.name.split()[-1]
        reply = self._ask("search", 200, "GET", f"{_CUSTOMERS}?business_id={self.business}&search={word}")
        if reply and not known.doubts and known.id not in [each["id"] for each in reply.body]:
            self.log.wrong.append("search: a customer was not found by its name")

    def rename(self) -> None:
        known = self._any()
        if known.doubts and not self._look(known):
            return
        name = f"Ana {uuid.uuid4().hex}"
        operations = [{"op": "replace", "path": "/full_name", "value": name}]
        started = time.monotonic()
        path = f"{_CUSTOMERS}/{known.id}"
        reply = self._caller.ask("PATCH", path, operations, media=_PATCH, If_Match=known.etag)
        if self.log.note("PATCH", reply, 200, started):
            known.name, known.etag = name, reply.etag
        else:
            known.doubts = {known.name, name}

    def create(self) -> None:
        name = f"Ana {uuid.uuid4().hex}"
        body = {"business_id": self.business, "full_name": name, "user_id": str(uuid.uuid4())}
        reply = self._insist("create", 201, "POST", _CUSTOMERS, body, role="internal_service")
        if reply:
            self.known.append(Known(reply.body["id"], name, reply.etag))

    def note(self) -> None:
        known = self._any()
        if self._insist("note", 201, "POST", f"{_CUSTOMERS}/{known.id}/notes", {"content": "called"}):
            known.notes += 1

    def order(self) -> None:
        known = self._any()
        body = {"kind": "order", "status": "completed", "amount": str(_AMOUNT)}
        body |= {"ordered_at": _MOMENT, "updated_at": _MOMENT}
        path = f"{_CUSTOMERS}/{known.id}/orders/{uuid.uuid4()}"
        # said again, it is the same order: 200 where the first one was written and its reply lost
        if self._insist("order", 201, "PUT", path, body, role="internal_service", also=200):
            known.orders += 1
            self._forget_version(known)

    def _look(self, known: Known) -> bool:
        reply = self._ask("read", 200, "GET", f"{_CUSTOMERS}/{known.id}")
        if not reply:
            return False
        if reply.body["full_name"] not in (known.doubts or {known.name}):
            self.log.wrong.append("read: another name than was written")
        if not known.doubts and known.etag and reply.etag != known.etag:
            self.log.wrong.append("read: another version than was written")
        known.name, known.etag, known.doubts = reply.body["full_name"], reply.etag, set()
        return True

    def _forget_version(self, known: Known) -> None:
        """An order counts the version up, and its reply does not tell how far."""
        known.doubts = known.doubts or {known.name}

    def _any(self) -> Known:
        return random.choice(self.known)

    def _ask(self, what: str, expected: int, method: str, path: str, **options: Any) -> Reply | None:
        started = time.monotonic()
        reply = self._caller.ask(method, path, **options)
        return reply if self.log.note(what, reply, expected, started) else None

    def _insist(
        self, what: str, expected: int, method: str, path: str, body: Any, also: int = 0, **options: Any
    ) -> Reply | None:
        """Again while it is refused: the key, or the order's own id, makes it one."""
        key = str(uuid.uuid4())
        while True:
            started = time.monotonic()
            reply = self._caller.ask(method, path, body, Idempotency_Key=key, **options)
            fits = also if reply.status == also else expected
            if self.log.note(what, reply, fits, started):
                return reply
            if not reply.is_refused:
                return None
            time.sleep(_AGAIN_SECONDS)

    def _keep_pace(self) -> None:
        self._due = max(self._due + self.pause, time.monotonic() - self.pause)
        if (left := self._due - time.monotonic()) > 0:
            self._stop_asked.wait(left)
