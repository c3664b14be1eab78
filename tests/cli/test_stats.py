"""bee-customers stats ..."""

import json
import signal
import uuid

import pytest
from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.locks import only_one
from bee_customers.services import drift
from tests.cli.processes import running
from tests.factories import OTHER_BUSINESS
from tests.functional import rows
from tests.operations.ledger_rows import enter, remove_history
from tests.operations.people import add, shown
from tests.servers import wait_until
from tests.stored_events import run

MANY_WITHOUT_STATISTICS = """
INSERT INTO customer (id, business_id, full_name, name_key, search_text, created_at, updated_at)
SELECT md5(number::text)::uuid, md5('')::uuid, 'Ana', 'ana', 'ana', now(), now()
FROM generate_series(1, :many) AS number
"""


@pytest.fixture
def database(migrated):
    made = Database(migrated)
    yield made
    made.close()


@pytest.fixture
def customers(database):
    """Three, of whom the first two drifted; the second is of another business."""
    made = [add(database), add(database, business_id=uuid.UUID(OTHER_BUSINESS)), add(database)]
    for customer in made[:2]:
        enter(database, customer, {"amount": "12.50"})
    return made


@pytest.fixture
def stats(call, migrated):
    """Calls `stats` with arguments; returns exit code and what it printed."""

    def run(*arguments, code=0):
        result = call("stats", *arguments, DATABASE_URL=migrated)
        assert result.exit_code == code, result.output
        return result

    return run


def told(result):
    return json.loads(result.stdout)


def test_verify_finds_what_drifted_and_changes_nothing(stats, customers, database):
    for _ in range(2):
        found = told(stats("verify", "--json", code=3))
        assert (found["checked"], found["drifted"], found["set_right"]) == (3, 2, 0)
        assert found["fields"]["lifetime_value"] == 2
    assert rows.count(database, "event") == 3


def test_recompute_sets_it_right(stats, customers, database):
    result = told(stats("recompute", "--json"))
    assert (result["drifted"], result["set_right"]) == (2, 2)
    document = shown(database, customers[0])
    assert (document["lifetime_value"], document["total_orders"], document["version"]) == ("12.50", 1, 2)
    event = rows.events(database, customers[0]["id"])[-1]
    assert (event.actor, event.trace_id) == ("cli:stats recompute", result["trace_id"])
    assert told(stats("verify", "--json"))["drifted"] == 0
    assert told(stats("recompute", "--json"))["set_right"] == 0


def test_in_words(stats, customers):
    lines = stats("verify", code=3).stdout.splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["customers", "compared", "3"],
        ["drifted", "2"],
        ["total_orders", "2"],
    ]
    assert stats("recompute").stdout.splitlines()[-1].split() == ["set", "right", "2"]
    assert [line.split() for line in stats("verify").stdout.splitlines()] == [
        ["customers", "compared", "3"],
        ["drifted", "0"],
    ]


def test_one_business_or_one_customer_alone(stats, customers):
    assert told(stats("recompute", "--json", "--business", OTHER_BUSINESS))["set_right"] == 1
    assert told(stats("verify", "--json", "--business", OTHER_BUSINESS))["checked"] == 1
    assert told(stats("verify", "--json", "--customer", customers[0]["id"], code=3))["drifted"] == 1
    assert told(stats("recompute", "--json", "--customer", customers[0]["id"]))["set_right"] == 1
    assert told(stats("verify", "--json"))["drifted"] == 0


def test_without_events(stats, customers, database):
    stats("recompute", "--no-events")
    assert rows.count(database, "event") == 3
    assert shown(database, customers[0])["version"] == 2


def test_a_second_recompute_steps_aside(stats, customers, database):
    with only_one(database, drift.LOCK) as is_mine:
        assert is_mine
        result = stats("recompute")
        assert result.stdout == ""
        assert "nothing was done" in result.stderr
        stats("verify", code=3)
    assert told(stats("recompute", "--json"))["set_right"] == 2


def test_show_tells_what_is_kept_and_that_it_drifted(stats, customers):
    before = stats("show", customers[0]["id"], code=3)
    assert "not what the orders say: total_orders, lifetime_value, first_order_date" in before.stderr
    stats("recompute")
    lines = dict(line.split(maxsplit=1) for line in stats("show", customers[0]["id"]).stdout.splitlines())
    assert (lines["total_orders"], lines["lifetime_value"], lines["return_rate"]) == ("1", "12.50", "0.0")
    document = told(stats("show", customers[2]["id"], "--json"))
    assert (document["average_order_value"], document["drifted"]) == (None, [])


def test_show_of_a_customer_without_statistics(stats, customers, database):
    remove_history(database, customers[2])
    assert "there are none yet" in stats("show", customers[2]["id"], code=3).stderr
    assert told(stats("verify", "--json", code=3))["without_history"] == 1
    stats("recompute")
    stats("show", customers[2]["id"])


@pytest.mark.parametrize("command", [["show"], ["verify", "--customer"], ["recompute", "--customer"]])
def test_an_unknown_customer_is_one_line(stats, command):
    assert stats(*command, str(uuid.uuid4()), code=1).stderr == "Error: no such customer\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "nobody"],
        ["verify", "--customer", "x"],
        ["recompute", "--customer", str(uuid.UUID(int=7)), "--business", OTHER_BUSINESS],
    ],
    ids=str,
)
def test_wrong_usage(stats, arguments):
    assert "Error" in stats(*arguments, code=2).stderr


@pytest.mark.parametrize("command", ["verify", "recompute"])
def test_a_database_that_is_away_is_one_line(call, directory, command):
    result = call("stats", command, DATABASE_URL="postgresql://bee:hunter2@127.0.0.1:1/customers")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the database cannot be reached")
    assert "hunter2" not in result.stderr


def test_it_stops_when_asked_to_and_the_same_again_does_the_rest(directory, migrated, database, stats):
    batch, many = 500, 503
    run(database, MANY_WITHOUT_STATISTICS, many=many)
    with database.session() as session:
        session.execute(text("SELECT id FROM customer ORDER BY id LIMIT 1 FOR UPDATE"))
        command = ("bee-customers", "stats", "recompute", "--batch", str(batch), "--sessions", "1")
        with running(directory, *command, DATABASE_URL=migrated) as program:
            wait_until(lambda: is_anybody_waiting(database), 20, "it to wait for a customer")
            program.process.send_signal(signal.SIGTERM)
            program.wait_for("stopping after this batch")
            session.rollback()
            assert program.process.wait(20) == 1
            assert f"Stopped: {batch:,} of {many:,} customers were compared" in program.output
    assert rows.count(database, "customer_history") == batch
    assert told(stats("recompute", "--json"))["set_right"] == 3
    assert told(stats("verify", "--json"))["drifted"] == 0


def is_anybody_waiting(database):
    return bool(database.read(text("SELECT pid FROM pg_locks WHERE NOT granted")))
