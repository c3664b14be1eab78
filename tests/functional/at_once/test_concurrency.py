"""Several requests at once, on real connections with real commits"""

import collections
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from webtest import TestResponse

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import new_body, new_customer
from tests.functional import rows
from tests.functional.crowd import all_at_once, another
from tests.functional.edits import op
from tests.functional.problem_details import check_problem

THREADS, TIMES = 8, 100


@pytest.fixture
def customer(internal: Client) -> dict[str, Any]:
    return new_customer(internal, tags=None, email=None)


def statuses(responses: list[TestResponse]) -> dict[int, int]:
    return dict(collections.Counter(response.status_int for response in responses))


def test_eight_hundred_patches_of_one_customer_lose_none(
    admin: Client, customer: dict[str, Any], committing_database: Database
) -> None:
    path = f"/{customer['id']}"

    def patching(thread: int) -> Callable[[], list[TestResponse]]:
        caller = another(admin)
        # the last six of a thread add a tag of its own; all the others rename
        edits = [op("replace", "/full_name", f"Ana {thread} {number}") for number in range(TIMES - 6)]
        edits += [op("add", "/tags/-", f"tag {thread} {number}") for number in range(6)]
        return lambda: [caller.patch(path, [edit]) for edit in edits]

    replies = [reply for part in all_at_once(*map(patching, range(THREADS))) for reply in part]
    assert statuses(replies) == {200: THREADS * TIMES}
    versions = sorted(reply.json["version"] for reply in replies)
    assert versions == list(range(2, THREADS * TIMES + 2))
    left = admin.get(path).json
    assert left["version"] == THREADS * TIMES + 1
    assert left["tags"] == sorted(f"tag {thread} {number}" for thread in range(THREADS) for number in range(6))
    told = [event.customer_version for event in rows.events(committing_database, customer["id"])]
    assert told == list(range(1, THREADS * TIMES + 2))


def test_of_patches_upon_one_version_exactly_one_holds(admin: Client, customer: dict[str, Any]) -> None:
    def renaming(thread: int) -> Callable[[], TestResponse]:
        caller = another(admin)
        return lambda: caller.merge(f"/{customer['id']}", {"full_name": f"Ana {thread}"}, If_Match='"1"')

    replies = all_at_once(*map(renaming, range(THREADS)))
    assert statuses(replies) == {200: 1, 412: THREADS - 1}
    assert {reply.headers["ETag"] for reply in replies} == {'"2"'}


def test_of_creates_of_one_user_exactly_one_holds(internal: Client, committing_database: Database) -> None:
    for _ in range(5):
        user = str(uuid.uuid4())
        tasks = [partial(another(internal).post, new_body(user_id=user)) for _ in range(THREADS)]
        replies = all_at_once(*tasks)
        assert statuses(replies) == {201: 1, 409: THREADS - 1}
        (created,) = (reply.json["id"] for reply in replies if reply.status_int == 201)
        for reply in replies:
            if reply.status_int == 409:
                assert check_problem(reply, 409, "already-exists")["customer_id"] == created
        assert rows.count(committing_database, "customer", user_id=uuid.UUID(user)) == 1


def test_the_same_new_tags_in_opposite_order_stand_in_nobodys_way(
    internal: Client, committing_database: Database
) -> None:
    for turn in range(15):
        tags = [f"{turn} tag {number}" for number in range(20)]
        bodies = [new_body(tags=tags if number % 2 else tags[::-1]) for number in range(4)]
        replies = all_at_once(*[partial(another(internal).post, body) for body in bodies])
        assert statuses(replies) == {201: 4}
        assert all(sorted(tags) == reply.json["tags"] for reply in replies)
    assert rows.count(committing_database, "tag") == 15 * 20


def test_patches_of_several_customers_with_the_same_new_tags_all_hold(
    admin: Client, internal: Client, committing_database: Database
) -> None:
    customers = [new_customer(internal, tags=None) for _ in range(4)]
    for turn in range(10):
        tags = [f"{turn} tag {number}" for number in range(5)]
        tasks = [
            partial(another(admin).merge, f"/{one['id']}", {"tags": tags[::step]})
            for one, step in zip(customers, (1, -1, 1, -1), strict=True)
        ]
        assert statuses(all_at_once(*tasks)) == {200: 4}


def test_a_deletion_against_patches_ends_in_a_named_way(
    admin: Client, internal: Client, committing_database: Database
) -> None:
    for _ in range(10):
        one = new_customer(internal)
        path = f"/{one['id']}"
        patches = [
            partial(another(admin).merge, path, {"full_name": f"Ana {number}", "tags": [f"tag {number}"]})
            for number in range(4)
        ]
        deletions = [partial(another(admin).delete, path) for _ in range(2)]
        replies = all_at_once(*patches, *deletions)
        assert {reply.status_int for reply in replies[:4]} <= {200, 404}
        assert sorted(reply.status_int for reply in replies[4:]) == [204, 404]
        assert admin.get(path).status_int == 404
        told = rows.events(committing_database, one["id"])
        assert told[-1].type == "CustomerDeletedEvent"
        assert [event.customer_version for event in told] == list(range(1, len(told) + 1))
        assert not any("changes" in event.payload for event in told)
    assert rows.count(committing_database, "customer_tag") == 0


def test_one_key_sent_many_times_at_once_makes_one_customer(
    internal: Client, committing_database: Database
) -> None:
    body = new_body(user_id=None)
    tasks = [partial(another(internal).post, body, Idempotency_Key="once") for _ in range(THREADS)]
    replies = all_at_once(*tasks)
    assert set(statuses(replies)) <= {201, 409}
    assert len({reply.json["id"] for reply in replies if reply.status_int == 201}) == 1
    for reply in replies:
        if reply.status_int == 409:
            check_problem(reply, 409, "idempotency-key-in-flight")
    assert rows.count(committing_database, "customer") == 1
