"""Texts that break programs, in every place that takes text: kept, or refused by name; never an error of ours"""

import json
import unicodedata
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from webtest import TestResponse

from tests.client import Client
from tests.factories import new_body, new_customer
from tests.functional.problem_details import check_problem, pointers
from tests.hostile.strings import EVERY, KEPT, REFUSED, UNREADABLE

FIELDS = ("full_name", "email", "phone", "gender", "user_id", "business_id")


def dump(document: Any) -> bytes:
    """With escapes, so that halves of pairs can be sent."""
    return json.dumps(document).encode()


def settled(response: TestResponse, *statuses: int) -> None:
    """Assert one of these statuses, and a whole problem for each that refuses."""
    assert response.status_int in statuses, (response.status_int, response.body[:200])
    if response.status_int >= 400:
        check_problem(response, response.status_int)


@pytest.mark.parametrize("name", KEPT)
def test_a_line_of_text_is_kept_in_nfc_and_found_again(admin: Client, internal: Client, name: str) -> None:
    text = KEPT[name]
    shown = new_customer(internal, full_name=text)
    assert shown["full_name"] == unicodedata.normalize("NFC", text).strip()
    assert admin.get(f"/{shown['id']}").json == shown
    found = admin.get(f"?search={quote(text)}&limit=200")
    assert shown["id"] in [one["id"] for one in found.json] or len(text) > 200


@pytest.mark.parametrize("name", REFUSED | UNREADABLE)
def test_what_is_no_line_of_text_is_refused_everywhere(
    admin: Client, internal: Client, customer: dict[str, Any], name: str
) -> None:
    text = EVERY[name]
    status = 400 if name in UNREADABLE else 422
    for response in (
        internal.post(dump(new_body(full_name=text))),
        internal.post(dump(new_body(tags=[text]))),
        admin.merge(f"/{customer['id']}", dump({"full_name": text[:5000]})),
        admin.patch(f"/{customer['id']}", dump([{"op": "add", "path": "/tags/-", "value": text[:5000]}])),
        admin.post(dump({"name": text}), "/tags"),
        admin.post(dump({"tags": ["VIP", text]}), f"/{customer['id']}/tags"),
    ):
        settled(response, status)
    assert admin.get(f"/{customer['id']}").json == customer


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_another_kind_names_itself(internal: Client, field: str) -> None:
    for name, text in (KEPT | REFUSED).items():
        response = internal.post(new_body(**{field: text}))
        if response.status_int != 201:
            assert pointers(response) == {f"/{field}"}, name
            assert text[:20] not in response.json["errors"][0]["detail"] or len(text) < 5
    for text in UNREADABLE.values():
        check_problem(internal.post(dump(new_body(**{field: text}))), 400, "unreadable")


def test_a_note_gives_back_what_was_written_byte_for_byte(admin: Client, customer: dict[str, Any]) -> None:
    for name, text in EVERY.items():
        response = admin.post(dump({"content": text}), f"/{customer['id']}/notes")
        settled(response, 201, 400, 422)
        if response.status_int == 201:
            assert response.json["content"] == text, name
        assert response.status_int == 201 or name not in KEPT, name


def test_a_tag_that_was_attached_can_be_detached_by_its_address(admin: Client, customer: dict[str, Any]) -> None:
    for name, text in KEPT.items():
        if admin.post({"tags": [text]}, f"/{customer['id']}/tags").status_int != 200:
            assert len(text) > 50, name
            continue
        address = f"/v1/customers/{customer['id']}/tags/{quote(text.strip(), safe='')}"
        headers = {"Authorization": f"Bearer {admin.token}"}
        told = {"REQUEST_URI": address}  # as servers do; WebTest does not
        reply = admin.app.delete(address, headers=headers, extra_environ=told, expect_errors=True)
        assert reply.status_int == 204, name
    assert admin.get(f"/{customer['id']}").json["tags"] == ["VIP"]


QUERIES = [
    "search",
    "tag",
    "sort",
    "cursor",
    "limit",
    "count",
    "gender",
    "business_id",
    "created_from",
    "min_orders",
]


@pytest.mark.parametrize("parameter", [*QUERIES, "min_lifetime_value"])
def test_a_parameter_is_searched_for_or_refused_by_name(admin: Client, parameter: str) -> None:
    for name, text in EVERY.items():
        response = admin.get(f"?{parameter}={quote(text[:2000].encode('utf-8', 'surrogatepass'))}")
        settled(response, 200, 400, 422)
        if response.status_int == 422:
            assert pointers(response) == {parameter} or parameter == "tag", name
        assert response.status_int == 400 or name not in UNREADABLE, name


@pytest.mark.parametrize("text", EVERY.values(), ids=EVERY)
def test_a_name_of_a_parameter_and_parts_of_an_address_lead_nowhere(
    admin: Client, internal: Client, customer: dict[str, Any], text: str
) -> None:
    written = quote(text[:300].encode("utf-8", "surrogatepass"), safe="")
    settled(admin.get(f"?{written}=1"), 400, 422)
    for path in (f"/{written}", f"/gdpr/requests/{written}", f"/{customer['id']}/{written}"):
        settled(admin.get(path), 200 if not text else 404, 404, 400, 405)
    settled(admin.delete(f"/{customer['id']}/tags/{written}"), 204 if text == "VIP" else 404, 400, 404, 405, 422)
    settled(admin.app.get(f"/problems/{written}", expect_errors=True), 400, 404)
    order = {"kind": "order", "status": "placed", "amount": "1", "ordered_at": "2026-01-31T12:00:00Z"}
    put = internal.put(f"/{customer['id']}/orders/{written}", order | {"updated_at": "2026-01-31T12:00:00Z"})
    settled(put, 201, 400, 404, 405, 422)


HEADERS: dict[str, Callable[[Client, str], TestResponse]] = {
    "Accept": lambda client, text: client.get("", Accept=text),
    "If-None-Match": lambda client, text: client.get(f"/{uuid.uuid4()}", If_None_Match=text),
    "Idempotency-Key": lambda client, text: client.post({"name": "x"}, "/tags", Idempotency_Key=text),
    "Content-Type": lambda client, text: client.post({"name": "x"}, "/tags", Content_Type=text),
    "X-Request-ID": lambda client, text: client.get("", X_Request_ID=text),
    "traceparent": lambda client, text: client.get("", traceparent=text),
    "Origin": lambda client, text: client.get("", Origin=text),
    "Authorization": lambda client, text: client.get("", Authorization=f"Bearer {text}"),
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_is_read_or_refused(admin: Client, header: str) -> None:
    for name, text in EVERY.items():
        value = text[:2000].encode("utf-8", "surrogatepass").decode("latin-1")
        if any(ord(char) < 32 or ord(char) == 127 for char in value):
            continue  # the server refuses those, see test_wire.py
        response = HEADERS[header](admin, value)
        assert response.status_int < 500, (name, response.body[:200])
        assert "<script>" not in str(response.headers)
