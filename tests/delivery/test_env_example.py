""".env.example names every setting with its default, and is what the settings say now."""

import dataclasses
import re

import pytest

from bee_customers.cli import env_example
from bee_customers.settings import Settings, load
from tests.servers import ROOT

NEEDED = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://db/customers",
    "SECRET_KEY": "a-secret-of-thirty-two-characters",
}
OF_COMPOSE = {"POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "PUBLISH"}


def kept() -> str:
    return (ROOT / ".env.example").read_text(encoding="utf-8")


def values(text: str) -> dict[str, str]:
    """What the file sets, and what it only shows."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_file_is_current():
    assert kept() == env_example.env_example(), (
        ".env.example is not what the settings say: run scripts/env-example"
    )


def test_it_names_every_setting_and_no_other():
    assert values(kept()).keys() - OF_COMPOSE == {field.name.upper() for field in dataclasses.fields(Settings)}


def test_what_it_shows_are_the_defaults_of_production():
    shown = values(kept())
    assert {name for name, value in shown.items() if value and name in NEEDED} == {"ENVIRONMENT"}
    # host is told apart: production.ini, which images bring, opens it
    assert load({}, shown | NEEDED) == load({}, NEEDED)


def test_what_is_to_be_filled_in_is_empty_and_nothing_else_is_set():
    assert dict(re.findall(r"^([A-Z_]+)=(.*)$", kept(), re.MULTILINE)) == {
        "POSTGRES_PASSWORD": "",
        "RABBITMQ_PASSWORD": "",
        "SECRET_KEY": "",
    }


@pytest.mark.parametrize("change", [{"default": "7"}, {"doc": "Something else."}, {"production": "x"}])
def test_a_change_of_a_setting_changes_the_file(monkeypatch, change):
    before = env_example.env_example()
    changed = [
        dataclasses.field(metadata={**field.metadata, **change}) if field.name == "threads" else field
        for field in dataclasses.fields(Settings)
    ]
    for field in changed:
        field.name = field.name or "threads"
    monkeypatch.setattr(env_example.dataclasses, "fields", lambda _: changed)
    assert env_example.env_example() != before
