"""Idempotency-Key on POST"""

import datetime
import threading
import uuid
from typing import Any

import pytest
import time_machine
from webtest import TestApp, TestResponse

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork
from bee_customers.errors import DatabaseConnectionLost
from bee_customers.services import customers
from tests.client import Client
from tests.factories import OTHER_BUSINESS, new_body
from tests.functional import rows
from tests.functional.problem_details import check_problem

KEY = "5f0c-order-17"


def create(client: Client, body: Any, key: str = KEY, **headers: str) -> TestResponse:
    return client.post(body, Idempotency_Key=key, **headers)


def test_a_repeated_request_gets_the_first_reply_and_does_nothing(
    internal: Client, admin: Client, database: Database
) -> None:
    body = new_body()
    first, second = create(internal, body), create(internal, body)
    assert (second.status_int, second.body) == (201, first.body)
    for name in ("Location", "ETag", "Content-Type"):
        assert second.headers[name] == first.headers[name]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert rows.count(database, "customer") == rows.count(database, "event") == 1


def test_the_reply_is_the_first_one_whatever_happened_since(internal: Client, admin: Client) -> None:
    body = new_body()
    first = create(internal, body)
    admin.merge(f"/{first.json['id']}", {"full_name": "Ana"})
    assert create(internal, body).json == first.json


def test_the_same_key_with_another_body_is_refused(internal: Client, database: Database) -> None:
    body = new_body()
    first = create(internal, body)
    check_problem(create(internal, body | {"full_name": "Ana"}), 422, "idempotency-key-reused")
    assert create(internal, body).json == first.json
    assert rows.count(database, "customer") == 1


def test_a_key_belongs_to_its_caller(anyone: Client, database: Database) -> None:
    replies = [
        create(anyone.as_("internal_service", subject=subject), new_body(full_name=subject))
        for subject in ("a", "b")
    ]
    assert [reply.json["full_name"] for reply in replies] == ["a", "b"]


def test_a_key_does_not_stand_for_a_right(internal: Client, anyone: Client) -> None:
    subject = str(uuid.uuid4())
    body = new_body()
    assert create(anyone.as_("internal_service", subject=subject), body).status_int == 201
    check_problem(create(anyone.as_("admin", subject=subject), body), 403, "forbidden")
    check_problem(create(anyone, body), 401, "unauthenticated")


@pytest.mark.parametrize("change", [{"full_name": ""}, {"shoe": 1}, {"business_id": "x"}])
def test_a_refused_request_is_not_kept(internal: Client, database: Database, change: Any) -> None:
    body = new_body()
    check_problem(create(internal, body | change), 422)
    assert rows.count(database, "idempotency_key") == 0
    assert create(internal, body).status_int == 201


def test_a_conflict_is_not_kept(internal: Client, admin: Client, customer: dict[str, Any]) -> None:
    body = new_body(user_id=customer["user_id"])
    check_problem(create(internal, body), 409, "already-exists")
    admin.delete(f"/{customer['id']}")
    assert create(internal, body).status_int == 201


@pytest.mark.parametrize("key", ["", "a b", " ", "x" * 256, "é", "a\tb"])
def test_a_key_that_is_none_is_refused(internal: Client, admin: Client, key: str) -> None:
    check_problem(create(internal, new_body(), key), 400, "unreadable")
    assert admin.get("").json == []


@pytest.mark.parametrize("key", ["x", "!" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "';--"])
def test_any_visible_key_is_taken(internal: Client, key: str) -> None:
    body = new_body()
    assert create(internal, body, key).json == create(internal, body, key).json


def test_without_a_key_nothing_is_kept(internal: Client, database: Database) -> None:
    body = new_body(user_id=None)
    assert internal.post(body).json["id"] != internal.post(body).json["id"]
    assert rows.count(database, "idempotency_key") == 0


def test_a_key_is_forgotten_after_a_day(anyone: Client, database: Database) -> None:
    now = datetime.datetime.now(datetime.UTC)
    body, ids = new_body(user_id=None), []
    for hours in (0, 23.9, 24.1, 47):
        with time_machine.travel(now + datetime.timedelta(hours=hours), tick=True):
            response = create(anyone.as_("internal_service", subject="shop"), body)
            assert response.status_int == 201
            ids.append(response.json["id"])
    assert ids[0] == ids[1]
    assert ids[1] != ids[2]
    assert ids[2] == ids[3]
    assert rows.count(database, "idempotency_key") == 1


def test_an_expired_key_takes_another_body(anyone: Client) -> None:
    create(anyone.as_("internal_service", subject="shop"), new_body())
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=25), tick=True):
        later = create(anyone.as_("internal_service", subject="shop"), new_body(full_name="Ana"))
        assert later.json["full_name"] == "Ana"


def test_a_deleted_customer_takes_its_stored_reply_along(
    internal: Client, admin: Client, database: Database
) -> None:
    body = new_body()
    first = create(internal, body).json
    admin.delete(f"/{first['id']}")
    assert rows.count(database, "idempotency_key") == 0
    again = create(internal, body)
    assert (again.status_int, again.json["id"] != first["id"]) == (201, True)


def test_a_request_in_flight_is_not_done_twice(
    committing_app: Client, committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    internal, body = committing_app.as_("internal_service", subject="shop"), new_body()
    is_inside, may_go_on = threading.Event(), threading.Event()
    real, replies = customers.CustomerService.create, []

    def slow(*arguments: Any) -> Any:
        is_inside.set()
        assert may_go_on.wait(20)
        return real(*arguments)

    monkeypatch.setattr(customers.CustomerService, "create", slow)
    first = threading.Thread(target=lambda: replies.append(create(internal, body)))
    first.start()
    try:
        assert is_inside.wait(20)
        rival = Client(TestApp(committing_app.app.app), internal.token)
        check_problem(create(rival, body), 409, "idempotency-key-in-flight")
    finally:
        may_go_on.set()
        first.join(20)
    assert replies[0].status_int == 201
    assert create(rival, body).json == replies[0].json
    assert rows.count(committing_database, "customer") == 1


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_reply_lost_with_its_connection_is_made_up_for(
    committing_app: Client, committing_database: Database, monkeypatch: pytest.MonkeyPatch, is_committed: bool
) -> None:
    internal, body = committing_app.as_("internal_service", subject="shop"), new_body()
    real = UnitOfWork.commit

    def crash(unit: UnitOfWork) -> None:
        unit.is_committing = True
        if is_committed:
            real(unit)
        raise DatabaseConnectionLost("the connection broke in the commit")

    with monkeypatch.context() as broken:
        broken.setattr(UnitOfWork, "commit", crash)
        lost = create(internal, body)
    check_problem(lost, 503, "unavailable")
    assert lost.headers["Retry-After"]
    again = create(internal, body)
    assert (again.status_int, "Idempotency-Replayed" in again.headers) == (201, is_committed)
    assert rows.count(committing_database, "customer") == rows.count(committing_database, "event") == 1


def test_a_token_of_another_business_is_not_given_the_reply(anyone: Client) -> None:
    body = new_body()
    for business, status in ((body["business_id"], 201), (OTHER_BUSINESS, 403)):
        service = anyone.as_("internal_service", subject="shop", business_id=business)
        assert service.post(body, Idempotency_Key="k").status_int == status
