"""A customer with random marks in every field who goes through every feature, and a search for them everywhere."""

import io
import random
import secrets
import subprocess
import uuid
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import redis
from webtest import TestApp

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.db.worker_session import WorkerSession
from bee_customers.events.backlog import Backlog
from bee_customers.events.delivery import Delivery
from bee_customers.events.detour import Detour
from bee_customers.events.envelope import composer
from bee_customers.events.fallback import RedisFallback
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.outbox import CHANNEL
from bee_customers.events.publisher import Outcome
from bee_customers.events.stopping import StopSignal
from bee_customers.settings import load
from bee_customers.storage.local import LocalStorage
from tests import images
from tests.client import SECRET, Client
from tests.functional.ledgers import ORDER
from tests.functional.uploading import upload
from tests.servers import PostgresServer


class Marks:
    """Personal values that nobody else has; `used` are all that were given out."""

    def __init__(self) -> None:
        self.used: dict[str, str] = {}

    def word(self, what: str) -> str:
        return self._keep(what, f"mark{secrets.token_hex(8)}")

    def email(self, what: str) -> str:
        return self._keep(what, f"mark{secrets.token_hex(8)}") + "@example.com"

    def phone(self, what: str) -> str:
        return "+40" + self._keep(what, f"72{random.randrange(10**7):07}")

    def user(self, what: str) -> str:
        return self._keep(what, str(uuid.uuid4()))

    def _keep(self, what: str, mark: str) -> str:
        self.used[what] = mark
        return mark


class Outbound:
    """A broker that keeps what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def publish(self, messages: Any) -> Outcome:
        self.bodies += [message.body for message in messages]
        return Outcome(frozenset(message.event_id for message in messages), {})

    def close(self) -> None:
        pass


class Canary:
    """One user, its life in the service, and where that could be found."""

    def __init__(self, url: str, files: Path, redis_url: str) -> None:
        self.settings = {
            "DATABASE_URL": url,
            "STORAGE_URL": f"file://{files}",
            "REDIS_URL": redis_url,
            "SECRET_KEY": "s" * 40,
            "ERASURE_GRACE": "0s",
            "AUTH_JWT_KEY": SECRET,
            "AUTH_JWT_ALGORITHMS": "HS256",
            # it changes much; the counters are to be there all the same
            "CUSTOMER_PATCH_RATE": "1000/minute",
        }
        self.url, self.files, self.redis_url = url, files, redis_url
        self.database, self.broker, self.marks = Database(url), Outbound(), Marks()
        made = wsgi.application(load({}, self.settings), self.database, LocalStorage(files))
        self._client = Client(TestApp(made))
        self.staff = self._client.as_("admin", "internal_service")
        self.user_id = self.marks.user("user")
        self.me = self._client.as_("customer", subject=self.user_id)
        self.business_id = str(uuid.uuid4())
        self.customer: dict[str, Any] = {}

    def live(self) -> None:
        """Through every feature that HTTP has; some of its events are published, some wait, some are in Redis."""
        self.create()
        self.change("one")
        self.relay()
        self.change("two")
        self.leave()
        self.change("three")

    def create(self) -> None:
        """With a customer of somebody else beside it."""
        mark = self.marks
        other = self.staff.post({"business_id": self.business_id, "full_name": "Somebody Else"}).json
        body = {
            "user_id": self.user_id,
            "business_id": self.business_id,
            "full_name": mark.word("first name"),
            "email": mark.email("first e-mail"),
            "phone": mark.phone("first phone"),
            "gender": "female",
            "tags": ["VIP"],
        }
        self.customer = self._good(self.staff.post(body, Idempotency_Key=mark.word("key of creation")))
        self.other = other

    def change(self, time: str) -> None:
        mark, path = self.marks, f"/{self.customer['id']}"
        name, email = mark.word(f"name {time}"), mark.email(f"e-mail {time}")
        changes = [
            {"op": "replace", "path": "/full_name", "value": name},
            {"op": "replace", "path": "/email", "value": email},
        ]
        self._good(self.staff.patch(path, changes))
        self._good(self.staff.merge(path, {"phone": mark.phone(f"phone {time}")}))
        note = {"content": mark.word(f"note {time}")}
        self._good(self.staff.post(note, f"{path}/notes", Idempotency_Key=mark.word(f"key of note {time}")))
        self._good(self.staff.put(f"{path}/orders/{mark.word(f'order {time}')}", ORDER))
        self._good(self.staff.post({"tags": ["B2B"]}, f"{path}/tags"))
        self._good(self.staff.delete(f"{path}/tags/B2B"))
        picture = images.encode("PNG", (90, 90))
        self._good(upload(self.staff, self.customer["id"], picture, Idempotency_Key=mark.word(f"key {time}")))
        for reading in ("", "/stats", "/orders", "/notes", "/events"):
            self._good(self.staff.get(path + reading))
        self._good(self.staff.get(f"?search={name}&count=exact"))
        self._good(self.me.get(path))

    def work_as_staff(self) -> None:
        """The user is one of the staff as well, and does something to somebody else."""
        staff, path = self._client.as_("admin", subject=self.user_id), f"/{self.other['id']}"
        self._good(staff.merge(path, {"full_name": "Somebody Renamed"}))
        key = self.marks.word("key of staff")
        self._good(staff.post({"content": "by the user"}, f"{path}/notes", Idempotency_Key=key))

    def export(self) -> dict[str, bytes]:
        key = self.marks.word("key of export")
        told = self._good(self.me.post({"user_id": self.user_id}, "/gdpr/export", Idempotency_Key=key))
        packed = self._client.get(told["zip_url"]).body
        with zipfile.ZipFile(io.BytesIO(packed)) as opened:
            return {name: opened.read(name) for name in opened.namelist()}

    def write_import(self, path: Path) -> None:
        """A file that changes the profile once more."""
        row = (self.customer["id"], self.marks.word("imported name"), self.marks.email("imported e-mail"))
        path.write_text(f"id,full_name,email\n{','.join(row)}\n")

    def relay(self) -> None:
        """Publish all that waits."""
        with self._backlog() as (backlog, stop):
            delivery = Delivery(backlog, self.broker, composer("values"), RelayMetrics())
            while rows := backlog.claim(500):
                delivery.deliver(rows, stop)

    def leave(self) -> None:
        """Put all that waits into the fallback queue."""
        with self._backlog() as (backlog, stop), closing(RedisFallback(self.redis_url)) as fallback:
            delivery = Delivery(backlog, self.broker, composer("values"), RelayMetrics())
            Detour(fallback, backlog, delivery).leave(stop)

    def found(self, log: str = "") -> dict[str, set[str]]:
        """Of each mark that is somewhere, where it is."""
        places = {"log": log.encode(), "redis": self._redis(), "database": dump(self.url), "files": self._files()}
        return {
            what: where
            for what, mark in self.marks.used.items()
            if (where := {place for place, content in places.items() if _holds(content, mark)})
        }

    def _backlog(self) -> "_Opened":
        return _Opened(self.database)

    def _redis(self) -> bytes:
        """All keys with all they hold."""
        with closing(redis.Redis.from_url(self.redis_url)) as client:
            return repr([(key, _kept(client, key)) for key in client.keys("*")]).encode()

    def _files(self) -> bytes:
        """All names and contents, of archives what is packed in them."""
        parts = []
        for path in (one for one in self.files.rglob("*") if one.is_file()):
            parts += [path.name.encode(), path.read_bytes()]
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as opened:
                    parts += [opened.read(name) for name in opened.namelist()]
        return b"\n".join(parts)

    def _good(self, reply: Any) -> Any:
        assert reply.status_int < 400, reply.body
        return reply.json if reply.body else None


class _Opened:
    """The backlog on a session of its own, as a relay has it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> tuple[Backlog, StopSignal]:
        self._session, self._stop = WorkerSession(self._database, CHANNEL), StopSignal()
        return Backlog(self._session), self._stop

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self._stop.close()


def dump(url: str) -> bytes:
    """The whole database, as an operator backs it up."""
    return subprocess.run([program("pg_dump"), url], capture_output=True, check=True).stdout


def program(name: str) -> Path:
    """A client of the very version of the server."""
    return Path(str(PostgresServer.find())).with_name(name)


def _holds(content: bytes, mark: str) -> bool:
    """Also where it is written as the bytes of a stored reply, or without the signs of a phone number."""
    return mark.encode() in content or mark.encode().hex().encode() in content


def _kept(client: Any, key: bytes) -> Any:
    """Events in a stream; all else is a counter of rate limits."""
    return client.xrange(key) if client.type(key) == b"stream" else client.get(key)
