"""GET /v1/customers/{customer_id}"""

import uuid
from typing import Any

from tests.client import Client
from tests.factories import OTHER_BUSINESS, new_customer


def test_get_returns_what_post_returned(admin: Client, customer: dict[str, Any]) -> None:
    response = admin.get(f"/{customer['id']}")
    assert response.status_int == 200
    assert response.json == customer
    assert response.headers["ETag"] == '"1"'


def test_a_known_etag_gets_an_empty_304(admin: Client, customer: dict[str, Any]) -> None:
    response = admin.get(f"/{customer['id']}", If_None_Match='W/"7", "1"')
    assert (response.status_int, response.body, response.headers["ETag"]) == (304, b"", '"1"')


def test_another_business_and_an_absent_customer_look_the_same(admin: Client, internal: Client) -> None:
    foreign = new_customer(internal, business_id=OTHER_BUSINESS)["id"]
    limited = admin.as_("admin", business_id=str(uuid.uuid4()))
    replies = [limited.get(f"/{customer_id}") for customer_id in (foreign, uuid.uuid4())]
    bodies = [{**reply.json, "instance": "", "trace_id": ""} for reply in replies]
    assert [reply.status_int for reply in replies] == [404, 404]
    assert bodies[0] == bodies[1]


def test_a_customer_sees_itself_without_tags(anyone: Client, internal: Client) -> None:
    subject = str(uuid.uuid4())
    own = new_customer(internal, user_id=subject)
    shown = anyone.as_("customer", subject=subject).get(f"/{own['id']}").json
    assert shown == {name: value for name, value in own.items() if name != "tags"}


def test_a_customer_does_not_see_others(anyone: Client, customer: dict[str, Any]) -> None:
    assert anyone.as_("customer").get(f"/{customer['id']}").status_int == 404
