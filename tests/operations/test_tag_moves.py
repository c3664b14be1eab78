"""Tags that are renamed, merged and removed, whoever carries them."""

import itertools
from functools import partial

import pytest
from sqlalchemy import text

from bee_customers.errors import TagExists, TagNotFound
from bee_customers.events.outbox import CREATED, UPDATED
from bee_customers.services import customer_choice, tag_moves
from bee_customers.services.bulk_changes import Acting
from bee_customers.services.customer_choice import ByFilter
from bee_customers.services.customer_lists import Filters
from tests.factories import new_customer
from tests.functional import rows
from tests.functional.between import after_first, before_first
from tests.functional.crowd import all_at_once, another
from tests.functional.tagging import attach, carried, catalogue
from tests.operations.ledger_rows import NOW

ATTACH_IDLE = text("""
INSERT INTO customer_tag (customer_id, tag_id, created_at)
SELECT CAST(:customer AS uuid), id, :now FROM tag WHERE name = 'idle'
""")
ACTING = Acting(actor="ana", trace_id="t-1")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Of two customers."""
    monkeypatch.setattr(tag_moves, "BATCH", 2)
    monkeypatch.setattr(customer_choice, "BATCH", 2)


@pytest.fixture
def people(internal):
    """Five who carry VIP, of whom the last carries B2B too, and one who carries neither."""
    made = [new_customer(internal) for _ in range(4)]
    return [*made, new_customer(internal, tags=["VIP", "B2B"]), new_customer(internal, tags=None)]


def merge(database, source, target):
    one, other = (tag_moves.find(database, name) for name in (source, target))
    return sum(tag_moves.merge(database, one, other, ACTING))


def rename(database, old, new):
    return sum(tag_moves.renaming(database, old, new).run(database, ACTING))


def versions(admin, people):
    return [admin.get(f"/{customer['id']}").json["version"] for customer in people]


class TestMerging:
    def test_all_carry_the_other_and_the_one_is_gone(self, admin, database, people):
        assert merge(database, "vip", "b2b") == 5
        assert [carried(admin, customer) for customer in people] == [["B2B"]] * 5 + [[]]
        assert catalogue(admin) == {"B2B": 5}
        assert versions(admin, people) == [2] * 5 + [1]
        for customer in people[:5]:
            assert rows.events(database, customer["id"])[-1].payload["changes"] == {"tags": ["B2B"]}
            assert rows.told(database, customer["id"]) == [CREATED, UPDATED]

    def test_one_that_nobody_carries_just_goes(self, admin, database, people):
        tag_moves.create(database, "idle", None)
        assert merge(database, "idle", "VIP") == 0
        assert catalogue(admin) == {"B2B": 1, "VIP": 5}

    def test_who_carries_both_is_counted_beforehand(self, database, people):
        one, other = (tag_moves.find(database, name) for name in ("VIP", "B2B"))
        assert (one.customers, other.customers, tag_moves.carried_with(database, one, other)) == (5, 1, 1)

    def test_stopped_after_a_batch_the_same_again_does_the_rest(self, admin, database, people):
        one, other = (tag_moves.find(database, name) for name in ("VIP", "B2B"))
        assert next(tag_moves.merge(database, one, other, ACTING)) == 2
        assert catalogue(admin) == {"B2B": 3, "VIP": 3}
        assert merge(database, "VIP", "B2B") == 3
        assert versions(admin, people) == [2] * 5 + [1]
        assert catalogue(admin) == {"B2B": 5}


class TestRenaming:
    def test_another_name(self, admin, database, people):
        assert rename(database, "vip", "Premium") == 5
        assert [carried(admin, customer) for customer in people[3:]] == [["Premium"], ["B2B", "Premium"], []]
        assert catalogue(admin) == {"B2B": 1, "Premium": 5}
        assert versions(admin, people) == [2] * 5 + [1]
        told = rows.events(database, people[4]["id"])[-1]
        assert told.payload["changes"] == {"tags": ["B2B", "Premium"]}

    @pytest.mark.parametrize("name", ["vip", "Vîp"])
    def test_another_spelling(self, admin, database, people, name):
        assert rename(database, "VIP", name) == 5
        assert [carried(admin, customer) for customer in people[3:]] == [[name], ["B2B", name], []]
        assert catalogue(admin) == {"B2B": 1, name: 5}
        assert rows.events(database, people[4]["id"])[-1].payload["changes"] == {"tags": ["B2B", name]}
        assert versions(admin, people) == [2] * 5 + [1]
        assert attach(admin, people[5], "VIP").json == [name]

    def test_color_and_age_stay(self, admin, database):
        tag_moves.create(database, "VIP", "#ffcc00")
        (before,) = tag_moves.catalogue(database)
        rename(database, "VIP", "vip")
        (after,) = tag_moves.catalogue(database)
        assert (after.name, after.color, after.created_at) == ("vip", "#ffcc00", before.created_at)

    def test_another_tag_is_not_taken_over(self, database, people):
        with pytest.raises(TagExists, match=r"`tags merge 'VIP' 'b2b'`"):
            tag_moves.renaming(database, "VIP", "b2b")
        with pytest.raises(TagNotFound, match="'none'"):
            tag_moves.renaming(database, "none", "b2b")

    def test_the_name_it_has_is_no_change(self, admin, database, people):
        assert rename(database, "vip", "VIP") == 0
        assert versions(admin, people) == [1] * 6

    def test_another_spelling_stopped_after_a_batch_is_found_by_key_and_finished(self, admin, database, people):
        assert next(tag_moves.renaming(database, "VIP", "vip").run(database, ACTING)) == 2
        assert [(tag.name, tag.customers, tag.is_set_aside) for tag in tag_moves.catalogue(database)] == [
            ("VIP", 3, True),
            ("B2B", 1, False),
            ("vip", 2, False),
        ]
        assert attach(admin, people[5], "ViP").json == ["vip"]
        plan = tag_moves.renaming(database, "VIP", "vip")
        assert plan.customers == 3
        assert sum(plan.run(database, ACTING)) == 3
        assert catalogue(admin) == {"B2B": 1, "vip": 6}
        assert versions(admin, people) == [2] * 6

    def test_a_third_spelling_after_that_is_fine_too(self, admin, database, people):
        next(tag_moves.renaming(database, "VIP", "vip").run(database, ACTING))
        assert rename(database, "VIP", "Vip") == 3 + 5
        assert catalogue(admin) == {"B2B": 1, "Vip": 5}

    def test_what_is_set_aside_is_not_lost_when_its_heir_is_removed(self, admin, database, people):
        next(tag_moves.renaming(database, "VIP", "vip").run(database, ACTING))
        assert admin.delete("/tags/vip?force=true").status_int == 204
        assert tag_moves.find(database, "vip").is_set_aside
        assert rename(database, "vip", "VIP") == 3
        assert catalogue(admin) == {"B2B": 1, "VIP": 3}

    def test_another_name_stopped_after_a_batch_is_finished_by_a_merge(self, admin, database, people):
        next(tag_moves.renaming(database, "VIP", "Premium").run(database, ACTING))
        assert catalogue(admin) == {"B2B": 1, "Premium": 2, "VIP": 3}
        assert merge(database, "VIP", "Premium") == 3
        assert versions(admin, people) == [2] * 5 + [1]


class TestRemoving:
    def test_all_lose_it(self, admin, database, people):
        assert sum(tag_moves.delete(database, tag_moves.find(database, "VIP"), ACTING)) == 5
        assert [carried(admin, customer) for customer in people[3:]] == [[], ["B2B"], []]
        assert catalogue(admin) == {"B2B": 1}
        assert rows.events(database, people[0]["id"])[-1].payload["changes"] == {"tags": []}


@pytest.mark.usefixtures("no_deadlock")
class TestWhileOthersTag:
    @pytest.fixture
    def admin(self, committing_app):
        return committing_app.as_("admin")

    @pytest.fixture
    def internal(self, committing_app):
        return committing_app.as_("internal_service")

    @pytest.mark.parametrize("moment", [before_first, after_first])
    def test_who_comes_to_carry_it_meanwhile_is_moved_too(
        self, admin, people, committing_database, elsewhere, monkeypatch, moment
    ):
        late = partial(attach, another(admin), people[5], "VIP")
        moment(monkeypatch, tag_moves, "_remove", lambda: elsewhere.do(late))
        assert merge(committing_database, "VIP", "B2B") == 6
        assert carried(admin, people[5]) == ["B2B"]
        assert catalogue(admin) == {"B2B": 6}

    def test_who_is_about_to_carry_it_is_waited_for(self, admin, people, committing_database, elsewhere):
        tag_moves.create(committing_database, "idle", None)
        task = partial(merge, committing_database, "idle", "VIP")
        with committing_database.session() as session:
            values = {"customer": people[5]["id"], "now": NOW}
            session.execute(ATTACH_IDLE, values)
            waiting = elsewhere.do_until_it_waits(task)
            session.commit()
        assert waiting.result(20) == 1
        assert carried(admin, people[5]) == ["VIP"]
        assert catalogue(admin) == {"B2B": 1, "VIP": 6}

    def test_a_crowd_that_tags_is_refused_nothing_and_loses_nothing(self, admin, people, committing_database):
        def tagging(customer):
            caller = another(admin)
            return lambda: {attach(caller, customer, name).status_int for name in ["VIP", "x", "B2B"] * 8}

        def renaming():
            for name in ("vip", "VIP", "Vip", "VIP") * 2:
                rename(committing_database, "VIP", name)

        statuses = all_at_once(*map(tagging, people), renaming)
        assert set().union(*statuses[:6]) == {200}
        assert set(catalogue(admin)) == {"B2B", "VIP", "x"}
        for customer in people:
            assert carried(admin, customer) == ["B2B", "VIP", "x"]
            told = rows.told(committing_database, customer["id"])
            assert len(told) == admin.get(f"/{customer['id']}").json["version"]

    def test_choices_count_what_they_give_out(self, people, committing_database):
        choice = ByFilter(Filters(tags=("vip",)))
        batches = list(choice.batches(committing_database))
        assert [len(batch) for batch in batches] == [2, 2, 1]
        together = list(itertools.chain(*batches))
        assert together == sorted(together)
        assert choice.count(committing_database) == 5
