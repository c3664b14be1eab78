"""The rest of a profile: notes, tags, orders and what they add up to."""

from typing import Any
from uuid import uuid4

from smoke_lib.sample import Customer, Run

NOTES = ("Sună după ora 17.", "prefers e-mail\n\tand tea", "زبون وفيّ 🐝")
# kind, status, amount, day of the order; the third is put again, completed
ORDERS = (
    ("order", "completed", "100.10", "2025-01-31"),
    ("order", "returned", "20.00", "2025-02-01"),
    ("order", "placed", "49.90", "2025-03-15"),
    ("booking", "completed", "10.00", "2025-04-01"),
    ("order", "cancelled", "77.00", "2025-05-01"),
)


def notes(run: Run) -> None:
    service, customer = run.service, run.pick()
    path = f"{customer.path}/notes"
    added = []
    for content in NOTES:
        reply = service.call("POST", path, {"content": content}, role="admin")
        service.expect_status(reply, 201)
        service.expect("the note's content", content, reply.json()["content"])
        added.append(reply.json())
    page = service.call("GET", f"{path}?limit=2", role="admin")
    service.expect("the newest notes", added[:0:-1], page.items())
    behind = service.call("GET", str(page.link("next")), role="admin")
    service.expect("the notes behind", added[:1], behind.items())
    service.expect_problem(service.call("POST", path, {"content": "\u0007"}, role="admin"), 422)
    service.expect_status(service.call("DELETE", f"{path}/{added[0]['id']}", role="admin"), 204)
    service.expect_problem(service.call("DELETE", f"{path}/{added[0]['id']}", role="admin"), 404)


def tags(run: Run) -> None:
    service, customer = run.service, run.pick(lambda sent: not sent.get("tags"))
    path, name = f"{customer.path}/tags", f"Smoke {uuid4().hex[:8]}"
    unknown = service.call("POST", f"{path}?create=false", {"tags": [name]}, role="admin")
    service.expect_true("the unknown tag is named", name in str(service.expect_problem(unknown, 422)["errors"]))
    attached = service.call("POST", path, {"tags": [name, name.upper()]}, role="admin")
    service.expect("the tags attached", [name], service.expect_status(attached, 200).json())
    service.expect_status(service.call("POST", path, {"tags": [name]}, role="admin"), 200)
    service.expect("a tag attached twice is one update", 2, _shown(run, customer)["version"])
    _expect_catalogue(run, name)
    spelled = name.upper().replace(" ", "%20")
    service.expect_status(service.call("DELETE", f"{path}/{spelled}", role="admin"), 204)
    service.expect_problem(service.call("DELETE", f"{path}/{spelled}", role="admin"), 404)
    service.expect_status(service.call("DELETE", f"/v1/customers/tags/{spelled}", role="admin"), 204)


def _expect_catalogue(run: Run, name: str) -> None:
    service = run.service
    found: dict[str, Any] | None = None
    target: str | None = "/v1/customers/tags?limit=200"
    while target and not found:
        page = service.call("GET", target, role="admin")
        found = next((tag for tag in page.items() if tag["name"] == name), None)
        target = page.link("next")
    service.expect("the customers that carry it", 1, found and found["customers"])
    spelled = name.replace(" ", "%20")
    service.expect_problem(service.call("POST", "/v1/customers/tags", {"name": name.upper()}, role="admin"), 409)
    service.expect_problem(service.call("DELETE", f"/v1/customers/tags/{spelled}", role="admin"), 409)


def orders(run: Run) -> None:
    service, customer = run.service, run.pick()
    for number, (kind, status, amount, day) in enumerate(ORDERS):
        service.expect_status(_put(run, customer, number, kind, status, amount, day), 201)
    kind, _, amount, day = ORDERS[2]
    service.expect_status(_put(run, customer, 2, kind, "completed", amount, day, hour=9), 200)
    late = _put(run, customer, 2, kind, "cancelled", amount, day, hour=8)
    service.expect(
        "what a late arrival leaves standing", "completed", service.expect_status(late, 200).json()["status"]
    )
    listed = service.call("GET", f"{customer.path}/orders?limit=2", role="admin")
    service.expect("the latest orders", ["smoke-4", "smoke-3"], [order["order_id"] for order in listed.items()])
    _expect_stats(run, customer)
    bad = _put(run, customer, 9, "order", "placed", "1.001", "2025-01-01")
    service.expect_problem(bad, 422)


def _put(
    run: Run, customer: Customer, number: int, kind: str, status: str, amount: str, day: str, hour: int = 7
) -> Any:
    order = {
        "kind": kind,
        "status": status,
        "amount": amount,
        "ordered_at": f"{day}T12:00:00Z",
        "updated_at": f"{day}T{hour:02}:00:00+02:00",
    }
    return run.service.call("PUT", f"{customer.path}/orders/smoke-{number}", order, role="internal_service")


def _expect_stats(run: Run, customer: Customer) -> None:
    stats = run.service.call("GET", f"{customer.path}/stats", role="admin").json()
    wanted = {
        "total_orders": 3,
        "total_bookings": 1,
        "lifetime_value": "160.00",
        "average_order_value": "40.00",
        "returned_orders": 1,
        "return_rate": 0.3333,
        "first_order_date": "2025-01-31",
        "last_order_date": "2025-03-15",
    }
    run.service.expect("the statistics", wanted, {name: stats[name] for name in wanted})
    run.service.expect("the lifetime value shown", "160.00", _shown(run, customer)["lifetime_value"])


def _shown(run: Run, customer: Customer) -> dict[str, Any]:
    document: dict[str, Any] = run.service.call("GET", customer.path, role="admin").json()
    return document
