"""Metrics of several processes, as whoever supervises them starts them."""

import json
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bee_customers.metrics import Metrics
from tests.cli.processes import running


@pytest.fixture
def together(directory, migrated):
    """The environment of processes that serve as one."""
    files = directory / "metrics"
    files.mkdir()
    return {"DATABASE_URL": migrated, "PORT": "0", "PROMETHEUS_MULTIPROC_DIR": str(files), "LOG_LEVEL": "warning"}


def scraped(address):
    with urllib.request.urlopen(f"{address}/metrics", timeout=20) as reply:
        families = list(text_string_to_metric_families(reply.read().decode()))
    names = [family.name for family in families]
    assert len(names) == len(set(names))
    return [sample for family in families for sample in family.samples]


def value(samples, name, **labels):
    (found,) = [one.value for one in samples if one.name == name and labels.items() <= one.labels.items()]
    return found


def requests(samples):
    return value(samples, "bee_customers_http_requests_total", route="/health/live")


def test_whichever_process_is_asked_tells_of_both(call, directory, migrated, together):
    assert call("jobs", "record", "backup", "--exit-code", "0", DATABASE_URL=migrated).exit_code == 0
    command = (directory, "bee-customers", "serve")
    with running(*command, **together) as one, running(*command, **together) as other:
        addresses = [program.wait_for_address() for program in (one, other)]
        for address, count in zip(addresses, (3, 4), strict=True):
            one.wait_for_answer(address)
            for _ in range(count):
                urllib.request.urlopen(f"{address}/health/live", timeout=20).close()
        told = [scraped(address) for address in addresses]
        assert [requests(samples) for samples in told] == [7, 7]
        # the scrape itself is all that is under way, and each process has a connection to read and one to write
        assert [value(samples, "bee_customers_http_requests_in_progress") for samples in told] == [1, 1]
        assert value(told[1], "bee_customers_database_connections") >= 4
        # asked once, by whoever is asked: a sum of all would be two
        assert value(told[0], "bee_customers_job_last_exit_code", job="backup") == 0
        assert value(told[0], "bee_customers_part_up", part="database_writer") == 1
        sizes = {s.labels["pid"]: s.value for s in told[0] if s.name == "process_resident_memory_bytes"}
        assert set(sizes) == {str(one.process.pid), str(other.process.pid)}
        other.process.kill()
        other.process.wait(10)
        left = scraped(addresses[0])
        # what it counted stays, what it was is gone
        assert requests(left) == 7
        assert {s.labels["pid"] for s in left if s.name == "process_open_fds"} == {str(one.process.pid)}


def test_a_place_for_metrics_that_is_none_is_one_line(call, migrated):
    result = call("events", "relay", DATABASE_URL=migrated, PROMETHEUS_MULTIPROC_DIR="/nowhere")
    assert (result.exit_code, len(result.output.splitlines())) == (1, 1)
    assert "PROMETHEUS_MULTIPROC_DIR: got '/nowhere', expected a directory that is there" in result.output


def test_one_that_is_set_too_late_does_not_go_unnoticed(directory, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(directory))
    with pytest.raises(AssertionError, match="nothing would add up"):
        Metrics()


def test_jobs_are_listed_as_they_ended(call, migrated):
    settings = {"DATABASE_URL": migrated, "SECRET_KEY": "s" * 40}
    assert call("retention", "run", **settings).exit_code == 0
    assert call("retention", "run", "--dry-run", **settings).exit_code == 0
    assert call("gdpr", "run", **settings).exit_code == 0
    assert call("gdpr", "ledger", "--output", "ledger.jsonl", **settings).exit_code == 0
    assert call("gdpr", "ledger", "--output", "/nowhere/ledger.jsonl", **settings).exit_code == 1
    assert call("stats", "recompute", "--no-events", **settings).exit_code == 0
    assert call("stats", "verify", **settings).exit_code == 0
    assert call("jobs", "record", "backup", "--exit-code", "9", **settings).exit_code == 0
    listed = json.loads(call("jobs", "list", "--json", **settings).stdout)
    codes = {run["name"]: (run["exit_code"], run["success_at"] is not None) for run in listed}
    assert codes == {
        "backup": (9, False),
        "gdpr ledger": (1, True),
        "gdpr run": (0, True),
        "retention run": (0, True),
        "stats recompute": (0, True),
        "stats verify": (0, True),
    }
    table = call("jobs", "list", **settings).stdout.splitlines()
    assert table[1].split()[-3:] == ["9", "0", "never"]


def test_what_is_done_for_some_customers_alone_is_no_run(call, migrated):
    business = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d"
    for command in ("recompute", "verify"):
        assert call("stats", command, "--business", business, DATABASE_URL=migrated).exit_code == 0
    assert json.loads(call("jobs", "list", "--json", DATABASE_URL=migrated).stdout) == []


def test_a_name_that_is_none_is_one_line(call, migrated):
    result = call("jobs", "record", "Back up!", "--exit-code", "0", DATABASE_URL=migrated)
    assert (result.exit_code, len(result.output.splitlines())) == (1, 1)
    assert result.output.startswith("Error: the name of a job is up to 64")
