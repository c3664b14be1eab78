"""docs/cli.md is what the commands say of themselves."""

import click
import pytest

from bee_customers.cli import reference
from bee_customers.cli.reference import reference as made
from tests.cli.test_help import ALL, LEAVES
from tests.servers import ROOT


def test_the_page_is_current():
    kept = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert kept == made(), "docs/cli.md is not what the commands say: run scripts/cli-docs"


@pytest.fixture(scope="module")
def sections():
    """The text of each command by its name."""
    parts = ("\n" + made().replace("\n### ", "\n## ")).split("\n## ")[1:]
    return {name: text for name, _, text in (part.partition("\n") for part in parts)}


def test_every_command_has_its_section_and_nothing_else_has(sections):
    assert list(sections) == [name.removeprefix("bee-customers ") for name in ALL]


@pytest.mark.parametrize("name", LEAVES)
def test_a_section_has_usage_example_and_every_option(sections, name):
    section, command = sections[name.removeprefix("bee-customers ")], LEAVES[name]
    assert f"    {name} [OPTIONS]" in section
    assert "```sh\nbee-customers" in section
    assert "Example:" not in section
    missing = [
        flag
        for param in command.params
        if isinstance(param, click.Option)
        for flag in param.opts
        if f"`{flag}" not in section and f", {flag}" not in section
    ]
    assert missing == []


def test_a_change_of_a_command_changes_the_page(monkeypatch):
    before = made()
    command = LEAVES["bee-customers tags list"]
    monkeypatch.setattr(command, "help", f"{command.help}\n\nAnd more.")
    monkeypatch.setattr(command.params[0], "help", "One | two.")
    after = reference.reference()
    assert before != after
    assert "\nAnd more.\n" in after
    assert "| `--json` | One \\| two. |" in after
