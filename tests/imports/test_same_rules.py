"""The API and the import are two doors with one set of rules: the same documents through both."""

import itertools
import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.client import Client
from tests.factories import BUSINESS, new_customer
from tests.imports import odd_documents
from tests.imports.desk import Desk

# What differs between two customers who are the same otherwise.
_OWN = {"id", "created_at", "updated_at"}
_CLEAR = "DELETE FROM customer; DELETE FROM event; DELETE FROM tag"


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def kept(desk: Desk) -> list[dict[str, Any]]:
    """What is there of each customer, in the order in which they came, with the event that told of it."""
    payloads = {event["customer_id"]: event["payload"] for event in desk.events()}
    return [
        {name: value for name, value in person.items() if name not in _OWN} | {"event": payloads[person["id"]]}
        for person in desk.people()
    ]


def test_a_thousand_odd_customers_get_the_same_verdict_and_become_the_same(desk: Desk, internal: Client) -> None:
    lines = [encoded(document) for document in odd_documents.documents()] + odd_documents.LINES
    assert len(lines) == odd_documents.COUNT
    replies = [internal.post(line) for line in lines]
    assert {reply.status_int for reply in replies} == {201, 400, 422}
    by_api = [reply.status_int == 201 for reply in replies]
    there = kept(desk)
    desk.do(_CLEAR)
    done = desk.bring(b"\n".join(lines))
    refused = {reject.line for reject in done.rejects}
    by_import = [number not in refused for number in range(1, len(lines) + 1)]
    differing = [line[:200] for line, one, other in zip(lines, by_api, by_import, strict=True) if one != other]
    assert differing == []
    assert done.counts == {"created": sum(by_api), "rejected": len(lines) - sum(by_api)}
    assert 300 < done.counts["created"] < 700
    assert kept(desk) == there


def test_what_get_shows_is_the_same(desk: Desk, internal: Client, admin: Client) -> None:
    documents = [document for document in odd_documents.documents() if "full_name" in document][:60]
    shown = [reply.json for reply in map(internal.post, map(encoded, documents)) if reply.status_int == 201]
    desk.do(_CLEAR)
    desk.bring(b"\n".join(map(encoded, documents)))
    again = [admin.get(f"/{person['id']}").json for person in desk.people()]
    assert len(again) > 20
    plain = [[{name: one[name] for name in one if name not in _OWN} for one in some] for some in (shown, again)]
    assert plain[0] == plain[1]


TIME = "2026-01-31T12:00:00Z"
ORDER = {"kind": "order", "status": "placed", "amount": "10.00", "ordered_at": TIME, "updated_at": TIME}
_TIMES: list[Any] = [
    TIME,
    "2026-01-31t12:00:00z",
    "2026-01-31T12:00:00.123456+02:00",
    "2026-01-31T12:00:00-23:59",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "2024-02-29T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:00:60Z",
    "2026-01-31T12:00:00.1234567Z",
    "2026-01-31T12:00:00",
    "2026-01-31 12:00:00Z",
    "2026-01-31",
    "٢026-01-31T12:00:00Z",
    "now",
    "",
    "infinity",
]
_ODD: dict[str, list[Any]] = {
    "kind": ["order", "booking", "Order", "", "order\0"],
    "status": ["placed", "completed", "returned", "cancelled", "paid", "", " placed"],
    "amount": [
        "0",
        "0.1",
        "12.34",
        "999999999999.99",
        "000000000001",
        "1000000000000",
        "1.234",
        "1,5",
        "-1",
        "+1",
        "1e3",
        "NaN",
        "Infinity",
        "",
        ".5",
        "٣",
    ],
    "ordered_at": _TIMES,
    "updated_at": _TIMES,
}
_WRONG: list[Any] = [None, 7, 1.5, True, [], {}, ...]
_ORDER_IDS = [
    "A-1",
    "a/b",
    "'",
    '"',
    "\\N",
    "\\.",
    "a\\b",
    "%",
    "~",
    "x" * 100,
    "x" * 101,
    "a b",
    "é",
    "a\0",
    "a\tb",
    "🐝",
]


def orders() -> list[tuple[str, dict[str, Any]]]:
    odd = [{name: value} for name, values in _ODD.items() for value in values + _WRONG]
    odd += [
        {one: first, other: second}
        for one, other in itertools.combinations(_ODD, 2)
        for first, second in zip(_ODD[one] + _WRONG, reversed(_ODD[other] + _WRONG), strict=False)
    ]
    odd += [
        dict(zip(_ODD, values, strict=True))
        for values in itertools.product(*(values[:3] for values in _ODD.values()))
    ]
    numbered = [(f"N-{number}", fields) for number, fields in enumerate(odd)]
    named = [(order_id, {}) for order_id in _ORDER_IDS]
    # one order in several writings, the latest of which is to stand whenever it comes
    times = [f"2026-01-{day:02}T12:00:00Z" for day in (3, 1, 3, 5, 5, 2, 4, 6)]
    rewritten = [
        ("again", {"updated_at": time, "amount": str(number), "status": status})
        for number, (time, status) in enumerate(itertools.product(times, ["placed", "cancelled"]))
    ]
    return [
        (order_id, {name: value for name, value in (ORDER | fields).items() if value is not ...})
        for order_id, fields in numbered + named + rewritten
    ]


def test_odd_orders_get_the_same_verdict_and_become_the_same(desk: Desk, internal: Client) -> None:
    customer = new_customer(internal)["id"]
    sent = orders()
    replies = [internal.put(f"/{customer}/orders/{quote(name, safe='')}", encoded(order)) for name, order in sent]
    by_api = [reply.status_int in (200, 201) for reply in replies]
    there = desk.orders()
    assert 100 < len(there) < len(sent) - 100
    desk.do("DELETE FROM customer_order")
    whole = [{"customer_id": customer, "order_id": name, **order} for name, order in sent]
    done = desk.bring(b"\n".join(map(encoded, whole)), "orders")
    refused = {reject.line for reject in done.rejects}
    by_import = [number not in refused for number in range(1, len(sent) + 1)]
    assert [one for one, *verdicts in zip(sent, by_api, by_import, strict=True) if len(set(verdicts)) == 2] == []
    assert desk.orders() == there
    assert done.counts["created"] == len(there) == sum(reply.status_int == 201 for reply in replies)


@pytest.mark.parametrize("fields", [{"amount": "1.5"}, {"status": "returned"}])
def test_a_members_name_that_is_not_known_is_refused_by_both(fields: Any, desk: Desk, internal: Client) -> None:
    customer = new_customer(internal)["id"]
    order = ORDER | fields | {"currency": "RON"}
    assert internal.put(f"/{customer}/orders/A-1", order).status_int == 422
    done = desk.bring([{"business_id": BUSINESS, "customer_id": customer, "order_id": "A-1", **order}], "orders")
    assert done.told == ["line 1: currency is not known"]
