"""An erasure that is killed anywhere is ended by the next run: one end state, one receipt."""

import json
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.events.envelope import compose
from bee_customers.events.fallback import RedisFallback
from bee_customers.services.avatar_files import new_key
from bee_customers.services.privacy import erasure_ledger, export_files, receipts
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.faults.dying_eraser import POINTS, kill_at
from tests.functional import rows
from tests.functional.ledgers import put
from tests.outgoing import event_row
from tests.servers import PostgresServer, RedisServer
from tests.unit.services.privacy.erasing import HASHES, SIGNATURES, Eraser

pytestmark = pytest.mark.servers


@pytest.fixture
def fallback(redis_server: RedisServer) -> Iterator[RedisFallback]:
    made = RedisFallback(redis_server.url, stream=f"bee:test:{secrets.token_hex(4)}")
    yield made
    made.close()


@pytest.fixture
def eraser(committing_database: Database, tmp_path: Any, fallback: RedisFallback) -> Eraser:
    return Eraser(committing_database, LocalStorage(tmp_path), fallback)


def live(eraser: Eraser, fallback: RedisFallback, staff: Client, user_id: str) -> list[dict[str, Any]]:
    """A user with something in every place, who was staff as well."""
    other = new_customer(staff)
    staff.as_("admin", subject=user_id).post({"content": "x"}, f"/{other['id']}/notes")
    customers = [new_customer(staff, user_id=user_id, business_id=name) for name in (BUSINESS, OTHER_BUSINESS)]
    for customer in customers:
        staff.post({"content": "likes honey"}, f"/{customer['id']}/notes", Idempotency_Key=secrets.token_hex(8))
        put(staff, customer)
        key = new_key()
        eraser.storage.put(key, b"a portrait", "image/webp")
        rows.set_customer(eraser.database, customer["id"], avatar_url=f"/media/{key}")
        entry = event_row(customer_id=uuid.UUID(customer["id"]))
        fallback.append([entry], [compose(entry)])
    eraser.storage.put(export_files.new_key(HASHES.of(f"user:{user_id}")), b"a copy", "application/zip")
    return customers


EXPECTED = {
    "avatar files": 2,
    "customer": 2,
    "customer_history": 2,
    "customer_note": 2,
    "customer_note.author": 1,
    "customer_order": 2,
    "customer_tag": 2,
    "event": 4,
    "export files": 1,
    "fallback queue": 2,
    "idempotency_key": 2,
}


@pytest.mark.parametrize("point", POINTS)
def test_whoever_is_killed_anywhere_is_followed_by_who_ends_it(
    point: str,
    eraser: Eraser,
    fallback: RedisFallback,
    committing_app: Client,
    postgres: PostgresServer,
    redis_server: RedisServer,
    tmp_path: Any,
) -> None:
    staff, user_id = committing_app.as_("internal_service", "admin"), str(uuid.uuid4())
    customers = live(eraser, fallback, staff, user_id)
    request = eraser.ask(user_id)
    assert kill_at(point, postgres.url, tmp_path, redis_server.url, fallback._stream) == -9
    outcomes = [outcome.status for outcome in eraser.run()]
    assert outcomes == ([] if point == "after finish" else ["done"])
    assert eraser.request(request.id).status == "done"
    told = receipts.check(erasure_ledger.receipt_of(eraser.database, request.id).encode(), SIGNATURES)
    assert told["erased"] == EXPECTED
    assert rows.count(eraser.database, "erasure") == 1
    for customer in customers:
        assert rows.told(eraser.database, customer["id"])[-1] == "CustomerDeletedEvent"
        assert rows.told(eraser.database, customer["id"]).count("CustomerDeletedEvent") == 1
    assert list(eraser.storage.list("")) == []
    assert fallback.depth() == 0
    left = json.dumps([list(row) for row in eraser.database.read(text("SELECT payload, actor FROM event"))])
    for value in (user_id, *(one["email"] for one in customers)):
        assert value not in left


def test_a_customer_that_staff_delete_before_the_next_run_is_still_looked_for(
    eraser: Eraser,
    fallback: RedisFallback,
    committing_app: Client,
    postgres: PostgresServer,
    redis_server: RedisServer,
    tmp_path: Any,
) -> None:
    """Its entries of the fallback queue could not be found by any row."""
    staff, user_id = committing_app.as_("internal_service", "admin"), str(uuid.uuid4())
    customers = live(eraser, fallback, staff, user_id)
    eraser.ask(user_id)
    assert kill_at("after begin", postgres.url, tmp_path, redis_server.url, fallback._stream) == -9
    for customer in customers:
        staff.delete(f"/{customer['id']}")
    assert [outcome.status for outcome in eraser.run()] == ["done"]
    assert fallback.depth() == 0
