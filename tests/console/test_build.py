"""What the front end is made of: types that agree with the API, checks of its own, a script that stays small."""

import gzip
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from setuptools import Distribution
from setuptools.command.build_py import build_py

from tests.console.browser import node_environment
from tests.document import whole_contract
from tests.servers import ROOT

CONSOLE = ROOT / "console"
SCRIPT_BYTES_MOST = 200_000


def run(*command: str) -> str:
    """What a program of the console's prints; fails with all of it."""
    result = subprocess.run(
        ["npx", "--no-install", *command],
        cwd=CONSOLE,
        env=node_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    return result.stdout


@pytest.mark.usefixtures("built")
def test_types_of_the_api_are_those_of_the_contract(tmp_path: Path) -> None:
    """Where this fails: scripts/build-console --types."""
    document, written = tmp_path / "openapi.json", tmp_path / "schema.d.ts"
    document.write_text(json.dumps(whole_contract()))
    run("openapi-typescript", str(document), "--output", str(written))
    assert written.read_text() == (CONSOLE / "src/api/schema.d.ts").read_text()


@pytest.mark.usefixtures("built")
def test_the_console_and_the_examples_for_others_are_well_typed() -> None:
    examples = CONSOLE / "src" / "examples"
    page = (ROOT / "docs" / "integration-react.md").read_text("utf-8")
    blocks = re.findall(r"```tsx? file=(\S+)\n(.*?)```", page, re.DOTALL)
    assert [name for name, _ in blocks] == ["api.ts", "use-customers.ts", "customer-table.tsx"]
    examples.mkdir(exist_ok=True)
    # where the page has readers write it
    blocks.append(("schema.ts", 'export type * from "../api/schema";\n'))
    try:
        for name, text in blocks:
            (examples / name).write_text(text, "utf-8")
        run("tsc", "--noEmit")
    finally:
        for name, _ in blocks:
            (examples / name).unlink(missing_ok=True)
        examples.rmdir()


@pytest.mark.usefixtures("built")
def test_units_of_the_console() -> None:
    run("vitest", "run", "--reporter=dot")


def test_scripts_are_small_enough_to_come_quickly(built: Path) -> None:
    scripts = list((built / "assets").glob("*.js"))
    size = sum(len(gzip.compress(script.read_bytes())) for script in scripts)
    assert scripts
    assert size < SCRIPT_BYTES_MOST


def test_the_page_holds_no_script_or_style_of_its_own(built: Path) -> None:
    page = (built / "index.html").read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page) == []
    assert re.findall(r'(?:src|href)="([^"]*)"', page)
    assert all(link.startswith("/console/assets/") for link in re.findall(r'(?:src|href)="([^"]*)"', page))


def test_a_wheel_brings_the_built_files(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    distribution = Distribution()
    distribution.parse_config_files()
    distribution.include_package_data = False  # which would ask a version control for more than setup.cfg names
    command = build_py(distribution)
    command.ensure_finalized()
    packed = {os.path.join(source, name) for _, source, _, names in command.data_files for name in names}
    files = {str(path.relative_to(ROOT)) for path in built.rglob("*") if path.is_file()}
    assert {path for path in packed if "console_files" in path} == files
