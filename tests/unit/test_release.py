"""What scripts/release asks pip for, and what ansible/ calls."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bee_customers.cli import main
from tests.servers import ROOT

PROGRAM = ROOT / "scripts" / "release_lib" / "requirements.py"
LOCK = """\
always==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via something
early==2.0 ; python_full_version < '3.11.3' \\
    --hash=sha256:cc
forked==1.3 ; python_full_version < '3.12' \\
    --hash=sha256:dd
forked==3.0 ; python_full_version >= '3.12' \\
    --hash=sha256:ee
windows==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:ff
"""


def requirements(tmp_path: Path, python: str, *wheels: Path) -> list[str]:
    lock = tmp_path / "lock.txt"
    lock.write_text(LOCK)
    command = [sys.executable, str(PROGRAM), str(lock), python, *map(str, wheels)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_markers_are_judged_for_the_python_of_the_machine_and_any_of_its_patch_releases(tmp_path: Path) -> None:
    always = "always==1.0 --hash=sha256:aa --hash=sha256:bb"
    assert requirements(tmp_path, "3.11") == [
        always,
        "early==2.0 --hash=sha256:cc",
        "forked==1.3 --hash=sha256:dd",
    ]
    assert requirements(tmp_path, "3.12") == [always, "forked==3.0 --hash=sha256:ee"]


def test_a_wheel_that_was_built_here_is_asked_for_by_its_own_hash(tmp_path: Path) -> None:
    wheel = tmp_path / "forked-3.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    expected = f"forked==3.0 --hash=sha256:{hashlib.sha256(b'a wheel').hexdigest()}"
    found = requirements(tmp_path, "3.12", wheel)
    assert [line for line in found if line.startswith("forked")] == [expected]


@pytest.mark.parametrize("python", ["3.11", "3.12"])
def test_the_lock_of_a_release_has_one_version_of_each_project(python: str) -> None:
    command = [sys.executable, str(PROGRAM), str(ROOT / "requirements" / "release.txt"), python]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    names = [line.split("==")[0] for line in lines]
    assert len(names) > 40
    assert sorted(set(names)) == sorted(names)
    assert [line for line in lines if "--hash=sha256:" not in line] == []


def test_the_jobs_of_cron_are_commands_that_there_are() -> None:
    job = (ROOT / "ansible/roles/app/templates/bee-customers-job.j2").read_text()
    called = re.findall(r"run bee-customers (\w+) (\w+)", job)
    assert len(called) >= 4
    for group, command in called:
        found = main.get_command(click.Context(main), group)
        assert isinstance(found, click.Group)
        assert command in found.list_commands(click.Context(found))
