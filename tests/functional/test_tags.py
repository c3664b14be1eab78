"""/v1/customers/tags and /v1/customers/{customer_id}/tags"""

from typing import Any
from urllib.parse import quote

import pytest

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.functional import rows
from tests.functional.edits import op, unchanged
from tests.functional.pages import every_page
from tests.functional.problem_details import check_problem, pointers
from tests.functional.tagging import attach, carried, catalogue, detach

Customer = dict[str, Any]


class TestCatalogue:
    def test_a_tag_is_added(self, admin: Client) -> None:
        response = admin.post({"name": " Gold  ", "color": "#FFcc00"}, "/tags")
        assert response.status_int == 201
        assert response.json == {
            "name": "Gold",
            "color": "#ffcc00",
            "created_at": response.json["created_at"],
            "customers": 0,
        }
        assert admin.get("/tags").json == [response.json]

    @pytest.mark.parametrize("name", ["Café", "CAFÉ", "cafe", "Cafe\u0301", " café "])
    def test_another_spelling_is_the_same_tag(self, admin: Client, name: str) -> None:
        admin.post({"name": "Café", "color": "#000000"}, "/tags")
        check_problem(admin.post({"name": name, "color": "#ffffff"}, "/tags"), 409, "already-exists")
        assert [tag["color"] for tag in admin.get("/tags").json] == ["#000000"]

    @pytest.mark.parametrize("body", [{"name": "x"}, {"name": "x", "color": None}])
    def test_a_color_can_be_left_out(self, admin: Client, body: Any) -> None:
        assert admin.post(body, "/tags").json["color"] is None

    @pytest.mark.parametrize(
        "color",
        ["", "red", "#fff", "#ffffff ", "#fffffff", "#gggggg", "#ffffff\n", 0, [], "#１２３４５６"],
    )
    def test_what_is_no_color_is_refused(self, admin: Client, color: Any) -> None:
        assert pointers(admin.post({"name": "x", "color": color}, "/tags")) == {"/color"}
        assert catalogue(admin) == {}

    @pytest.mark.parametrize("name", ["", " ", "x" * 51, "a\x01b", "\u0301", None, 1, "a\nb", "\u202eabc"])
    def test_what_is_no_name_is_refused(self, admin: Client, name: Any) -> None:
        assert pointers(admin.post({"name": name}, "/tags")) == {"/name"}

    def test_a_repeated_request_adds_one_tag(self, admin: Client) -> None:
        first, second = (admin.post({"name": "x"}, "/tags", Idempotency_Key="key") for _ in range(2))
        assert (first.status_int, second.status_int, second.json) == (201, 201, first.json)

    def test_counts_are_of_the_callers_businesses(self, admin: Client, internal: Client) -> None:
        for business, tags in ((BUSINESS, ["a", "b"]), (BUSINESS, ["a"]), (OTHER_BUSINESS, ["a", "c"])):
            new_customer(internal, business_id=business, tags=tags)
        assert catalogue(admin) == {"a": 3, "b": 1, "c": 1}
        assert catalogue(admin.as_("admin", business_id=BUSINESS)) == {"a": 2, "b": 1, "c": 0}
        assert catalogue(admin.as_("admin", business_id=[BUSINESS, OTHER_BUSINESS])) == {"a": 3, "b": 1, "c": 1}
        assert catalogue(admin.as_("admin", business_id=[])) == {"a": 0, "b": 0, "c": 0}

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 200])
    def test_pages_hold_each_tag_once_by_name(self, admin: Client, limit: int) -> None:
        for name in ("b", "Éa", "eb", "Z", "a b"):
            admin.post({"name": name}, "/tags")
        pages = every_page(admin, f"/tags?limit={limit}")
        assert [tag["name"] for page in pages for tag in page] == ["a b", "b", "Éa", "eb", "Z"]
        assert {len(page) for page in pages[:-1]} <= {limit}


class TestRemovalFromTheCatalogue:
    def test_an_unused_tag_goes(self, admin: Client) -> None:
        admin.post({"name": "Café crème"}, "/tags")
        response = admin.delete("/tags/" + quote("CAFE Crème"))
        assert (response.status_int, response.body) == (204, b"")
        assert catalogue(admin) == {}
        check_problem(admin.delete("/tags/cafe%20creme"), 404, "not-found")

    @pytest.mark.parametrize("query", ["", "?force=false"])
    def test_a_carried_tag_stays(self, admin: Client, customer: Customer, query: str) -> None:
        check_problem(admin.delete(f"/tags/vip{query}"), 409, "conflict")
        assert unchanged(admin, customer)
        assert catalogue(admin) == {"VIP": 1}

    def test_force_takes_it_off_each_carrier_as_an_update(
        self, admin: Client, internal: Client, database: Database
    ) -> None:
        carriers = [new_customer(internal, tags=["VIP", "kept"]) for _ in range(3)]
        bystander = new_customer(internal, tags=["kept"])
        assert admin.delete("/tags/VIP?force=true").status_int == 204
        for carrier in carriers:
            after = admin.get(f"/{carrier['id']}").json
            assert (after["version"], after["tags"]) == (2, ["kept"])
            _, updated = rows.events(database, carrier["id"])
            assert (updated.type, updated.customer_version) == ("CustomerUpdatedEvent", 2)
            assert updated.payload["changes"] == {"tags": ["kept"]}
        assert unchanged(admin, bystander)
        assert catalogue(admin) == {"kept": 4}

    @pytest.mark.parametrize("query", ["", "?force=true"])
    def test_customers_of_other_businesses_are_left_alone(
        self, admin: Client, internal: Client, query: str
    ) -> None:
        own, foreign = new_customer(internal), new_customer(internal, business_id=OTHER_BUSINESS)
        limited = admin.as_("admin", business_id=BUSINESS)
        check_problem(limited.delete(f"/tags/VIP{query}"), 409, "conflict")
        assert unchanged(admin, own)
        assert unchanged(admin, foreign)
        assert catalogue(admin) == {"VIP": 2}

    @pytest.mark.parametrize("query", ["force=1", "force=", "force=TRUE", "force=true&force=true"])
    def test_what_is_no_force_is_refused(self, admin: Client, customer: Customer, query: str) -> None:
        assert pointers(admin.delete(f"/tags/VIP?{query}")) == {"force"}
        assert unchanged(admin, customer)

    @pytest.mark.parametrize("name", ["%00", "a%00b", "%F0%9F%90%9D", "%27%3B--", "%25s", "x" * 3000])
    def test_a_strange_name_is_not_found(self, admin: Client, customer: Customer, name: str) -> None:
        for path in (f"/tags/{name}", f"/{customer['id']}/tags/{name}"):
            assert admin.delete(path).status_int in (400, 404)


class TestAttaching:
    def test_tags_are_attached_as_one_update(self, admin: Client, customer: Customer, database: Database) -> None:
        admin.post({"name": "Gold"}, "/tags")
        response = attach(admin, customer, "gold", "new", "NEW")
        assert (response.status_int, response.json) == (200, ["Gold", "new", "VIP"])
        after = admin.get(f"/{customer['id']}").json
        assert (after["version"], after["tags"]) == (2, response.json)
        last = rows.events(database, customer["id"])[-1]
        assert last.payload["changes"] == {"tags": response.json}
        assert catalogue(admin) == {"Gold": 1, "new": 1, "VIP": 1}

    @pytest.mark.parametrize("names", [["VIP"], ["vip", "ViP"], []])
    @pytest.mark.parametrize("query", ["", "?create=false"])
    def test_what_is_attached_already_changes_nothing(
        self, admin: Client, customer: Customer, names: list[str], query: str
    ) -> None:
        assert attach(admin, customer, *names, query=query).json == ["VIP"]
        assert unchanged(admin, customer)

    def test_unknown_tags_are_named_where_none_may_be_created(self, admin: Client, customer: Customer) -> None:
        admin.post({"name": "Gold"}, "/tags")
        reply = attach(admin, customer, "gold", "x", "vip", "y", query="?create=false")
        assert pointers(reply) == {"/tags/1", "/tags/3"}
        assert unchanged(admin, customer)
        assert catalogue(admin) == {"Gold": 0, "VIP": 1}
        assert attach(admin, customer, "GOLD", query="?create=false").json == ["Gold", "VIP"]

    @pytest.mark.parametrize("bad", ["", "x" * 51, 1, None, "a\x01"])
    def test_one_bad_name_attaches_none(self, admin: Client, customer: Customer, bad: Any) -> None:
        assert pointers(attach(admin, customer, "good", bad)) == {"/tags/1"}
        assert unchanged(admin, customer)
        assert catalogue(admin) == {"VIP": 1}

    def test_fifty_is_the_most(self, admin: Client, customer: Customer) -> None:
        names = [f"tag {number:02}" for number in range(49)]
        assert len(attach(admin, customer, *names).json) == 50
        assert pointers(attach(admin, customer, "one more")) == {"/tags"}
        assert pointers(attach(admin, customer, *names, "a", "b")) == {"/tags"}
        assert len(attach(admin, customer, *names, "VIP").json) == 50
        assert "one more" not in catalogue(admin)
        assert admin.get(f"/{customer['id']}").json["version"] == 2

    @pytest.mark.parametrize("body", [{}, {"tags": None}, {"tags": "VIP"}, {"tags": {"0": "VIP"}}])
    def test_what_is_no_list_is_refused(self, admin: Client, customer: Customer, body: Any) -> None:
        assert pointers(admin.post(body, f"/{customer['id']}/tags")) == {"/tags"}

    def test_a_repeated_request_is_replayed(self, admin: Client, customer: Customer) -> None:
        path, body = f"/{customer['id']}/tags", {"tags": ["x"]}
        first = admin.post(body, path, Idempotency_Key="key")
        detach(admin, customer, "x")
        assert admin.post(body, path, Idempotency_Key="key").body == first.body
        assert carried(admin, customer) == ["VIP"]


class TestDetaching:
    def test_a_tag_is_detached_as_one_update(self, admin: Client, customer: Customer, database: Database) -> None:
        response = detach(admin, customer, "vip")
        assert (response.status_int, response.body) == (204, b"")
        after = admin.get(f"/{customer['id']}").json
        assert (after["version"], after["tags"]) == (2, [])
        assert rows.events(database, customer["id"])[-1].payload["changes"] == {"tags": []}
        assert catalogue(admin) == {"VIP": 0}
        check_problem(detach(admin, customer, "vip"), 404, "not-found")

    def test_what_is_not_carried_is_not_found(self, admin: Client, customer: Customer) -> None:
        admin.post({"name": "Gold"}, "/tags")
        for name in ("Gold", "nowhere"):
            check_problem(detach(admin, customer, name), 404, "not-found")
        assert unchanged(admin, customer)

    @pytest.mark.parametrize(
        "name", ["two words", "a/b", "a/b/c", "100%", "50%25", "ștrand", "c++", "a?b#c", "王", "🐝", ".x", "tags"]
    )
    def test_any_name_can_be_written_in_a_path(self, admin: Client, customer: Customer, name: str) -> None:
        assert name in attach(admin, customer, name).json
        assert detach(admin, customer, name).status_int == 204
        assert carried(admin, customer) == ["VIP"]
        assert admin.delete(f"/tags/{quote(name, safe='')}").status_int == 204
        assert catalogue(admin) == {"VIP": 1}

    @pytest.mark.parametrize("name", ["CAFÉ", "cafe", "Cafe\u0301"])
    def test_a_path_is_read_without_case_and_accents(self, admin: Client, customer: Customer, name: str) -> None:
        attach(admin, customer, "café")
        assert detach(admin, customer, name).status_int == 204


def test_a_json_patch_agrees(admin: Client, customer: Customer) -> None:
    path = f"/{customer['id']}"
    assert attach(admin, customer, "b").json == ["b", "VIP"]
    added = admin.patch(path, [op("test", "/tags/0", "b"), op("add", "/tags/-", "A")])
    assert added.json["tags"] == attach(admin, customer, "a").json == ["A", "b", "VIP"]
    removed = admin.patch(path, [op("remove", "/tags/0")])
    assert removed.json["tags"] == ["b", "VIP"]
    check_problem(detach(admin, customer, "A"), 404, "not-found")
    assert admin.get(path).json == removed.json
    assert removed.json["version"] == 4


def test_tags_of_another_business_are_out_of_reach(admin: Client, customer: Customer) -> None:
    limited = admin.as_("admin", business_id=OTHER_BUSINESS)
    for reply in (attach(limited, customer, "new"), detach(limited, customer, "VIP")):
        check_problem(reply, 404, "not-found")
    assert unchanged(admin, customer)
    assert catalogue(admin) == {"VIP": 1}
