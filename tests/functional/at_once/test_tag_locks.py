"""Everybody locks customers before tags: nobody waits in a circle, whatever happens to tags at once."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest
from webtest import TestResponse

from bee_customers.db.engine import Database
from bee_customers.events.outbox import CREATED, UPDATED
from bee_customers.services.customers import CustomerService
from tests.client import Client
from tests.factories import new_body, new_customer
from tests.functional import rows
from tests.functional.between import Elsewhere, after_first, before_first
from tests.functional.crowd import all_at_once, another
from tests.functional.tagging import attach, carried, catalogue, detach

Customer = dict[str, Any]
BY_FORCE = "/tags/VIP?force=true"
pytestmark = pytest.mark.usefixtures("no_deadlock")


class TestCrowd:
    @pytest.mark.parametrize("names", [["VIP"], ["a", "b", "c"]], ids=["one tag", "three tags"])
    def test_attaching_and_removing_fail_nobody(
        self, admin: Client, internal: Client, committing_database: Database, names: list[str]
    ) -> None:
        customers = [new_customer(internal, tags=None) for _ in range(4)]
        turns = names * (60 // len(names))

        def attaching(customer: Customer) -> Callable[[], set[int]]:
            caller = another(admin)
            return lambda: {attach(caller, customer, name).status_int for name in turns}

        def removing() -> Callable[[], set[int]]:
            caller = another(admin)
            return lambda: {caller.delete(f"/tags/{name}?force=true").status_int for name in turns}

        attached = all_at_once(*map(attaching, customers), removing(), removing())
        assert set().union(*attached[:4]) == {200}
        assert set().union(*attached[4:]) <= {204, 404}
        left = [name for customer in customers for name in carried(admin, customer)]
        assert {name: left.count(name) for name in {*left, *catalogue(admin)}} == catalogue(admin)
        for customer in customers:
            version = admin.get(f"/{customer['id']}").json["version"]
            assert rows.told(committing_database, customer["id"]) == [CREATED, *[UPDATED] * (version - 1)]


class TestWhoWaitsForACustomerHoldsUpNobody:
    """Each waits for a customer from which the tag was taken, while its removal goes on."""

    @pytest.mark.parametrize(
        ("rival", "status"),
        [
            (lambda admin, internal, one: attach(admin, one, "VIP"), 200),
            (lambda admin, internal, one: attach(admin, one, "VIP", query="?create=false"), 422),
            (lambda admin, internal, one: admin.merge(f"/{one['id']}", {"tags": ["VIP", "new"]}), 200),
            (lambda admin, internal, one: internal.post(new_body(user_id=one["user_id"])), 409),
            (lambda admin, internal, one: detach(admin, one, "VIP"), 404),
            (lambda admin, internal, one: admin.delete(BY_FORCE), 404),
        ],
        ids=["attach", "attach the known", "patch", "create again", "detach", "remove too"],
    )
    def test_once_it_is_gone(
        self,
        admin: Client,
        internal: Client,
        elsewhere: Elsewhere,
        monkeypatch: pytest.MonkeyPatch,
        rival: Callable[[Client, Client, Customer], TestResponse],
        status: int,
    ) -> None:
        customer, waiting = new_customer(internal), list[Future[TestResponse]]()
        task = partial(rival, another(admin), another(internal), customer)
        after_first(
            monkeypatch, CustomerService, "detach_tag", lambda: waiting.append(elsewhere.do_until_it_waits(task))
        )
        assert admin.delete(BY_FORCE).status_int == 204
        assert waiting[0].result(20).status_int == status
        assert ("VIP" in carried(admin, customer)) == (status == 200)


def test_removals_of_two_tags_take_turns(
    admin: Client, internal: Client, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each comes back for customers that attach its tag meanwhile, which the other may have locked."""
    customer, waiting = new_customer(internal, tags=["B2B", "VIP"]), list[Future[TestResponse]]()
    task = partial(another(admin).delete, "/tags/B2B?force=true")
    before_first(
        monkeypatch, CustomerService, "detach_tag", lambda: waiting.append(elsewhere.do_until_it_waits(task))
    )
    assert admin.delete(BY_FORCE).status_int == 204
    assert waiting[0].result(20).status_int == 204
    assert carried(admin, customer) == []
