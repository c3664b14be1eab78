"""The caller's trace goes on: from the request to the event, and with it to whoever is told."""

import json
import uuid
from typing import Any

import pytest

from bee_customers.db.engine import Database
from bee_customers.db.worker_session import WorkerSession
from bee_customers.events.backlog import Backlog
from bee_customers.events.envelope import compose
from bee_customers.events.outbox import CHANNEL
from tests.client import Client
from tests.factories import new_body
from tests.functional import rows

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def event_of(database: Database, document: dict[str, Any]) -> Any:
    return rows.events(database, document["id"])[-1]


def test_a_traceparent_is_left_on_the_event(internal: Client, database: Database) -> None:
    event = event_of(database, internal.post(new_body(), traceparent=TRACEPARENT).json)
    assert (event.traceparent, event.trace_id) == (TRACEPARENT, TRACE)


def test_without_one_the_event_has_none_and_the_trace_id_of_its_request(
    internal: Client, database: Database
) -> None:
    reply = internal.post(new_body())
    event = event_of(database, reply.json)
    assert (event.traceparent, event.trace_id) == (None, reply.headers["X-Request-ID"])


@pytest.mark.parametrize(
    "header",
    [
        "hello",
        TRACEPARENT.upper(),
        f"{TRACEPARENT}-more",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{TRACEPARENT}, {TRACEPARENT}",
    ],
)
def test_one_that_is_none_is_passed_over(internal: Client, database: Database, header: str) -> None:
    event = event_of(database, internal.post(new_body(), traceparent=header, X_Request_ID="mine").json)
    assert (event.traceparent, event.trace_id) == (None, "mine")


def test_every_change_of_a_customer_carries_its_own(
    internal: Client, admin: Client, customer: dict[str, Any], database: Database
) -> None:
    span = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    admin.merge(f"/{customer['id']}", {"full_name": "Ana"}, traceparent=TRACEPARENT)
    admin.delete(f"/{customer['id']}", traceparent=span)
    told = [event.traceparent for event in rows.events(database, customer["id"])]
    assert told == [None, TRACEPARENT, span]


def test_the_message_carries_it_too(committing_app: Client, committing_database: Database) -> None:
    internal = committing_app.as_("internal_service")
    internal.post(new_body(), traceparent=TRACEPARENT)
    with_request_id = internal.post(new_body())
    with WorkerSession(committing_database, CHANNEL) as session:
        first, second = (compose(row) for row in Backlog(session).claim(10))
    assert first.headers["traceparent"] == TRACEPARENT
    assert json.loads(first.body)["trace_id"] == TRACE
    made = second.headers["traceparent"].split("-")
    assert made[:2] == ["00", with_request_id.headers["X-Request-ID"]]
    assert made[2] == uuid.UUID(second.headers["cloudEvents:id"]).hex[-16:]
