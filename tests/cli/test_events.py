"""bee-customers events status, retry and replay"""

import json

import pytest

from tests.cli.event_table import ANA, BEN
from tests.servers import free_port


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


def test_retry_tells_which_of_those_named_were_not_refused_and_tries_the_others(events, table, set_aside):
    known = [table.add(BEN), table.add(published="2026-01-01Z")]
    result = events("retry", str(BEN), set_aside, *known, str(BEN))
    assert (result.exit_code, result.stdout) == (3, "1 events will be tried again\n")
    assert result.stderr.splitlines() == [
        f"{each}: not there, or nothing of it was refused" for each in (BEN, *known)
    ]
    assert table.waiting() == {set_aside, known[0]}


def test_retry_of_a_customer_without_refused_events_is_told(events, table, set_aside):
    result = events("retry", "--customer", str(BEN))
    assert (result.exit_code, str(BEN) in result.stderr, table.waiting()) == (3, True, set())


def test_retry_of_all_where_none_was_refused_is_well(events):
    assert events("retry", "--all").exit_code == 0


def test_retry_as_json_says_the_same(events, set_aside):
    result = events("retry", set_aside, str(BEN), "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout) == {"tried_again": 1, "not_refused": [str(BEN)]}


def test_replay_as_json_says_the_same_and_does_not_ask(events, table):
    table.add(published="2026-01-01Z")
    chosen = ("replay", "--customer", str(ANA), "--json")
    assert json.loads(events(*chosen, "--dry-run").stdout) == {"events": 1, "is_dry_run": True}
    assert (events(*chosen).exit_code, table.waiting()) == (2, set())
    assert json.loads(events(*chosen, "--yes").stdout) == {"events": 1, "is_dry_run": False}
    assert len(table.waiting()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say --since when"),
        (["--since", "yesterday"], "'yesterday' is no time"),
        (["--since", "2026-03-01T08:00"], "say the zone too"),
        (["--since", "2026-03-01"], "say the zone too"),
        (["--since", "2026-02-30T08:00Z"], "'2026-02-30T08:00Z' is no time"),
        (["--since", ""], "'' is no time"),
    ],
)
def test_replay_wants_a_time_with_its_zone(events, words, said):
    result = events("replay", *words)
    assert (result.exit_code, said in result.stderr.splitlines()[-1]) == (2, True)


def test_replay_counts_asks_and_then_does(events, table):
    published = {table.add(version=version, published="2026-01-01Z") for version in (1, 2)}
    table.add(BEN, published="2026-01-01Z")
    chosen = ("replay", "--customer", str(ANA))
    assert events(*chosen, "--dry-run").output == "2 events would be published once more\n"
    refused = events(*chosen)  # nobody answers the question
    assert (refused.exit_code, table.waiting()) == (1, set())
    assert events(*chosen, "--yes").output == "2 events will be published once more\n"
    assert table.waiting() == published


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2026-03-01T08:00Z", 1),
        ("2026-03-01T10:00+02:00", 1),
        ("2026-03-01T10:00:01+02:00", 0),
        ("2026-03-01T03:00-05:00", 1),
        ("2026-03-01T08:00+02:00", 1),
        ("2026-03-01T08:00-02:00", 0),
    ],
)
def test_a_time_is_meant_in_the_zone_that_it_says(events, table, since, count):
    event = table.add(published="2026-03-02Z")
    table.cursor.execute("UPDATE event SET occurred_at = '2026-03-01T08:00Z' WHERE id = %s", (event,))
    assert events("replay", "--since", since, "--dry-run").output.startswith(f"{count} events would")


def test_a_replay_of_nothing_does_not_ask(events):
    result = events("replay", "--since", "2100-01-01T00:00Z")
    assert (result.exit_code, result.output) == (0, "0 events will be published once more\n")


@pytest.mark.parametrize("words", [["status"], ["retry", "--all"], ["replay", "--since", "2026-01-01T00:00Z"]])
def test_a_database_that_is_away_is_one_line(events, words):
    result = events(*words, DATABASE_URL=f"postgresql://bee:hunter2@127.0.0.1:{free_port()}/none")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the database cannot be reached")
    assert (len(result.stderr.splitlines()), "hunter2" in result.stderr) == (1, False)


def test_replay_since_a_time(events, table):
    table.add(published="2026-01-01Z")
    assert events("replay", "--since", "2020-01-01T00:00+02:00", "--dry-run").output.startswith("1 events")
    assert events("replay", "--since", "2100-01-01T00:00Z", "--dry-run").output.startswith("0 events")
