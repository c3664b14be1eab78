"""bee-customers events ..."""

import json
import uuid

import psycopg2
import pytest

from tests.cli.processes import running
from tests.servers import free_port, wait_until

ANA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)
INSERT = """
INSERT INTO event (id, customer_id, type, routing_key, customer_version, payload, trace_id, actor, occurred_at,
    published_at, attempts, quarantined_at, last_error)
VALUES (%s, %s, 'CustomerUpdatedEvent', 'customers.updated', %s, %s, 't', 'ana', now() - interval '90 s', %s, %s,
    %s, %s)
"""
PAYLOAD = json.dumps({"business_id": str(ANA), "changes": {"full_name": "Ionuț Popescu"}})


class Table:
    def __init__(self, cursor):
        self.cursor = cursor

    def add(self, customer=ANA, version=1, published=None, attempts=0, set_aside=None, error=None):
        event_id = str(uuid.uuid4())
        values = (event_id, str(customer), version, PAYLOAD, published, attempts, set_aside, error)
        self.cursor.execute(INSERT, values)
        return event_id

    def waiting(self):
        self.cursor.execute("SELECT id FROM event WHERE published_at IS NULL AND quarantined_at IS NULL")
        return {row[0] for row in self.cursor.fetchall()}


@pytest.fixture
def table(migrated):
    connection = psycopg2.connect(migrated)
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield Table(cursor)
    connection.close()


@pytest.fixture
def events(call, migrated):
    return lambda *words, **environ: call("events", *words, **{"DATABASE_URL": migrated, **environ})


@pytest.fixture
def set_aside(table):
    return table.add(attempts=10, set_aside="2026-01-01Z", error="no queue takes customers.updated")


def test_status_of_nothing_is_well(events):
    result = events("status")
    assert result.exit_code == 0
    assert [line.split()[-1] for line in result.output.splitlines()[:2]] == ["0", "s"]


def test_status_names_what_was_set_aside_and_what_to_do(events, table, set_aside):
    table.add(BEN)
    result = events("status")
    assert result.exit_code == 3
    assert all(
        words in result.output for words in (set_aside, "no queue takes", "events retry --all", "no REDIS_URL")
    )
    assert "Popescu" not in result.output


def test_status_as_json_says_the_same(events, table, set_aside, redis_server):
    table.add(BEN)
    result = events("status", "--json", REDIS_URL=redis_server.url)
    told = json.loads(result.stdout)
    assert result.exit_code == 3
    assert {name: told[name] for name in ("backlog", "quarantined", "refused")} == {
        "backlog": 2,
        "quarantined": 1,
        "refused": 0,
    }
    assert 90 <= told["oldest_seconds"] < 600
    assert (told["fallback_depth"], told["fallback_state"]) == (0, "ok")
    assert [event["id"] for event in told["set_aside"]] == [set_aside]


def test_status_tells_that_redis_is_away(events):
    result = events("status", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert result.exit_code == 0
    assert "Redis is away" in result.output


@pytest.mark.parametrize("words", [[], ["--all", "--customer", str(ANA)], [str(ANA), "--all"]], ids=len)
def test_retry_wants_one_way_to_choose(events, words):
    result = events("retry", *words)
    assert (result.exit_code, "--customer, or --all" in result.output) == (2, True)


@pytest.mark.parametrize("choose", [lambda event: event, lambda _: f"--customer={ANA}", lambda _: "--all"])
def test_retry_releases_what_is_chosen(events, table, set_aside, choose):
    other = table.add(BEN)
    result = events("retry", choose(set_aside))
    assert (result.exit_code, result.output) == (0, "1 events will be tried again\n")
    assert table.waiting() == {set_aside, other}


def test_retry_of_another_changes_nothing(events, table, set_aside):
    assert events("retry", str(BEN)).output.startswith("0 events")
    assert table.waiting() == set()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say --since when"),
        (["--since", "yesterday"], "'yesterday' is no time"),
        (["--since", "2026-03-01T08:00"], "say the zone too"),
    ],
)
def test_replay_wants_a_time_with_its_zone(events, words, said):
    result = events("replay", *words)
    assert (result.exit_code, said in result.output) == (2, True)


def test_replay_counts_asks_and_then_does(events, table):
    published = {table.add(version=version, published="2026-01-01Z") for version in (1, 2)}
    table.add(BEN, published="2026-01-01Z")
    chosen = ("replay", "--customer", str(ANA))
    assert events(*chosen, "--dry-run").output == "2 events would be published once more\n"
    refused = events(*chosen)  # nobody answers the question
    assert (refused.exit_code, table.waiting()) == (1, set())
    assert events(*chosen, "--yes").output == "2 events will be published once more\n"
    assert table.waiting() == published


def test_replay_since_a_time(events, table):
    table.add(published="2026-01-01Z")
    assert events("replay", "--since", "2020-01-01T00:00+02:00", "--dry-run").output.startswith("1 events")
    assert events("replay", "--since", "2100-01-01T00:00Z", "--dry-run").output.startswith("0 events")


def test_tail_without_a_broker_is_wrong_usage(events):
    result = events("tail")
    assert (result.exit_code, "memory://" in result.output) == (2, True)


def test_a_broker_that_is_away_is_one_line(events):
    result = events("tail", RABBITMQ_URL=f"amqp://guest:hunter2@127.0.0.1:{free_port()}//")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the broker cannot be reached")
    assert (len(result.stderr.splitlines()), "hunter2" in result.stderr) == (1, False)


@pytest.fixture
def on_broker(migrated, broker):
    return {"DATABASE_URL": migrated, "RABBITMQ_URL": broker.url, "RABBITMQ_EXCHANGE": broker.exchange}


def test_relay_and_tail_end_to_end(directory, on_broker, table):
    tailing = ("bee-customers", "events", "tail", "--count", "1", "--routing-key", "customers.updated")
    with running(directory, *tailing, **on_broker) as tail:
        tail.wait_for("listening")
        event_id = table.add()
        with running(directory, "bee-customers", "events", "relay", **on_broker) as relay:
            assert tail.process.wait(20) == 0
            wait_until(lambda: not table.waiting(), 10, "the mark")
            relay.process.terminate()
            assert relay.process.wait(5) == 0
    assert event_id in tail.output
    assert "Popescu" not in tail.output + relay.output


def test_tail_as_json_shows_the_body(directory, on_broker, table):
    with running(directory, "bee-customers", "events", "tail", "--json", "--count", "1", **on_broker) as tail:
        tail.wait_for("listening")
        event_id = table.add()
        with running(directory, "bee-customers", "events", "relay", **on_broker):
            assert tail.process.wait(20) == 0
    assert json.loads(tail.output.splitlines()[-1])["event_id"] == event_id


def test_relay_serves_its_metrics(directory, on_broker, table):
    import urllib.request

    port = free_port()
    command = ("bee-customers", "events", "relay", "--metrics-port", str(port))

    def scraped():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
            return reply.read().decode()

    with running(directory, *command, **on_broker) as relay:
        relay.wait_for("this relay publishes")
        table.add(attempts=10, set_aside="2026-01-01Z")
        text = scraped()
    assert "bee_customers_events_relay_leader 1.0" in text
    assert "bee_customers_events_waiting_quarantined 1.0" in text


def test_a_metrics_port_in_use_is_one_line(directory, on_broker):
    port = free_port()
    command = ("bee-customers", "events", "relay", "--metrics-port", str(port))
    with running(directory, *command, **on_broker) as first:
        first.wait_for("this relay publishes")
        with running(directory, *command, **on_broker) as second:
            assert second.process.wait(20) == 1
    assert second.output.splitlines() == [
        f"Error: metrics cannot be served on port {port}: Address already in use"
    ]
