"""A tag leaves the catalogue while others attach it, detach it, or delete who carries it."""

from collections.abc import Callable
from functools import partial

import pytest
from webtest import TestResponse

from bee_customers.db.engine import Database
from bee_customers.events.outbox import CREATED, DELETED, UPDATED
from bee_customers.services import tag_catalogue
from bee_customers.services.customers import CustomerService
from bee_customers.services.tags import TagService
from tests.client import Client
from tests.factories import OTHER_BUSINESS, new_customer
from tests.functional import rows
from tests.functional.between import Elsewhere, after_first, before_first
from tests.functional.crowd import another
from tests.functional.edits import unchanged
from tests.functional.problem_details import check_problem
from tests.functional.tagging import attach, carried, catalogue

BY_FORCE = "/tags/VIP?force=true"


class TestBetweenFindingTheCarriersAndTheEnd:
    @pytest.mark.parametrize("moment", [before_first, after_first])
    def test_whoever_comes_to_carry_it_loses_it_too(
        self,
        admin: Client,
        internal: Client,
        committing_database: Database,
        elsewhere: Elsewhere,
        monkeypatch: pytest.MonkeyPatch,
        moment: Callable[..., None],
    ) -> None:
        newcomer, first = new_customer(internal, tags=["kept"]), new_customer(internal)
        task = partial(attach, another(admin), newcomer, "vip")
        moment(monkeypatch, CustomerService, "detach_tag", lambda: elsewhere.do(task))
        assert admin.delete(BY_FORCE).status_int == 204
        assert rows.told(committing_database, first["id"]) == [CREATED, UPDATED]
        assert rows.told(committing_database, newcomer["id"]) == [CREATED, UPDATED, UPDATED]
        assert carried(admin, newcomer) == ["kept"]
        assert catalogue(admin) == {"kept": 1}

    @pytest.mark.parametrize(
        ("path", "announced"),
        [("", [CREATED, DELETED]), ("/tags/vip", [CREATED, UPDATED])],
        ids=["delete", "detach"],
    )
    def test_whoever_ceases_to_carry_it_is_told_of_once(
        self,
        admin: Client,
        internal: Client,
        committing_database: Database,
        elsewhere: Elsewhere,
        monkeypatch: pytest.MonkeyPatch,
        path: str,
        announced: list[str],
    ) -> None:
        leaver, other = new_customer(internal), new_customer(internal)
        task = partial(another(admin).delete, f"/{leaver['id']}{path}")
        left: list[TestResponse] = []
        before_first(monkeypatch, CustomerService, "detach_tag", lambda: left.append(elsewhere.do(task)))
        assert admin.delete(BY_FORCE).status_int == 204
        assert [reply.status_int for reply in left] == [204]
        assert rows.told(committing_database, leaver["id"]) == announced
        assert rows.told(committing_database, other["id"]) == [CREATED, UPDATED]
        assert catalogue(admin) == {}

    def test_a_customer_of_another_business_keeps_the_tag_in_place(
        self, admin: Client, internal: Client, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = new_customer(internal)
        task = partial(new_customer, another(internal), business_id=OTHER_BUSINESS)
        after_first(monkeypatch, CustomerService, "detach_tag", lambda: elsewhere.do(task))
        reply = admin.as_("admin", business_id=own["business_id"]).delete(BY_FORCE)
        assert "other businesses" in check_problem(reply, 409, "conflict")["detail"]
        assert unchanged(admin, own)
        assert catalogue(admin) == {"VIP": 2}


class TestTheMostThatOneRequestTakesOff:
    @pytest.fixture(autouse=True)
    def two(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tag_catalogue, "DETACHED_MOST", 2)

    def test_as_many_lose_it(self, admin: Client, internal: Client) -> None:
        customers = [new_customer(internal) for _ in range(2)]
        assert admin.delete(BY_FORCE).status_int == 204
        assert [carried(admin, customer) for customer in customers] == [[], []]
        assert catalogue(admin) == {}

    def test_of_one_more_none_does(self, admin: Client, internal: Client) -> None:
        customers = [new_customer(internal) for _ in range(3)]
        assert "more than 2 " in check_problem(admin.delete(BY_FORCE), 409, "conflict")["detail"]
        assert all(unchanged(admin, customer) for customer in customers)
        assert catalogue(admin) == {"VIP": 3}

    def test_one_that_comes_meanwhile_counts(
        self, admin: Client, internal: Client, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        customers = [new_customer(internal) for _ in range(2)]
        task = partial(new_customer, another(internal))
        after_first(monkeypatch, CustomerService, "detach_tag", lambda: elsewhere.do(task))
        assert "more than 2 " in check_problem(admin.delete(BY_FORCE), 409, "conflict")["detail"]
        assert all(unchanged(admin, customer) for customer in customers)
        assert catalogue(admin) == {"VIP": 3}


class TestATagThatGoesWhileItIsAttached:
    def test_it_is_there_again_with_the_new_customer(
        self,
        admin: Client,
        internal: Client,
        committing_database: Database,
        elsewhere: Elsewhere,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        admin.post({"name": "VIP"}, "/tags")
        gone: list[TestResponse] = []
        task = partial(another(admin).delete, "/tags/VIP")
        before_first(monkeypatch, TagService, "attach", lambda: gone.append(elsewhere.do(task)))
        customer = new_customer(internal)
        assert [reply.status_int for reply in gone] == [204]
        assert carried(admin, customer) == ["VIP"]
        assert rows.told(committing_database, customer["id"]) == [CREATED]
        assert catalogue(admin) == {"VIP": 1}

    def test_it_is_there_again_though_another_had_created_it(
        self, admin: Client, internal: Client, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        customer, rival = new_customer(internal, tags=None), another(admin)
        add, remove = partial(rival.post, {"name": "vip"}, "/tags"), partial(rival.delete, "/tags/vip")
        replies: list[TestResponse] = []
        before_first(monkeypatch, TagService, "_create", lambda: replies.append(elsewhere.do(add)))
        after_first(monkeypatch, TagService, "_create", lambda: replies.append(elsewhere.do(remove)))
        assert attach(admin, customer, "VIP").json == ["VIP"]
        assert [reply.status_int for reply in replies] == [201, 204]
        assert catalogue(admin) == {"VIP": 1}
