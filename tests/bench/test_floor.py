"""The floor answers as the service does, and leaves the same rows behind."""

import json
import uuid

import pytest

from bench import names, pools
from bench.data import EXTREMES, connected
from bench.replies import WrongReply, check_replies
from bench.web import bearer

ORDER = {"kind": "order", "status": "completed", "amount": "149.90"}


def answer(web, method, path, role="admin", body=None):
    headers = {**bearer(role), "Content-Type": "application/json"}
    status, content = web.request(method, path, headers, json.dumps(body).encode() if body else None)
    assert status in (200, 201), content
    return json.loads(content)


def changes(database, path):
    """What the events of a customer tell, and its version."""
    with connected(database) as cursor:
        identifier = path.split("/")[3]
        cursor.execute(
            "SELECT type, routing_key, payload - 'business_id' FROM event WHERE customer_id = %s"
            " ORDER BY customer_version",
            (identifier,),
        )
        told = cursor.fetchall()
        cursor.execute("SELECT version, total_orders, lifetime_value FROM customer WHERE id = %s", (identifier,))
        return told, cursor.fetchone()


@pytest.mark.parametrize("name", ["get", "list", "stats", "notes", "create", "patch", "attach", "order"])
def test_the_replies_are_the_same(all_workloads, service, floor, name):
    check_replies(all_workloads[name], service, floor)


@pytest.mark.parametrize("kind", ["stats", "notes"])
def test_they_are_the_same_for_many_customers(drawn, service, floor, kind):
    paths = pools.first_lines(getattr(drawn, kind), 60)
    for path in [*paths, *(f"/v1/customers/{identifier}/{kind}" for identifier in EXTREMES.values())]:
        ours, theirs = (answer(web, "GET", path) for web in (service, floor))
        if kind == "stats":
            ours.pop("computed_at"), theirs.pop("computed_at")
        assert ours == theirs


def test_orders_leave_the_same_behind(made, drawn, service, floor):
    """Two for each, the second of an earlier day."""
    paths = pools.first_lines(drawn.without_orders, 12)[10:]
    left = []
    for web, path in zip((service, floor), paths, strict=True):
        before = len(changes(made, path)[0])
        for moment in ("2026-05-05T23:30:00Z", "2026-03-03T00:30:00Z"):
            body = {**ORDER, "ordered_at": moment, "updated_at": moment}
            reply = answer(web, "PUT", f"{path}/orders/{uuid.uuid4()}", "internal_service", body)
            assert {**reply, "order_id": ""} == {"order_id": "", **body}
        told, counted = changes(made, path)
        left.append((told[before:], counted, stats_of(service, path)))
    assert left[0] == left[1]


def test_attaching_leaves_the_same_behind(made, drawn, service, floor):
    """Of ten tags, some are carried already."""
    plain = [path for path in pools.first_lines(drawn.many_customers, 200)[20:] if not tags_of(service, path)][:2]
    tags = [name for name, _ in names.labels()]
    left = []
    for web, path in zip((service, floor), plain, strict=True):
        replies = [
            answer(web, "POST", f"{path}/tags", body={"tags": tags[start : start + 10]}) for start in (5, 0)
        ]
        told, (version, *_) = changes(made, path)
        left.append((replies, told, version, tags_of(service, path)))
    assert left[0] == left[1]
    assert len(left[0][3]) == 15


def tags_of(web, path):
    return answer(web, "GET", path)["tags"]


def stats_of(web, path):
    return {**answer(web, "GET", f"{path}/stats"), "computed_at": ""}


class Lying:
    """A web process that answers one thing whatever it is asked."""

    name = "floor"

    def __init__(self, status, document):
        self.status, self.document = status, document

    def request(self, *_):
        return self.status, json.dumps(self.document).encode()


@pytest.mark.parametrize(
    ("name", "status", "document"),
    [
        ("get", 404, {}),
        ("get", 200, {"id": "another"}),
        ("notes", 200, []),
        ("stats", 200, {"total_orders": 3}),
        ("stats", 200, {"computed_at": "now"}),
        ("attach", 200, ["Campania 1"]),
        ("order", 201, {"order_id": "x"}),
    ],
)
def test_another_reply_is_found(all_workloads, service, name, status, document):
    with pytest.raises(WrongReply):
        check_replies(all_workloads[name], service, Lying(status, document))
