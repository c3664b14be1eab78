"""bee-customers tags ..."""

import json
import signal
import uuid

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.locks import only_one
from bee_customers.services import customer_choice, tag_moves
from tests.cli.processes import running
from tests.factories import BUSINESS, OTHER_BUSINESS
from tests.functional import rows
from tests.operations.people import add, shown
from tests.servers import wait_until
from tests.stored_events import run


@pytest.fixture
def database(migrated):
    made = Database(migrated)
    yield made
    made.close()


@pytest.fixture
def people(database):
    """Three who carry VIP, the last of another business, and one who carries B2B."""
    other = uuid.UUID(OTHER_BUSINESS)
    made = [add(database, tags=["VIP"], gender="female"), add(database, tags=["VIP", "B2B"])]
    return [
        *made,
        add(database, tags=["VIP"], business_id=other),
        add(database, full_name="Éva Žák", tags=["B2B"]),
    ]


@pytest.fixture
def tags(call, migrated):
    """Calls `tags` with arguments; returns what came of it."""

    def command(*arguments, code=0, answer=""):
        result = call("tags", *arguments, DATABASE_URL=migrated, stdin=answer)
        assert result.exit_code == code, result.output
        return result

    return command


def catalogue(database):
    return {tag.name: tag.customers for tag in tag_moves.catalogue(database)}


def carried(database, people):
    return [shown(database, customer)["tags"] for customer in people]


class TestCatalogue:
    def test_list_tells_who_is_carried_how_often(self, tags, people):
        tags("create", "idle", "--color", "#FFCC00")
        assert [line.split() for line in tags("list").stdout.splitlines()] == [
            ["B2B", "2"],
            ["idle", "0", "#ffcc00"],
            ["VIP", "3"],
        ]
        told = json.loads(tags("list", "--json").stdout)
        assert {tag["name"]: (tag["customers"], tag["color"]) for tag in told} == {
            "B2B": (2, None),
            "idle": (0, "#ffcc00"),
            "VIP": (3, None),
        }

    def test_an_empty_catalogue(self, tags):
        assert tags("list").stdout == ""
        assert tags("list", "--json").stdout == "[]\n"

    def test_a_tag_is_created_once(self, tags):
        assert tags("create", "  VIP ").stdout == "created 'VIP'\n"
        assert "already, perhaps in another spelling" in tags("create", "vip", code=1).stderr

    @pytest.mark.parametrize(
        "arguments", [["create", ""], ["create", "x" * 51], ["create", "x", "--color", "red"]]
    )
    def test_what_cannot_be_a_tag_is_wrong_usage(self, call, arguments):
        result = call("tags", *arguments, DATABASE_URL="postgresql://127.0.0.1:1/none")
        assert result.exit_code == 2
        assert "must" in result.stderr or "is no color" in result.stderr

    def test_rename_asks_and_tells(self, tags, people, database):
        asked = tags("rename", "vip", "Premium", answer="n", code=1)
        assert "what 3 customers show" in asked.output
        assert "3 customers would show 'Premium'" in tags("rename", "vip", "Premium", "--dry-run").stdout
        assert catalogue(database) == {"B2B": 2, "VIP": 3}
        assert "renamed to 'Premium'; 3 customers" in tags("rename", "vip", "Premium", answer="y").stdout
        assert catalogue(database) == {"B2B": 2, "Premium": 3}
        assert rows.events(database, people[0]["id"])[-1].actor == "cli:tags rename"
        assert "already" in tags("rename", "Premium", "Premium").stdout
        assert "tags merge 'Premium' 'b2b'" in tags("rename", "Premium", "b2b", "--yes", code=1).stderr

    def test_merge_previews_asks_and_tells(self, tags, people, database):
        preview = "3 customers carry 'VIP', 1 of them 'B2B' too"
        assert preview in tags("merge", "vip", "b2b", "--dry-run").stdout
        assert preview in tags("merge", "vip", "b2b", answer="n", code=1).output
        assert catalogue(database) == {"B2B": 2, "VIP": 3}
        assert "merged into 'B2B'; 3 customers" in tags("merge", "vip", "b2b", "--yes").stdout
        assert carried(database, people) == [["B2B"]] * 4
        assert "one tag" in tags("merge", "b2b", "B2B", code=2).stderr
        assert "no such tag: 'vip'" in tags("merge", "vip", "b2b", code=1).stderr

    def test_delete_takes_it_off_by_force_alone(self, tags, people, database):
        assert "3 customers carry 'VIP': --force" in tags("delete", "VIP", "--yes", code=1).stderr
        assert "3 customers carry 'VIP'" in tags("delete", "VIP", "--dry-run").stdout
        tags("delete", "VIP", "--force", answer="n", code=1)
        assert catalogue(database) == {"B2B": 2, "VIP": 3}
        assert "3 customers changed" in tags("delete", "VIP", "--force", "--yes").stdout
        assert carried(database, people) == [[], ["B2B"], [], ["B2B"]]
        tags("create", "idle")
        tags("delete", "idle", answer="y")
        assert catalogue(database) == {"B2B": 2}

    @pytest.mark.parametrize("command", [["rename", "VIP", "x"], ["merge", "VIP", "B2B"], ["delete", "VIP"]])
    def test_one_at_a_time_changes_the_catalogue(self, tags, people, database, command):
        with only_one(database, tag_moves.LOCK):
            assert "nothing was done" in tags(*command, "--yes", code=1).stderr

    def test_what_is_half_renamed_says_how_to_finish(self, tags, people, database, monkeypatch):
        monkeypatch.setattr(tag_moves, "BATCH", 1)
        next(tag_moves.renaming(database, "VIP", "vip").run(database, tag_moves.Acting(actor="ana")))
        assert "half renamed: `tags rename 'VIP' 'vip'`" in tags("list").stdout
        tags("rename", "VIP", "vip", "--yes")
        assert catalogue(database) == {"B2B": 2, "vip": 3}


class TestCarriers:
    def test_those_that_the_filters_leave_get_it(self, tags, people, database):
        tags("create", "new")
        rows.set_customer(database, people[0]["id"], total_orders=2, lifetime_value="50.50")
        rows.set_customer(database, people[1]["id"], total_orders=1, created_at="2026-03-01T07:59:59Z")
        for filters, expected in (
            (["--all"], [0, 1, 2, 3]),
            (["--business", OTHER_BUSINESS], [2]),
            (["--tag", "vip"], [0, 1, 2]),
            (["--tag", "vip", "--tag", "b2b"], [1]),
            (["--search", "zak eva"], [3]),
            (["--gender", "female"], [0]),
            (["--min-orders", "1"], [0, 1]),
            (["--min-lifetime-value", "50.5", "--max-lifetime-value", "99"], [0]),
            (["--created-from", "2026-02-01", "--created-to", "2026-03-01T10:00+02:00"], [1]),
            (["--business", BUSINESS, "--tag", "b2b"], [1, 3]),
        ):
            result = tags("attach", "NEW", *filters, "--yes")
            assert result.stdout == f"of {len(expected)} customers {len(expected)} got it\n", filters
            got = [index for index, names in enumerate(carried(database, people)) if "new" in names]
            assert got == expected, filters
            tags("detach", "new", *filters, "--yes")
            assert carried(database, people) == [customer["tags"] for customer in people]

    def test_it_looks_first_and_asks(self, tags, people, database):
        told = "of 4 customers 2 would get it, 2 carry it already"
        assert f"{told}. Go on?" in tags("attach", "B2B", "--all", answer="n", code=1).output
        assert tags("attach", "B2B", "--all", "--dry-run").stdout == f"{told}\n"
        assert carried(database, people) == [customer["tags"] for customer in people]
        assert "of 4 customers 2 got it, 2 carry it already" in tags("attach", "B2B", "--all", answer="y").stdout
        assert "of 4 customers 4 would lose it. Go on?" in tags("detach", "B2B", "--all", answer="y").output
        assert catalogue(database) == {"B2B": 0, "VIP": 3}
        event = rows.events(database, people[3]["id"])[-1]
        assert (event.actor, event.payload["changes"]) == ("cli:tags detach", {"tags": []})

    def test_without_events(self, tags, people, database):
        tags("attach", "B2B", "--all", "--yes", "--no-events")
        assert len(rows.events(database, people[0]["id"])) == 1

    def test_an_unknown_tag_is_created_only_if_that_is_meant(self, tags, people, database):
        assert "no such tag: 'VPI'; --create" in tags("attach", "VPI", "--all", "--yes", code=1).stderr
        assert "4 would get it" in tags("attach", "gold", "--all", "--create", "--dry-run").stdout
        tags("attach", "gold", "--all", "--create", answer="n", code=1)
        assert "gold" not in catalogue(database)
        tags("attach", "gold", "--all", "--create", "--yes")
        assert catalogue(database)["gold"] == 4
        assert "no such tag: 'none'" in tags("detach", "none", "--all", "--yes", code=1).stderr

    def test_ids_of_a_file_and_of_stdin(self, tags, people, database, directory):
        ids = [people[index]["id"] for index in (0, 3)]
        (directory / "ids.txt").write_bytes(
            b"\xef\xbb\xbfid\r\n" + "\r\n".join([*ids, "", ids[0].upper()]).encode()
        )
        tags("create", "new")
        assert "of 2 customers 2 got it" in tags("attach", "new", "--ids", "ids.txt", "--yes").stdout
        assert [("new" in names) for names in carried(database, people)] == [True, False, False, True]
        result = tags("detach", "new", "--ids", "-", "--yes", answer=f"{ids[0]}\n{people[1]['id']}\n")
        assert result.stdout == "of 2 customers 1 lost it, 1 do not carry it\n"

    def test_lines_that_are_no_ids_are_named_and_nothing_is_done(self, tags, people, database, directory):
        (directory / "ids.txt").write_text(f"{people[0]['id']}\nana\n\n{people[1]['id']}x\nș\n")
        error = tags("detach", "VIP", "--ids", "ids.txt", "--yes", code=1).stderr
        assert error == "Error: ids.txt, lines 2, 4, 5: is no UUID such as 0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d\n"
        assert catalogue(database)["VIP"] == 3

    def test_who_is_not_there_or_has_no_room_is_named_with_exit_3(self, tags, people, database, directory):
        full = add(database, tags=[f"tag {number}" for number in range(50)])
        nobody = str(uuid.uuid4())
        (directory / "ids.txt").write_text("\n".join([full["id"], nobody, people[3]["id"]]))
        result = tags("attach", "VIP", "--ids", "ids.txt", "--yes", code=3)
        assert result.stdout == ("of 3 customers 1 got it, 1 have no room for another tag, 1 are not there\n")
        assert f"{full['id']}: no room" in result.stderr
        assert f"{nobody}: no such customer" in result.stderr
        told = json.loads(tags("attach", "VIP", "--ids", "ids.txt", "--dry-run", "--json", code=3).stdout)
        assert told == {"asked": 3, "changed": 0, "full": [full["id"]], "missing": [nobody], "is_dry_run": True}

    @pytest.mark.parametrize(
        "arguments",
        [
            ["attach", "VIP"],
            ["attach", "VIP", "--all", "--tag", "B2B"],
            ["attach", "VIP", "--all", "--json"],
            ["attach", "VIP", "--ids", "nowhere.txt"],
            ["attach", "VIP", "--ids", "-"],
            ["attach", "VIP", "--ids", "-", "--all", "--yes"],
            ["attach", "VIP", "--ids", "."],
            ["detach", "VIP", "--min-orders", "-1"],
            ["detach", "VIP", "--min-lifetime-value", "NaN"],
            ["detach", "VIP", "--created-from", "2026-03-01T08:00"],
            ["detach", "VIP", "--created-from", "yesterday"],
            ["detach", "VIP", "--gender", "queen"],
            ["detach", "VIP", "--search", "x" * 201],
            ["detach", "VIP", "--tag", ""],
            ["detach", "VIP", "--business", "x"],
        ],
        ids=str,
    )
    def test_wrong_usage_is_told_before_anything_is_asked_of_the_database(self, call, arguments):
        result = call("tags", *arguments, DATABASE_URL="postgresql://127.0.0.1:1/none")
        assert result.exit_code == 2
        assert "Error" in result.stderr


def test_it_stops_when_asked_to_and_the_same_again_does_the_rest(directory, migrated, database, tags):
    many = customer_choice.BATCH + 2
    tag_moves.create(database, "VIP", None)
    run(
        database,
        "INSERT INTO customer (id, business_id, full_name, name_key, search_text, created_at, updated_at)"
        " SELECT md5(number::text)::uuid, md5('')::uuid, 'Ana', 'ana', 'ana', now(), now()"
        " FROM generate_series(1, :many) AS number",
        many=many,
    )
    with database.session() as session:
        session.execute(text("SELECT id FROM customer ORDER BY id LIMIT 1 FOR UPDATE"))
        command = ("bee-customers", "tags", "attach", "VIP", "--all", "--yes")
        with running(directory, *command, DATABASE_URL=migrated) as program:
            wait_until(lambda: database.read(text("SELECT FROM pg_locks WHERE NOT granted")), 20, "it to wait")
            program.process.send_signal(signal.SIGINT)
            program.wait_for("stopping after this batch")
            session.rollback()
            assert program.process.wait(20) == 1
            assert f"Stopped: {customer_choice.BATCH:,} of {many:,} customers" in program.output
    assert catalogue(database) == {"VIP": customer_choice.BATCH}
    assert (
        f"2 got it, {customer_choice.BATCH:,} carry it already" in tags("attach", "VIP", "--all", "--yes").stdout
    )
    assert rows.count(database, "event") == many
