"""docs/reliability.md names a test for every promise, and each test that it names is there."""

import ast
import functools
import re

from tests.servers import ROOT

PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
# the report of the soak has rows of its own
ROWS = [
    line
    for line in PAGE.partition("## A soak")[0].splitlines()
    if line.startswith("| ") and "---" not in line and "held by" not in line
]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
# In place of a test that is still to be named.


@functools.cache
def names_in(path: str) -> frozenset[str]:
    """Names of the tests in a file, also of those in classes; none where there is no such file."""
    if not (ROOT / path).is_file():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in functions if name.startswith("test_"))


def test_every_row_names_a_test() -> None:
    assert len(ROWS) > 60
    assert [row for row in ROWS if not TEST.search(row)] == []


def test_every_test_that_is_named_is_there() -> None:
    named = TEST.findall(PAGE)
    assert len(named) == PAGE.count("::"), "each is written as `tests/...py::test_...`"
    assert [f"{path}::{name}" for path, name in named if name not in names_in(path)] == []
