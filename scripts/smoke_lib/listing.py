"""Steps that page through lists: order, sorts, filters, search."""

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

from smoke_lib.client import CUSTOMERS, Reply
from smoke_lib.sample import Customer, Run, fold, found_by

SORTS = ("created_at", "full_name", "lifetime_value", "total_orders", "last_order_date")
MAX_PAGES = 2000


def pages(run: Run, first: Reply, rel: str) -> Iterator[Reply]:
    """`first` and what follows by that link, up to the last page that holds anything."""
    reply: Reply | None = first
    for _ in range(MAX_PAGES):
        if reply is None or not run.service.expect_status(reply, 200).items():
            return
        yield reply
        target = reply.link(rel)
        reply = run.service.call("GET", target) if target else None
    run.service.expect_true(f'rel="{rel}" to come to an end', False, reply and reply.request)


def ids(reply: Reply) -> list[str]:
    return [item["id"] for item in reply.items()]


def listed(run: Run, customers: list[Customer], **query: Any) -> list[Reply]:
    query = {"business_id": customers[0].body["business_id"], **query}
    return list(pages(run, run.service.call("GET", CUSTOMERS, query=query), "next"))


def expect_ids(run: Run, what: str, customers: list[Customer], found: list[str]) -> None:
    """Every one of them exactly once, in any order."""
    wanted, got = Counter(customer.id for customer in customers), Counter(found)
    difference = {"missing": list(wanted - got), "too many": list(got - wanted)}
    run.service.expect(what, {"missing": [], "too many": []}, difference)


def lists(run: Run) -> None:
    for customers in run.businesses():
        name = f"list of a business of {len(customers)}"
        forward = listed(run, customers, limit=37)
        found = [item for page in forward for item in page.items()]
        expect_ids(run, name, customers, [item["id"] for item in found])
        _expect_order(run, name, "-created_at", found)
        sizes = [len(ids(page)) for page in forward]
        run.service.expect(f"{name}: full pages before the last", [37] * (len(sizes) - 1), sizes[:-1])
        backward = list(pages(run, forward[-1], "prev"))
        again = [customer_id for page in reversed(backward) for customer_id in ids(page)]
        run.service.expect(f'{name}: the way back by rel="prev"', [item["id"] for item in found], again)


def sorts(run: Run) -> None:
    customers = run.businesses()[min(2, len(run.businesses()) - 1)]
    for sort in [prefix + name for name in SORTS for prefix in ("", "-")]:
        found = [item for page in listed(run, customers, limit=37, sort=sort) for item in page.items()]
        expect_ids(run, f"list by {sort}", customers, [item["id"] for item in found])
        _expect_order(run, f"list by {sort}", sort, found)


def _expect_order(run: Run, what: str, sort: str, found: list[dict[str, Any]]) -> None:
    """Names are left out: which alphabet comes first is the service's own affair."""
    read: Any = {"created_at": datetime.fromisoformat, "lifetime_value": Decimal, "total_orders": int}
    name = sort.removeprefix("-")
    values = [read[name](item[name]) for item in found] if name in read else []
    if sort.startswith("-"):
        values.reverse()
    run.service.expect(f"{what}: pairs out of order", [], [pair for pair in pairwise(values) if pair[0] > pair[1]])


def filters(run: Run) -> None:
    customers = run.businesses()[0]
    pairs = Counter(pair for one in customers for pair in combinations(sorted(one.body["tags"]), 2))
    both = pairs.most_common(1)[0][0]
    expect_filtered(run, {"tag": both[0]}, customers, [one for one in customers if both[0] in one.body["tags"]])
    with_both = [one for one in customers if set(both) <= set(one.body["tags"])]
    expect_filtered(run, {"tag": list(both)}, customers, with_both)
    for gender in ("female", "other"):
        wanted = [one for one in customers if one.body["gender"] == gender]
        expect_filtered(run, {"gender": gender}, customers, wanted)
    wanted = [one for one in with_both if one.body["gender"] == "male" and found_by(one, "an")]
    expect_filtered(run, {"tag": list(both), "gender": "male", "search": "an"}, customers, wanted)


def expect_filtered(run: Run, query: dict[str, Any], customers: list[Customer], wanted: list[Customer]) -> None:
    found = listed(run, customers, limit=60, count="exact", **query)
    expect_ids(run, f"list by {query}", wanted, [customer_id for page in found for customer_id in ids(page)])
    for page in found[:1]:
        run.service.expect(f"X-Total-Count by {query}", str(len(wanted)), page.header("X-Total-Count"))


def searches(run: Run) -> None:
    customers = run.businesses()[0]
    for words in ("ionut", "IONUȚ", "popescu ionut", "ştefan"):
        wanted = [one for one in customers if found_by(one, words)]
        run.service.expect_true(f"the sample to hold {words}", bool(wanted))
        expect_filtered(run, {"search": words}, customers, wanted)
    reached = [one for one in customers if one.body["email"] and one.body["phone"]][:3]
    for one in reached:
        mailbox, digits = one.body["email"].partition("@")[0], one.body["phone"][-9:]
        for words in (mailbox, mailbox[1:].upper(), digits, fold(one.body["full_name"])):
            found = [item for page in listed(run, customers, search=words) for item in ids(page)]
            run.service.expect(f"search {words!r} to find {one.id}", 1, found.count(one.id))


def refused_lists(run: Run) -> None:
    service, customers = run.service, run.businesses()[0]
    business_id = customers[0].body["business_id"]
    first = service.call("GET", CUSTOMERS, query={"business_id": business_id, "limit": 2})
    target = first.link("next") or ""
    service.expect_true('rel="next" on the first page', "cursor=" in target, target)
    middle = target.index("cursor=") + 7 + 8
    changed = target[:middle] + ("A" if target[middle] != "A" else "B") + target[middle + 1 :]
    service.expect_problem(service.call("GET", changed), 400)
    elsewhere = target.replace(business_id, str(uuid.uuid4()))
    if elsewhere != target:
        service.expect_problem(service.call("GET", elsewhere), 400)
    for query in ({"colour": "blue"}, {"limit": 0}, {"limit": -1}, {"sort": "shoe_size"}):
        service.expect_problem(service.call("GET", CUSTOMERS, query=query), 422)
    service.expect_status(service.call("GET", CUSTOMERS + "/", query={"limit": 1}), 200)
    service.expect_problem(service.call("GET", CUSTOMERS + "/not-a-uuid"), 404)
