"""What docs/ says is compared with the code, so that it stays true."""

import dataclasses
import datetime
import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import click
import pytest
from prometheus_client.metrics import MetricWrapperBase

from bee_customers.api import problems
from bee_customers.api.request_metrics import RequestMetrics
from bee_customers.cli import main
from bee_customers.db.connection_metrics import ConnectionMetrics
from bee_customers.events.envelope import EventRow, compose
from bee_customers.events.metrics import RelayMetrics
from bee_customers.events.outbox import ROUTING_KEYS
from bee_customers.metrics import Metrics
from bee_customers.models import Base
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.server.metrics import ServerMetrics
from bee_customers.services.customer_lists import SORTS
from bee_customers.services.event_metrics import EventMetrics
from bee_customers.services.privacy import stores
from bee_customers.services.service_metrics import ServiceMetrics
from bee_customers.settings import Settings
from tests.document import whole_contract
from tests.servers import ROOT, require_program

DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(group: click.Command, path: str = "") -> Iterator[str]:
    if not isinstance(group, click.Group):
        yield path
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, f"{path} {name}".strip())


@pytest.mark.parametrize("field", dataclasses.fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_documented_in_its_own_words(field: dataclasses.Field) -> None:
    rows = [line for line in page("operations.md").splitlines() if line.startswith(f"| {field.name.upper()} |")]
    assert len(rows) == 1
    assert rows[0].endswith(f"| {field.metadata['doc']} |")
    for default in (field.metadata["default"], field.metadata["production"]):
        assert not default or f"`{default}`" in rows[0]


def test_no_setting_is_documented_that_is_not_there() -> None:
    documented = re.findall(r"^\| ([A-Z_]+) \|", page("operations.md"), re.MULTILINE)
    assert documented == [field.name.upper() for field in dataclasses.fields(Settings)]


@pytest.mark.parametrize("command", list(commands(main)))
def test_every_command_is_documented(command: str) -> None:
    assert f"| `{command}` |" in page("operations.md")


def test_every_route_of_the_contract_is_documented_and_no_other() -> None:
    contract = {
        f"{method.upper()} {path}"
        for path, operations in whole_contract()["paths"].items()
        for method in operations
    }
    documented = set(re.findall(r"`([A-Z]+ /v1[^`]*)`", page("api.md")))
    assert documented == contract


@pytest.mark.parametrize("event", ROUTING_KEYS)
def test_every_event_is_documented_with_its_routing_key(event: str) -> None:
    assert f"| {event} | {ROUTING_KEYS[event]} |" in page("events.md")


def known_metrics() -> set[str]:
    """The names of all that the code counts or asks; of a histogram without what prometheus_client adds."""
    metrics = Metrics()
    for kind in (RelayMetrics, RequestMetrics, ServerMetrics, ConnectionMetrics, LimitMetrics):
        kind(metrics.counted)
    asked = ServiceMetrics(None, None, EventMetrics(None, None)).describe()
    families = [*metrics.counted.collect(), *asked]
    return {f"{one.name}_total" if one.type == "counter" else one.name for one in families}


def test_every_metric_is_documented_and_no_other() -> None:
    table = page("operations.md").split("## Metrics")[1].split("## Logs")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == known_metrics()


@pytest.mark.parametrize("name", ["alerts.yml", "alerts_test.yml", "dashboard.json"])
def test_alerts_and_dashboard_ask_for_metrics_that_there_are(name: str) -> None:
    asked = set(re.findall(r"\b(?:bee_customers|process)_\w+", page(f"monitoring/{name}")))
    of_histograms = {re.sub(r"_(bucket|count|sum)$", "", one) for one in asked}
    assert of_histograms - known_metrics() == set()
    # or it would look at something else
    assert len(asked) > 10


def known_labels() -> dict[str, set[str]]:
    """Of each metric that is counted, and of those that are asked and have any."""
    metrics = Metrics()
    counting = [kind(metrics.counted) for kind in (RelayMetrics, RequestMetrics, ConnectionMetrics, LimitMetrics)]
    made = [each for one in counting for each in vars(one).values() if isinstance(each, MetricWrapperBase)]
    labels = {each._name: {*each._labelnames} for each in made}
    return (
        labels
        | {"bee_customers_part_up": {"part"}}
        | {name: {"job"} for name in known_metrics() if "_job_" in name}
    )


@pytest.mark.parametrize("name", ["alerts.yml", "alerts_test.yml"])
def test_alerts_and_their_tests_choose_by_labels_that_there_are(name: str) -> None:
    labels = known_labels()
    chosen = re.findall(r"\b(bee_customers_\w+)\{([^}]*)\}", page(f"monitoring/{name}"))
    # a server adds `instance`, and a histogram `le` to each of its buckets
    unknown = [
        (metric, label)
        for metric, selectors in chosen
        for label in re.findall(r"(\w+)(?:=~|!~|!=|=)", selectors)
        if label not in {"instance", "le"} | labels.get(re.sub("_(bucket|total)$", "", metric), set())
    ]
    assert unknown == []
    assert len(chosen) > 5


def test_every_alert_is_explained_and_has_its_test() -> None:
    alerts = re.findall(r"alert: (\w+)", page("monitoring/alerts.yml"))
    assert re.findall(r"^\| (BeeCustomers\w+) \|", page("operations.md"), re.MULTILINE) == alerts
    tests = page("monitoring/alerts_test.yml")
    untested = [alert for alert in alerts if not re.search(rf"alertname: {alert}\n\s+exp_alerts", tests)]
    assert untested == []


@pytest.mark.parametrize("command", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")])
def test_prometheus_takes_the_rules_and_they_tell_ill_from_well(command: tuple[str, ...]) -> None:
    require_program("promtool")
    done = subprocess.run(["promtool", *command], cwd=DOCS / "monitoring", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_is_one() -> None:
    board = json.loads(page("monitoring/dashboard.json"))
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 10
    assert all(panel["targets"] for panel in panels)


def test_the_examples_of_events_are_what_the_relay_writes() -> None:
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page("events.md"), re.DOTALL)]
    assert [example["event"] for example in examples] == list(ROUTING_KEYS)
    for example in examples:
        assert json.loads(compose(row_of(example)).body) == example


def row_of(example: dict[str, Any]) -> EventRow:
    details = {
        name: example[name] for name in ("business_id", "changes", "reason", "request_id") if name in example
    }
    return EventRow(
        customer_id=uuid.UUID(example["customer_id"]),
        sequence=1,
        id=uuid.UUID(example["event_id"]),
        type=example["event"],
        routing_key=ROUTING_KEYS[example["event"]],
        customer_version=example["customer_version"],
        payload=json.dumps(details),
        trace_id=example["trace_id"],
        traceparent=None,
        occurred_at=datetime.datetime.fromisoformat(example["occurred_at"]),
        attempts=0,
    )


def test_every_problem_type_is_documented() -> None:
    table = page("api.md").split("## Errors")[1]
    assert [slug for slug in problems.ALL if slug not in table] == []


@pytest.mark.parametrize("table", Base.metadata.tables)
def test_every_table_has_its_place_in_what_is_kept_about_people(table: str) -> None:
    assert f"`{table}`" in page("privacy.md").split("## Who sees it")[0]


@pytest.mark.parametrize("store", [stores.AvatarStore, stores.ExportStore, stores.FallbackStore])
def test_every_store_that_is_no_table_has_its_place_there_too(store: type) -> None:
    assert f"| {store.name} |" in page("privacy.md")


def test_every_sort_is_documented() -> None:
    assert [name for name in SORTS if f"`{name}`" not in page("api.md")] == []


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = (ROOT / "README.md", *DOCS.rglob("*.md"))
    links = [(path, link) for path in pages for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8"))]
    broken = [f"{path.name}: {link}" for path, link in links if not (path.parent / link).exists()]
    assert broken == []


def test_every_decision_is_listed_and_short() -> None:
    index = page("adr/README.md")
    for path in (DOCS / "adr").glob("0*.md"):
        assert path.name in index
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 90
        assert [part for part in ("## Context", "## Decision", "## Consequences") if part not in text] == []
