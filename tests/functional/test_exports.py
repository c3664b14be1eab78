"""All that is kept about somebody, for itself alone, by a link that ends."""

import datetime
import hashlib
import io
import json
import uuid
import zipfile
from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from webtest import TestResponse

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import UnitOfWork
from bee_customers.services.privacy import exports
from bee_customers.services.privacy.requests import ERASURE, PrivacyRequests
from bee_customers.services.privacy.subjects import Subject, SubjectHashes
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from tests import images
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.functional import rows
from tests.functional.between import Elsewhere, before_first
from tests.functional.forms import FORM, form, part
from tests.functional.problem_details import check_problem, pointers

ME = "7c1d5a2e-93f4-4b7a-8a61-2f3e4d5c6b7a"
NOW = datetime.datetime(2026, 3, 1, 8, 15, 30, 250_000, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def myself(anyone: Client, storage: LocalStorage) -> Client:
    return anyone.as_("customer", subject=ME)


@pytest.fixture
def mine(internal: Client, myself: Client) -> list[dict[str, Any]]:
    """My customers, in two businesses."""
    return [new_customer(internal, user_id=ME, business_id=name) for name in (BUSINESS, OTHER_BUSINESS)]


def ask(client: Client, user_id: str = ME, **headers: str) -> TestResponse:
    return client.post({"user_id": user_id}, "/gdpr/export", **headers)


def files_of(client: Client, reply: TestResponse) -> dict[str, bytes]:
    assert reply.status_int == 200, reply.body
    fetched = client.with_token(None).get(reply.json["zip_url"])
    assert fetched.status_int == 200, fetched.body
    with zipfile.ZipFile(io.BytesIO(fetched.body)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def stored(storage: LocalStorage) -> list[str]:
    return [file.key for file in storage.list("exports/")]


def test_a_subject_gets_its_data_of_every_business(
    myself: Client, mine: list[dict[str, Any]], admin: Client, internal: Client
) -> None:
    admin.post(form(part(images.encode("PNG"))), f"/{mine[0]['id']}/avatar", Content_Type=FORM)
    admin.post({"content": "prefers tea"}, f"/{mine[1]['id']}/notes")
    stranger = new_customer(internal)
    files = files_of(myself, ask(myself))
    customers = json.loads(files["data/customer.json"])
    assert [one["id"] for one in customers] == [one["id"] for one in mine]
    assert [note["content"] for note in json.loads(files["data/customer_note.json"])] == ["prefers tea"]
    assert files[f"avatars/{mine[0]['id']}.webp"].startswith(b"RIFF")
    assert b"data:image/webp;base64," in files["index.html"]
    told = {file["name"]: file["sha256"] for file in json.loads(files.pop("manifest.json"))["files"]}
    assert told == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert not any(str(stranger[name]).encode() in b"".join(files.values()) for name in ("id", "email"))


def test_the_reply_tells_when_the_link_ends_and_what_is_behind_it(
    myself: Client, mine: list[dict[str, Any]]
) -> None:
    with time_machine.travel(NOW, tick=False):
        reply = ask(myself.as_("customer", subject=ME))
    assert set(reply.json) == {"zip_url", "expires_at", "sha256", "size"}
    assert reply.json["expires_at"] == "2026-03-02T08:15:30Z"
    with time_machine.travel(NOW, tick=False):
        fetched = myself.with_token(None).get(reply.json["zip_url"])
    assert hashlib.sha256(fetched.body).hexdigest() == reply.json["sha256"]
    assert len(fetched.body) == reply.json["size"] == int(fetched.headers["Content-Length"])
    export_id = reply.json["zip_url"].split("/")[-1].partition("?")[0]
    assert fetched.headers["Content-Type"] == "application/zip"
    assert fetched.headers["Content-Disposition"] == f'attachment; filename="export-{export_id}.zip"'
    assert fetched.headers["Cache-Control"] == "no-store"
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("accept", ["", "*/*", "application/zip", "text/html,*/*;q=0.8"])
def test_the_link_opens_for_browsers(myself: Client, mine: list[dict[str, Any]], accept: str) -> None:
    assert myself.get(ask(myself).json["zip_url"], Accept=accept).content_type == "application/zip"


def test_the_link_does_not_open_for_who_wants_something_else(myself: Client, mine: list[dict[str, Any]]) -> None:
    check_problem(myself.get(ask(myself).json["zip_url"], Accept="application/json"), 406)


def test_a_head_of_the_link_tells_its_size(myself: Client, mine: list[dict[str, Any]]) -> None:
    reply = ask(myself)
    head = myself.app.head(reply.json["zip_url"])
    assert (head.body, int(head.headers["Content-Length"])) == (b"", reply.json["size"])


def test_asking_again_gives_the_same_while_it_lasts(
    myself: Client, mine: list[dict[str, Any]], storage: LocalStorage, database: Database
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        first = ask(myself.as_("customer", subject=ME))
        clock.shift(DAY - datetime.timedelta(seconds=1))
        assert ask(myself.as_("customer", subject=ME)).json == first.json
        clock.shift(1)
        third = ask(myself.as_("customer", subject=ME))
    assert third.json["zip_url"] != first.json["zip_url"]
    assert len(stored(storage)) == 2
    assert rows.count(database, "privacy_request") == 2
    assert rows.count(database, "event", type="GDPRExportRequested") == 4


def test_an_export_whose_file_was_lost_is_written_anew(
    myself: Client, mine: list[dict[str, Any]], storage: LocalStorage
) -> None:
    first = ask(myself)
    storage.delete(stored(storage)[0])
    check_problem(myself.get(first.json["zip_url"]), 410, "gone")
    second = ask(myself)
    assert second.json["zip_url"] != first.json["zip_url"]
    assert files_of(myself, second)


def test_each_customer_gets_an_event_and_no_new_version(
    myself: Client, mine: list[dict[str, Any]], admin: Client, database: Database
) -> None:
    admin.merge(f"/{mine[0]['id']}", {"full_name": "Ana"})
    ask(myself)
    requested = [rows.events(database, one["id"])[-1] for one in mine]
    assert [(event.type, event.routing_key) for event in requested] == [
        ("GDPRExportRequested", "customers.gdpr.export")
    ] * 2
    assert [event.customer_version for event in requested] == [2, 1]
    assert [event.payload["business_id"] for event in requested] == [BUSINESS, OTHER_BUSINESS]
    assert len({event.payload["request_id"] for event in requested}) == 1
    assert [set(event.payload) for event in requested] == [{"business_id", "request_id"}] * 2
    assert [admin.get(f"/{one['id']}").json["version"] for one in mine] == [2, 1]
    shown = admin.get(f"/{mine[0]['id']}/events").json[0]
    assert (shown["type"], shown["changes"], shown["actor"]) == ("GDPRExportRequested", None, ME)


def test_a_repeated_request_with_its_key_gets_the_first_reply(myself: Client, mine: list[dict[str, Any]]) -> None:
    first, second = (ask(myself, Idempotency_Key="k-1") for _ in range(2))
    assert second.json == first.json
    assert second.headers["Idempotency-Replayed"] == "true"


def test_another_users_data_is_refused_without_a_hint_whether_there_is_one(
    myself: Client, mine: list[dict[str, Any]], internal: Client, storage: LocalStorage
) -> None:
    other = new_customer(internal)
    bodies = []
    for user_id in (other["user_id"], str(uuid.uuid4()), mine[0]["id"], str(uuid.UUID(int=7))):
        problem = check_problem(ask(myself, user_id), 403, "forbidden")
        bodies.append({**problem, "trace_id": ""})
    assert bodies.count(bodies[0]) == len(bodies)
    assert stored(storage) == []


@pytest.mark.parametrize("subject", ["not a uuid", f"urn:uuid:{ME}x", f"{ME} "])
def test_a_token_whose_subject_is_no_user_speaks_for_nobody(
    anyone: Client, mine: list[dict[str, Any]], subject: str
) -> None:
    check_problem(ask(anyone.as_("customer", subject=subject)), 403, "forbidden")


def test_a_user_about_whom_nothing_is_kept_is_told_so(myself: Client, database: Database) -> None:
    check_problem(ask(myself), 404, "not-found")
    assert rows.count(database, "privacy_request") == 0


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"/user_id"}),
        ({"user_id": "me"}, {"/user_id"}),
        ({"user_id": None}, {"/user_id"}),
        ({"user_id": ME, "email": "x"}, {"/email"}),
        ([], {""}),
    ],
)
def test_a_body_that_names_no_user_is_invalid(myself: Client, body: Any, faults: set[str]) -> None:
    assert pointers(myself.post(body, "/gdpr/export")) == faults


def altered(signature: str) -> list[str]:
    """The signature with each of its characters replaced, cut off, and made longer."""
    flipped = [
        f"{signature[:place]}{'A' if sign != 'A' else 'B'}{signature[place + 1 :]}"
        for place, sign in enumerate(signature)
    ]
    return [*flipped, signature[:-1], f"{signature}A", signature.upper(), "", "A" * 300]


def test_a_forged_link_is_the_same_as_none(myself: Client, mine: list[dict[str, Any]]) -> None:
    address, _, signature = ask(myself).json["zip_url"].partition("?signature=")
    forged = [f"{address}?signature={text}" for text in altered(signature) if len(text) <= 200]
    forged += [address, f"{address[:-12]}{'0' * 12}?signature={signature}"]
    forged += [f"/v1/customers/gdpr/exports/{uuid.uuid4()}?signature={signature}"]
    bodies = []
    for link in forged:
        problem = check_problem(myself.get(link), 404, "not-found")
        bodies.append({**problem, "trace_id": "", "instance": ""})
    assert bodies.count(bodies[0]) == len(bodies) > 40
    assert pointers(myself.get(f"{address}?signature={'A' * 300}")) == {"signature"}
    assert pointers(myself.get(f"{address}?signature={signature}&user_id={ME}")) == {"user_id"}


def test_the_link_of_one_export_does_not_open_another(
    anyone: Client, internal: Client, storage: LocalStorage
) -> None:
    links = []
    for _ in range(2):
        made = new_customer(internal)
        own = anyone.as_("customer", subject=made["user_id"])
        links.append(ask(own, made["user_id"]).json["zip_url"].partition("?"))
    check_problem(anyone.get(f"{links[0][0]}?{links[1][2]}"), 404, "not-found")


def test_an_expired_link_is_gone_also_while_the_file_is_there(
    myself: Client, mine: list[dict[str, Any]], storage: LocalStorage
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        link = ask(myself.as_("customer", subject=ME)).json["zip_url"]
        clock.move_to(NOW.replace(microsecond=0) + DAY - datetime.timedelta(seconds=1))
        assert myself.get(link).status_int == 200
        clock.shift(1)
        check_problem(myself.get(link), 410, "gone")
    assert len(stored(storage)) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE privacy_request SET status = 'expired', expires_at = NULL, details = '{}'",
        "UPDATE privacy_request SET expires_at = now() - interval '1 second'",
        "DELETE FROM privacy_request",
    ],
)
def test_a_good_link_to_what_was_erased_or_removed_is_gone(
    myself: Client, mine: list[dict[str, Any]], database: Database, change: str
) -> None:
    link = ask(myself).json["zip_url"]
    with database.session() as session:
        session.connection().exec_driver_sql(change)
        session.commit()
    check_problem(myself.get(link), 410, "gone")


def test_no_export_is_reached_under_media(
    myself: Client, mine: list[dict[str, Any]], storage: LocalStorage
) -> None:
    ask(myself)
    (key,) = stored(storage)
    for address in (f"/media/{key}", f"/media/avatars/../{key}", f"/media/avatars/%2e%2e/{key}"):
        assert myself.app.get(address, status="*").status_int in (400, 404)


def begin(database: Database, settings: Settings, status: str) -> None:
    unit = UnitOfWork(database)
    times = {"requested_at": NOW, "due_at": NOW}
    requests = PrivacyRequests(unit.transaction, SubjectHashes(settings.subject_secret))
    requests.add(ERASURE, Subject(user_id=uuid.UUID(ME)), status=status, requested_by=ME, **times)
    unit.commit()
    unit.close()


@pytest.mark.parametrize(("status", "expected"), [("scheduled", 200), ("running", 409), ("failed", 409)])
def test_an_erasure_that_has_begun_lets_no_export_be_made(
    myself: Client,
    mine: list[dict[str, Any]],
    database: Database,
    settings: Settings,
    storage: LocalStorage,
    status: str,
    expected: int,
) -> None:
    begin(database, settings, status)
    reply = ask(myself)
    assert reply.status_int == expected
    if expected == 409:
        check_problem(reply, 409, "conflict")
        assert reply.headers["Retry-After"] == "5"
        assert stored(storage) == []


def test_of_two_exports_of_one_subject_at_once_the_second_is_told_to_wait(
    committing_app: Client, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id = new_customer(committing_app.as_("internal_service"))["user_id"]
    client = committing_app.as_("customer", subject=user_id)
    during = []

    def ask_meanwhile() -> None:
        during.append(elsewhere.do(lambda: ask(client, user_id)))

    before_first(monkeypatch, exports.ExportService, "_write", ask_meanwhile)
    first = ask(client, user_id)
    check_problem(during[0], 409, "conflict")
    assert files_of(client, first)
    assert ask(client, user_id).json == first.json


def test_the_transaction_waits_for_an_export_longer_than_for_anything_else(
    committing_app: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = []
    real = exports.ExportService._write

    def looked_at(service: exports.ExportService, *arguments: Any) -> Any:
        patience.append(service._unit.transaction.run(text("SHOW idle_in_transaction_session_timeout")).rows[0][0])
        return real(service, *arguments)

    monkeypatch.setattr(exports.ExportService, "_write", looked_at)
    customer = new_customer(committing_app.as_("internal_service"))
    ask(committing_app.as_("customer", subject=customer["user_id"]), customer["user_id"])
    assert patience == ["15min"]


def test_a_customer_deleted_while_it_is_exported_leaves_no_file_behind(
    committing_app: Client, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, shared_storage: LocalStorage
) -> None:
    customer = new_customer(committing_app.as_("internal_service"))
    admin, before = committing_app.as_("admin"), set(stored(shared_storage))

    def delete() -> None:
        elsewhere.do(lambda: admin.delete(f"/{customer['id']}"))

    before_first(monkeypatch, exports.ExportService, "_record", delete)
    reply = ask(committing_app.as_("customer", subject=customer["user_id"]), customer["user_id"])
    check_problem(reply, 404, "not-found")
    assert set(stored(shared_storage)) == before
