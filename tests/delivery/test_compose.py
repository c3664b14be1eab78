"""compose.yaml: as its specification asks, with settings and commands that exist, closed, in order of health."""

import dataclasses
import re

import pytest

from bee_customers.server.draining import FINISH_SECONDS
from bee_customers.settings import Settings
from tests.cli.test_help import LEAVES
from tests.delivery.checked import read, verdict
from tests.servers import ROOT

SETTINGS = {field.name.upper() for field in dataclasses.fields(Settings)}
OF_COMPOSE = {"POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "PUBLISH", "IMAGE"}
OURS = ["customers", "migrate", "relay"]
SERVERS = ["postgres", "redis", "rabbitmq"]
SCHEMA = ("check-jsonschema", "--builtin-schema", "vendor.compose-spec")


@pytest.fixture(scope="module")
def services():
    return read("compose.yaml")["services"]


def test_it_is_as_the_specification_asks():
    assert verdict(*SCHEMA, "compose.yaml") == ""


def test_the_check_by_the_specification_finds_what_is_wrong(tmp_path):
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((ROOT / "compose.yaml").read_text().replace("read_only: true", "read_only: [yes]", 1))
    assert "read_only" in verdict(*SCHEMA, wrong)


def test_every_variable_is_a_setting_or_one_of_its_own_and_is_in_the_example():
    named = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()))
    assert named <= SETTINGS | OF_COMPOSE
    assert "DATABASE_URL" in named
    shown = (ROOT / ".env.example").read_text()
    assert [name for name in named - {"IMAGE"} if not re.search(rf"^#?{name}=", shown, re.MULTILINE)] == []


@pytest.mark.parametrize("name", OURS)
def test_our_containers_get_settings_alone_and_are_closed(services, name):
    ours = services[name]
    assert set(ours["environment"]) <= SETTINGS
    assert (ours["read_only"], ours["tmpfs"], ours["cap_drop"]) == (True, ["/tmp"], ["ALL"])
    assert ours["security_opt"] == ["no-new-privileges:true"]
    assert ours["volumes"] == ["files:/srv/bee-customers/var"]
    assert "privileged" not in ours


def test_they_run_commands_that_exist(services):
    commands = [" ".join(["bee-customers", *services[name].get("command", ["serve"])]) for name in OURS]
    for command in commands:
        assert any(command == known or command.startswith(f"{known} -") for known in LEAVES), command


def test_only_the_service_is_published_and_only_to_this_machine(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"customers": ["${PUBLISH:-127.0.0.1:8002}:8002"]}
    assert services["customers"]["environment"]["PORT"] == "8002"
    assert read("compose.yaml")["networks"]["inside"] == {"internal": True}
    assert all(services[name]["networks"] == ["inside"] for name in SERVERS)


def test_each_waits_until_what_it_needs_is_well(services):
    waits = {
        name: {on: how["condition"] for on, how in services[name].get("depends_on", {}).items()}
        for name in services
    }
    well, done = "service_healthy", "service_completed_successfully"
    assert waits["migrate"] == {"postgres": well}
    assert waits["customers"] == {"migrate": done, "postgres": well, "redis": well}
    assert waits["relay"] == {"migrate": done, "postgres": well, "redis": well, "rabbitmq": well}
    assert all("healthcheck" in services[name] for name in [*SERVERS, "relay"])


def test_a_container_has_the_time_to_drain(services):
    drain = {field.name: field.metadata["production"] for field in dataclasses.fields(Settings)}["drain_seconds"]
    seconds = int(services["customers"]["stop_grace_period"].removesuffix("s"))
    assert seconds > int(drain) + FINISH_SECONDS


def test_the_servers_are_those_that_were_asked_for(services):
    assert [services[name]["image"] for name in SERVERS] == [
        "postgres:16",
        "redis:7-alpine",
        "rabbitmq:3-management",
    ]
