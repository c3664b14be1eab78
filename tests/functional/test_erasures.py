"""Asking to be forgotten, by HTTP: for oneself alone, with time to call it off."""

import datetime
import json
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from webtest import TestResponse

from bee_customers.db.engine import Database
from bee_customers.security.signatures import Signatures
from bee_customers.services.privacy import receipts, stores
from bee_customers.services.privacy.erasure import Erasures
from bee_customers.services.privacy.erasure_steps import ErasureSteps
from bee_customers.services.privacy.subjects import SubjectHashes
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.functional import rows
from tests.functional.problem_details import check_problem, pointers

Cron = Callable[..., list[str]]
ME = "7c1d5a2e-93f4-4b7a-8a61-2f3e4d5c6b7a"


@pytest.fixture
def myself(anyone: Client) -> Client:
    return anyone.as_("customer", subject=ME)


@pytest.fixture
def mine(internal: Client) -> dict[str, Any]:
    return new_customer(internal, user_id=ME)


def ask(client: Client, user_id: str = ME, **headers: str) -> TestResponse:
    return client.post({"user_id": user_id}, "/gdpr/erase", **headers)


def location(reply: TestResponse) -> str:
    assert reply.status_int == 202, reply.body
    return urlsplit(reply.headers["Location"]).path


def carry_out(database: Database, settings: Settings, storage: LocalStorage, *, is_due: bool = True) -> list[str]:
    """What cron does, after a week if what waits is to be due."""
    if is_due:
        rows.run(database, "UPDATE privacy_request SET due_at = requested_at")
    hashes = SubjectHashes(settings.subject_secret)
    signatures = Signatures(settings.subject_secret, receipts.PURPOSE)
    steps = ErasureSteps(database, stores.registered(storage, None), hashes, signatures)
    erasures = Erasures(database, steps, hashes)
    return [outcome.status for batch in erasures.run_due() for outcome in batch]


@pytest.fixture
def cron(database: Database, settings: Settings, storage: LocalStorage) -> Cron:
    return partial(carry_out, database, settings, storage)


def test_a_request_waits_for_a_week_and_tells_where_it_stands(myself: Client, mine: dict[str, Any]) -> None:
    asked = ask(myself)
    found = myself.get(location(asked))
    assert (found.status_int, found.json) == (200, asked.json)
    request = found.json
    assert location(asked) == f"/v1/customers/gdpr/requests/{request['id']}"
    assert (request["kind"], request["status"]) == ("erasure", "scheduled")
    assert (request["completed_at"], request["cancelled_by"], request["receipt"]) == (None, None, None)
    due, requested = (datetime.datetime.fromisoformat(request[name]) for name in ("due_at", "requested_at"))
    assert due - requested == datetime.timedelta(days=7)


def test_nothing_happens_before_it_is_due(admin: Client, myself: Client, mine: dict[str, Any], cron: Cron) -> None:
    ask(myself)
    assert cron(is_due=False) == []
    assert admin.get(f"/{mine['id']}").json == mine


def test_asking_again_gives_the_same_request(myself: Client) -> None:
    replies = [
        ask(myself),
        ask(myself),
        ask(myself, Idempotency_Key="a-key"),
        ask(myself, Idempotency_Key="a-key"),
    ]
    assert len({reply.body for reply in replies}) == 1
    assert len({location(reply) for reply in replies}) == 1


def test_when_it_is_done_the_user_has_a_receipt_that_holds(
    admin: Client, myself: Client, mine: dict[str, Any], database: Database, settings: Settings, cron: Cron
) -> None:
    where = location(ask(myself, Idempotency_Key="a-key"))
    assert cron() == ["done"]
    check_problem(admin.get(f"/{mine['id']}"), 404, "not-found")
    request = myself.get(where).json
    assert request["status"] == "done"
    assert request["completed_at"] > request["requested_at"]
    told = receipts.check(request["receipt"].encode(), Signatures(settings.subject_secret, receipts.PURPOSE))
    assert told["request_id"] == request["id"]
    assert told["erased"] == {
        "customer": 1,
        "customer_history": 1,
        "customer_tag": 1,
        "event": 1,
        "idempotency_key": 1,
    }
    assert rows.count(database, "idempotency_key") == 0


def test_a_link_to_an_export_leads_nowhere_after_the_erasure(
    committing_app: Client, committing_database: Database, settings: Settings, shared_storage: LocalStorage
) -> None:
    """With real commits, for an export holds its subject until the end of its transaction."""
    myself = committing_app.as_("customer", subject=ME)
    new_customer(committing_app.as_("internal_service"), user_id=ME)
    link = myself.post({"user_id": ME}, "/gdpr/export").json["zip_url"]
    ask(myself)
    assert myself.get(link).status_int == 200
    assert carry_out(committing_database, settings, shared_storage) == ["done"]
    check_problem(myself.get(link), 410, "gone")
    check_problem(myself.post({"user_id": ME}, "/gdpr/export"), 404, "not-found")


def test_a_user_who_comes_back_may_ask_again(
    internal: Client, myself: Client, mine: dict[str, Any], cron: Cron
) -> None:
    first = location(ask(myself))
    cron()
    new_customer(internal, user_id=ME)
    second = location(ask(myself))
    assert first != second
    assert cron() == ["done"]
    assert [myself.get(where).json["status"] for where in (first, second)] == ["done", "done"]


@pytest.mark.parametrize("caller", ["myself", "admin"])
def test_it_can_be_called_off_while_it_waits(
    caller: str, admin: Client, myself: Client, mine: dict[str, Any], cron: Cron
) -> None:
    where = location(ask(myself))
    client = {"myself": myself, "admin": admin}[caller]
    for _ in range(2):
        reply = client.delete(where)
        assert (reply.status_int, reply.body) == (204, b"")
    request = myself.get(where).json
    assert (request["status"], request["cancelled_by"]) == (
        "cancelled",
        {"myself": "user", "admin": "staff"}[caller],
    )
    assert cron() == []
    assert location(ask(myself)) != where


def test_it_cannot_be_called_off_once_it_is_done(myself: Client, mine: dict[str, Any], cron: Cron) -> None:
    where = location(ask(myself))
    cron()
    problem = check_problem(myself.delete(where), 409, "conflict")
    assert problem["detail"] == "the erasure is done: only an erasure that waits is cancelled"


def test_an_export_is_shown_too_and_cannot_be_called_off(myself: Client, mine: dict[str, Any]) -> None:
    export = myself.post({"user_id": ME}, "/gdpr/export").json
    where = export["zip_url"].partition("?")[0].replace("/exports/", "/requests/")
    request = myself.get(where).json
    assert (request["kind"], request["status"], request["receipt"]) == ("export", "done", None)
    check_problem(myself.delete(where), 409, "conflict")


def test_for_another_user_it_is_refused_whether_there_is_one_or_not(
    internal: Client, myself: Client, mine: dict[str, Any], database: Database
) -> None:
    other = new_customer(internal)
    bodies = [
        check_problem(ask(myself, user_id), 403, "forbidden") for user_id in (other["user_id"], str(uuid.uuid4()))
    ]
    assert {json.dumps({**body, "trace_id": ""}) for body in bodies} == {json.dumps({**bodies[0], "trace_id": ""})}
    assert rows.count(database, "privacy_request") == 0


def test_another_users_request_is_not_there(anyone: Client, myself: Client, mine: dict[str, Any]) -> None:
    where = location(ask(myself))
    other = anyone.as_("customer")
    for reply in (other.get(where), other.delete(where), myself.get(f"/gdpr/requests/{uuid.uuid4()}")):
        check_problem(reply, 404, "not-found")
    assert myself.get(where).json["status"] == "scheduled"


def test_an_admin_knows_of_requests_of_its_own_customers_only(
    anyone: Client, internal: Client, myself: Client, mine: dict[str, Any]
) -> None:
    where = location(ask(myself))
    own, foreign, none = (anyone.as_("admin", business_id=business) for business in (BUSINESS, OTHER_BUSINESS, []))
    assert own.get(where).json["id"] == myself.get(where).json["id"]
    for admin in (foreign, none):
        for reply in (admin.get(where), admin.delete(where)):
            check_problem(reply, 404, "not-found")


def test_staff_calls_off_what_is_about_customers_of_its_own_businesses_alone(
    anyone: Client, internal: Client, myself: Client, mine: dict[str, Any], database: Database
) -> None:
    where = location(ask(myself))
    new_customer(internal, user_id=ME, business_id=OTHER_BUSINESS)
    for business in (BUSINESS, OTHER_BUSINESS, [OTHER_BUSINESS, str(uuid.uuid4())]):
        limited = anyone.as_("admin", business_id=business)
        assert limited.get(where).status_int == 200
        check_problem(limited.delete(where), 403, "forbidden")
    assert myself.get(where).json["status"] == "scheduled"
    of_both = anyone.as_("admin", subject="the boss", business_id=[OTHER_BUSINESS, BUSINESS])
    assert of_both.delete(where).status_int == 204
    assert myself.get(where).json["cancelled_by"] == "staff"
    assert rows.count(database, "privacy_request", cancelled_by="the boss") == 1


def test_staff_of_one_business_calls_off_its_own_request_in_all(
    anyone: Client, internal: Client, myself: Client, mine: dict[str, Any]
) -> None:
    where = location(ask(myself))
    both = anyone.as_("customer", "admin", subject=ME, business_id=OTHER_BUSINESS)
    assert both.delete(where).status_int == 204
    assert myself.get(where).json["cancelled_by"] == "user"


def test_who_is_erased_is_no_longer_known_to_an_admin_of_its_business(
    anyone: Client, admin: Client, myself: Client, mine: dict[str, Any], cron: Cron
) -> None:
    where = location(ask(myself))
    cron()
    check_problem(anyone.as_("admin", business_id=BUSINESS).get(where), 404, "not-found")
    assert admin.get(where).json["status"] == "done"


def test_staff_that_is_a_customer_too_sees_its_own_request(anyone: Client, myself: Client) -> None:
    where = location(ask(myself))
    both = anyone.as_("customer", "admin", subject=ME, business_id=OTHER_BUSINESS)
    assert both.get(where).status_int == 200


@pytest.mark.parametrize("body", [{}, {"user_id": "x"}, {"user_id": ME, "reason": "x"}, {"user_id": None}])
def test_a_body_that_names_nobody_is_refused(myself: Client, body: dict[str, Any]) -> None:
    reply = myself.post(body, "/gdpr/erase")
    assert (reply.status_int, len(pointers(reply))) == (422, 1)


@pytest.mark.parametrize("request_id", ["x", "0190d3a4-6f5b-7c1e-9a53"])
def test_what_is_no_id_is_not_found(myself: Client, request_id: str) -> None:
    check_problem(myself.get(f"/gdpr/requests/{request_id}"), 404, "not-found")


def test_who_works_with_a_customer_finds_what_its_person_asked_for(
    admin: Client, anyone: Client, myself: Client, mine: dict[str, Any]
) -> None:
    path = f"/{mine['id']}/privacy-requests"
    assert admin.get(path).json == []
    ask(myself)
    myself.post({"user_id": ME}, "/gdpr/export")
    shown = admin.get(path).json
    assert [(found["kind"], found["status"]) for found in shown] == [("export", "done"), ("erasure", "scheduled")]
    assert shown[1] == myself.get(f"/gdpr/requests/{shown[1]['id']}").json
    assert myself.get(path).json == shown
    foreign = anyone.as_("admin", business_id=[OTHER_BUSINESS]).get(path)
    check_problem(foreign, 404, "not-found")


def test_requests_of_another_person_are_not_among_a_customers(
    admin: Client, internal: Client, myself: Client, mine: dict[str, Any]
) -> None:
    ask(myself)
    other = new_customer(internal)
    assert admin.get(f"/{other['id']}/privacy-requests").json == []
