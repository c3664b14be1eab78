"""POST and DELETE /v1/customers/{customer_id}/avatar, and /media/avatars/..."""

import io
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from webtest import TestApp, TestRequest

from bee_customers import wsgi
from bee_customers.db.engine import Database
from bee_customers.errors import DatabaseConnectionLost
from bee_customers.security.permissions import GRANTS, Permission, Role
from bee_customers.services import avatar_images, avatars
from bee_customers.services.customer_changes import utc_now
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from bee_customers.storage.s3 import S3Storage
from tests import images
from tests.client import Client
from tests.factories import OTHER_BUSINESS, new_customer
from tests.functional import rows
from tests.functional.forms import BOUNDARY, FORM, form, part
from tests.functional.problem_details import check_problem
from tests.functional.uploading import PICTURE, keys, send, upload
from tests.s3 import S3Server
from tests.servers import wait_until


def test_an_uploaded_image_becomes_the_avatar(admin: Client, customer_id: str, storage: LocalStorage) -> None:
    response = upload(admin, customer_id)
    assert (response.status_int, response.headers["ETag"], set(response.json)) == (200, '"2"', {"avatar_url"})
    shown = admin.get(f"/{customer_id}").json
    assert (shown["avatar_url"], shown["version"]) == (response.json["avatar_url"], 2)
    assert [f"/media/{key}" for key in keys(storage)] == [shown["avatar_url"]]


def test_the_event_tells_of_the_avatar(admin: Client, customer_id: str, database: Database) -> None:
    url = upload(admin, customer_id).json["avatar_url"]
    event = rows.events(database, customer_id)[-1]
    assert (event.type, event.customer_version) == ("CustomerUpdatedEvent", 2)
    assert event.payload["changes"] == {"avatar_url": url}


def test_the_avatar_is_served_to_anyone(admin: Client, anyone: Client, customer_id: str) -> None:
    url = upload(admin, customer_id).json["avatar_url"]
    response = anyone.app.get(url)
    assert images.decoded(response.body).size == (512, 384)
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Content-Length"] == str(len(response.body))
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == "inline"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    head = anyone.app.head(url)
    assert (head.body, head.headers["Content-Length"]) == (b"", str(len(response.body)))


def test_another_image_takes_the_place_of_the_first(
    admin: Client, anyone: Client, customer_id: str, storage: LocalStorage
) -> None:
    first, second = (upload(admin, customer_id).json["avatar_url"] for _ in range(2))
    assert first != second
    assert [f"/media/{key}" for key in keys(storage)] == [second]
    check_problem(anyone.app.get(first, expect_errors=True), 404, "not-found")
    assert admin.get(f"/{customer_id}").json["version"] == 3


def test_delete_takes_the_avatar_away(
    admin: Client, customer_id: str, storage: LocalStorage, database: Database
) -> None:
    upload(admin, customer_id)
    response = admin.delete(f"/{customer_id}/avatar")
    assert (response.status_int, response.body, response.headers["ETag"]) == (204, b"", '"3"')
    assert admin.get(f"/{customer_id}").json["avatar_url"] is None
    assert keys(storage) == []
    assert rows.events(database, customer_id)[-1].payload["changes"] == {"avatar_url": None}


def test_delete_without_an_avatar_changes_nothing(admin: Client, customer_id: str, database: Database) -> None:
    response = admin.delete(f"/{customer_id}/avatar")
    assert (response.status_int, response.headers["ETag"]) == (204, '"1"')
    assert len(rows.events(database, customer_id)) == 1


def test_a_deleted_customer_leaves_no_file(admin: Client, customer_id: str, storage: LocalStorage) -> None:
    upload(admin, customer_id)
    assert admin.delete(f"/{customer_id}").status_int == 204
    assert keys(storage) == []


def test_a_customer_whose_delete_is_refused_keeps_its_file(
    admin: Client, customer_id: str, storage: LocalStorage
) -> None:
    upload(admin, customer_id)
    check_problem(admin.delete(f"/{customer_id}", If_Match='"1"'), 412)
    check_problem(admin.delete(f"/{customer_id}/avatar", If_Match='"1"'), 412)
    assert len(keys(storage)) == 1


def test_an_avatar_for_another_version_leaves_no_file(
    admin: Client, customer_id: str, storage: LocalStorage
) -> None:
    response = upload(admin, customer_id, If_Match='"7"')
    check_problem(response, 412, "version-mismatch")
    assert response.headers["ETag"] == '"1"'
    assert keys(storage) == []
    assert upload(admin, customer_id, If_Match='"1"').status_int == 200


def test_an_upload_with_a_key_is_done_once(admin: Client, customer_id: str, storage: LocalStorage) -> None:
    """Framed anew by another boundary it is still the same upload."""
    first = upload(admin, customer_id, Idempotency_Key="k")
    other = f"multipart/form-data; boundary={BOUNDARY[::-1]}"
    body = form(part(PICTURE), boundary=BOUNDARY[::-1])
    again = send(admin, customer_id, body, Idempotency_Key="k", Content_Type=other)
    assert (again.json, again.headers["ETag"]) == (first.json, first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(keys(storage)) == 1
    different = upload(admin, customer_id, images.encode("PNG"), Idempotency_Key="k")
    check_problem(different, 422, "idempotency-key-reused")


def test_a_stored_reply_goes_with_its_customer(admin: Client, customer_id: str, database: Database) -> None:
    upload(admin, customer_id, Idempotency_Key="k")
    admin.delete(f"/{customer_id}")
    assert rows.count(database, "idempotency_key") == 0


def test_only_an_admin_may(anyone: Client, internal: Client, customer_id: str) -> None:
    assert {role for role, granted in GRANTS.items() if Permission.AVATARS_WRITE in granted} == {Role.ADMIN}
    for client, status in ((anyone, 401), (internal, 403), (anyone.as_("customer"), 403)):
        check_problem(upload(client, customer_id), status)
        check_problem(client.delete(f"/{customer_id}/avatar"), status)


def test_another_business_and_an_absent_customer_look_the_same(
    admin: Client, internal: Client, storage: LocalStorage
) -> None:
    foreign = new_customer(internal, business_id=OTHER_BUSINESS)["id"]
    limited = admin.as_("admin", business_id=str(uuid.uuid4()))
    for customer_id in (foreign, str(uuid.uuid4())):
        check_problem(upload(limited, customer_id), 404, "not-found")
        check_problem(limited.delete(f"/{customer_id}/avatar"), 404, "not-found")
    assert keys(storage) == []


def test_neither_the_name_nor_the_declared_type_matters(
    admin: Client, customer_id: str, storage: LocalStorage
) -> None:
    for filename in ("../../x.png", "/etc/passwd", "a.svg", "", "x" * 200, "naïve ☃.gif"):
        body = form(part(images.encode("WEBP"), filename=filename, media_type="text/html"))
        assert send(admin, customer_id, body).status_int == 200
    assert len(keys(storage)) == 1


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (images.encode("GIF", mode="P"), 415),
        (images.encode("TIFF"), 415),
        (images.encode("BMP"), 415),
        (images.frames("PNG"), 415),
        (images.frames("WEBP"), 415),
        (images.frames("MPO"), 415),
        (images.encode("PNG")[:-20], 422),
        (images.encode("JPEG")[:-20], 422),
        (images.encode("WEBP")[:-20], 422),
        (images.png(0, 0), 422),
        (images.png(30_000, 30_000), 413),
        (images.with_jpeg_size(images.encode("JPEG"), 65500, 65500), 413),
        (b"\xff\xd8\xff" + b"\0" * 5_242_878, 413),
        (b"\xff\xd8\xff" + b"\0" * 6_291_456, 413),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_file_that_is_no_good_is_refused(
    admin: Client, customer_id: str, storage: LocalStorage, content: bytes, status: int
) -> None:
    check_problem(upload(admin, customer_id, content), status)
    assert keys(storage) == []
    assert admin.get(f"/{customer_id}").json["version"] == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_broken_images_never_break_the_service(admin: Client, customer_id: str, kind: str) -> None:
    image = images.encode(kind, (300, 200))
    for broken in (*images.flips(image, 15, seed=4), *images.cuts(image, 10)):
        assert upload(admin, customer_id, broken).status_int in (200, 413, 415, 422)


def test_a_large_file_is_taken_up_to_the_limit(admin: Client, customer_id: str) -> None:
    padded = PICTURE + b"\0" * (avatar_images.BYTES_MOST - len(PICTURE))
    assert upload(admin, customer_id, padded).status_int == 200
    check_problem(upload(admin, customer_id, padded + b"\0"), 413, "too-large")


def test_a_body_over_the_limit_is_not_read(admin: Client, customer_id: str) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("the body was read")

    headers = {"Authorization": f"Bearer {admin.token}", "Content-Type": FORM}
    environ = {"wsgi.input": Unread(), "CONTENT_LENGTH": "5300000"}
    request = TestRequest.blank(f"/v1/customers/{customer_id}/avatar", environ, method="POST", headers=headers)
    response = admin.app.do_request(request, expect_errors=True)
    check_problem(response, 413, "too-large")


@pytest.mark.parametrize(
    "path",
    [
        "/media/avatars/ab/none.webp",
        f"/media/avatars/ab/{'a' * 43}.webp",
        f"/media/avatars/ab/{'a' * 43}.png",
        "/media/avatars/../../etc/passwd",
        "/media/avatars/%2e%2e/%2e%2e/etc/passwd",
        "/media/avatars/ab/..%2f..%2fx.webp",
        "/media/avatars/",
        "/media/",
        "/media/.unfinished/x",
    ],
)
def test_there_is_nothing_else_under_media(anyone: Client, path: str) -> None:
    response = anyone.app.get(path, expect_errors=True)
    check_problem(response, 404, "not-found")
    assert response.headers["Cache-Control"] == "no-store"


def test_media_can_only_be_read(admin: Client, anyone: Client, customer_id: str) -> None:
    url = upload(admin, customer_id).json["avatar_url"]
    assert anyone.app.delete(url, expect_errors=True).status_int in (404, 405)


def test_the_document_tells_of_the_upload(anyone: Client) -> None:
    operation = anyone.app.get("/openapi.json").json["paths"]["/v1/customers/{customer_id}/avatar"]["post"]
    schema = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["properties"]["file"]["format"] == "binary"
    assert {"200", "413", "415", "422", "503"} <= set(operation["responses"])


def test_a_failing_transaction_leaves_no_new_file_and_keeps_the_old_one(
    admin: Client, customer_id: str, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(admin, customer_id)
    before = keys(storage)

    def fail(*_: object) -> None:
        raise DatabaseConnectionLost("gone")

    monkeypatch.setattr(avatars, "store", fail)
    check_problem(upload(admin, customer_id), 503)
    assert keys(storage) == before


def test_a_storage_that_refuses_is_told_and_nothing_changes(
    admin: Client, customer_id: str, storage: LocalStorage, tmp_path: Path
) -> None:
    (tmp_path / "avatars").write_bytes(b"a file in the way")
    response = upload(admin, customer_id)
    check_problem(response, 503, "unavailable")
    assert "Retry-After" in response.headers
    assert admin.get(f"/{customer_id}").json["version"] == 1


def test_an_old_file_that_cannot_be_removed_fails_nothing(
    admin: Client, customer_id: str, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(admin, customer_id)
    monkeypatch.setattr(storage, "delete", lambda key: 1 / 0)
    assert upload(admin, customer_id).status_int == 200


def test_sweep_removes_old_files_that_nobody_names(
    admin: Client, customer_id: str, storage: LocalStorage, database: Database
) -> None:
    named = upload(admin, customer_id).json["avatar_url"]
    storage.put(f"avatars/xx/{'x' * 43}.webp", b"left by a crash", "image/webp")
    storage.put("exports/one.zip", b"not an avatar", "application/zip")
    assert sum(avatars.sweep(database, storage, utc_now() - avatars.UNNAMED_FOR)) == 0
    later = utc_now() + avatars.UNNAMED_FOR
    assert sum(avatars.sweep(database, storage, later)) == 1
    assert sorted(keys(storage)) == [named.removeprefix("/media/"), "exports/one.zip"]


def test_in_a_bucket_the_avatar_has_the_buckets_address(
    admin: Client, customer: dict[str, Any], shared_app: TestApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with S3Server() as server:
        for name, value in server.client_environment.items():
            monkeypatch.setenv(name, value)
        bucket = S3Storage(server.new_bucket(), "customers")
        monkeypatch.setitem(shared_app.app.registry, "storage", bucket)
        url = upload(admin, customer["id"]).json["avatar_url"]
        (file,) = bucket.list("avatars/")
        assert url == bucket.public_url(file.key)
        assert admin.delete(f"/{customer['id']}").status_int == 204
        assert list(bucket.list("")) == []


class SlowImages:
    """Stands in for the decoder: in nobody's way, but not done before it is told."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.gate = avatar_images.Gate.for_threads(4, patience=30)
        self.inside = 0

    def render(self, image: BinaryIO) -> bytes:
        with self.gate():
            self.inside += 1
            assert self.done.wait(30)
        return image.read()


def test_eight_uploads_at_once_leave_a_thread_for_reading(
    settings: Settings, committing_database: Database, tmp_path: Path
) -> None:
    application = wsgi.application(settings, committing_database, LocalStorage(tmp_path))
    slow = application.registry["avatar_images"] = SlowImages()
    client = Client(TestApp(application))
    customer_id = new_customer(client.as_("internal_service"))["id"]
    admin = client.as_("admin")
    with ThreadPoolExecutor(8) as pool:
        uploads = [pool.submit(upload, admin, customer_id) for _ in range(8)]
        # two are worked on and one waits: the other five are answered while those still are
        wait_until(lambda: sum(one.done() for one in uploads) == 5, 30, "five answers")
        assert slow.inside == 2
        assert admin.get(f"/{customer_id}").status_int == 200
        slow.done.set()
    replies = [one.result() for one in uploads]
    assert sorted(reply.status_int for reply in replies) == [200] * 3 + [503] * 5
    assert all("Retry-After" in reply.headers for reply in replies if reply.status_int == 503)
    assert admin.get(f"/{customer_id}").json["version"] == 4
