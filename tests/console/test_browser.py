"""What people do in the console, done in a real browser: each walk also fails on any error in its console."""

import re

import pytest

from tests.console.browser import Walk
from tests.servers import ROOT

WALKS = re.findall(
    r"^async function (\w+)\(stage\)",
    "".join(path.read_text("utf-8") for path in sorted((ROOT / "console/browser").glob("walks-*.mjs"))),
    re.MULTILINE,
)


@pytest.mark.parametrize("name", WALKS)
def test_walk(name: str, walks: dict[str, Walk]) -> None:
    assert walks[name].faults == []


def test_a_person_is_found_renamed_tagged_and_noted_in_under_a_minute(walks: dict[str, Walk]) -> None:
    assert walks["finds_renames_tags_and_notes"].notes["seconds"] < 60


def test_every_walk_was_gone(walks: dict[str, Walk]) -> None:
    assert sorted(walks) == sorted(WALKS)
