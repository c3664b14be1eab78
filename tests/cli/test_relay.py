"""bee-customers events relay, as a process"""

import re
import signal
import urllib.request

import psutil
import pytest

from tests.cli.processes import running
from tests.servers import ROOT, free_port, wait_until

_METRIC = re.compile(r"^\| `(bee_customers_events_\w+)` \|", re.MULTILINE)
LOOPBACK = ("--metrics-address", "127.0.0.1")
DOCUMENTED = _METRIC.findall((ROOT / "docs/operations.md").read_text("utf-8"))


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


def scraped(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
        return reply.read().decode()


def test_scrapes_leave_no_connections_behind(directory, on_broker, table):
    port = free_port()
    command = ("bee-customers", "events", "relay", "--metrics-port", str(port))
    with running(directory, *command, **on_broker) as relay:
        relay.wait_for("this relay publishes")
        for _ in range(20):
            scraped(port)
        table.cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert table.cursor.fetchone()[0] <= 4


def test_relay_serves_its_metrics(directory, on_broker, table):
    port = free_port()
    command = ("bee-customers", "events", "relay", "--metrics-port", str(port))

    with running(directory, *command, **on_broker) as relay:
        relay.wait_for("this relay publishes")
        assert listening_on(relay.process.pid, port) == "0.0.0.0"
        table.add(attempts=10, set_aside="2026-01-01Z")
        text = scraped(port)
        assert relay.end(signal.SIGTERM) == 0
    assert {name for name in DOCUMENTED if f"# TYPE {name} " not in text} == {
        "bee_customers_events_fallback_depth"  # without Redis
    }
    assert "bee_customers_events_relay_leader 1.0" in text
    assert "bee_customers_events_waiting_quarantined 1.0" in text


def listening_on(pid, port):
    sockets = psutil.Process(pid).net_connections("tcp")
    return next(each.laddr.ip for each in sockets if each.status == "LISTEN" and each.laddr.port == port)


def test_a_metrics_port_in_use_is_one_line(directory, on_broker):
    port = free_port()
    command = ("bee-customers", "events", "relay", "--metrics-port", str(port), *LOOPBACK)
    with running(directory, *command, **on_broker) as first:
        first.wait_for("this relay publishes")
        assert listening_on(first.process.pid, port) == "127.0.0.1"
        with running(directory, *command, **on_broker) as second:
            assert second.process.wait(20) == 1
    assert second.output.splitlines() == [
        f"Error: metrics cannot be served on 127.0.0.1, port {port}: Address already in use"
    ]
