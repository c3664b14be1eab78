"""What is left of the metrics of several processes when whoever supervised them was killed."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from bee_customers.cli import metric_files
from tests.cli.processes import running

LONG_AGO = time.time() - 3600
_HOLDER = (
    "from bee_customers.cli import metric_files; import os, sys; metric_files.hold();"
    " os.utime(os.environ['PROMETHEUS_MULTIPROC_DIR'], (0, 0)); print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def made(path: Path, at: float = LONG_AGO) -> Path:
    path.mkdir()
    (path / "counter_1.db").write_bytes(b"x")
    os.utime(path, (at, at))
    return path


def test_what_nobody_holds_any_more_is_removed(temporary: Path) -> None:
    made(temporary / "bee-customers-metrics-old")
    young = made(temporary / "bee-customers-metrics-young", time.time() - 60)
    other = made(temporary / "something-else")
    metric_files.remove_forsaken()
    assert {*temporary.iterdir()} == {young, other}


def test_what_a_process_holds_stays_until_it_is_killed(temporary: Path) -> None:
    held = made(temporary / "bee-customers-metrics-held")
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(held)}
    command = [sys.executable, "-c", _HOLDER]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        metric_files.remove_forsaken()
        assert held.is_dir()
        process.kill()
    metric_files.remove_forsaken()
    assert not held.exists()


def test_links_and_files_of_such_a_name_are_left_with_what_they_lead_to(temporary: Path) -> None:
    target = made(temporary / "kept")
    link, file = temporary / "bee-customers-metrics-link", temporary / "bee-customers-metrics-file"
    link.symlink_to(target)
    file.write_text("x")
    for path in (link, file):
        os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    metric_files.remove_forsaken()
    assert link.is_symlink()
    assert file.is_file()
    assert (target / "counter_1.db").is_file()


def test_what_is_anothers_is_left(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others = made(temporary / "bee-customers-metrics-others")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    metric_files.remove_forsaken()
    assert others.is_dir()


def test_a_start_removes_what_a_killed_one_left_and_its_processes_hold_their_own(
    directory: Path, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = directory / "temporary"
    temporary.mkdir()
    left = made(temporary / "bee-customers-metrics-left")
    settings = {"DATABASE_URL": migrated, "PORT": "0", "PROCESSES": "2", "TMPDIR": str(temporary)}
    with running(directory, "bee-customers", "serve", **settings) as program:
        program.wait_for_address()
        (at_work,) = temporary.glob("bee-customers-metrics-*")
        assert at_work != left
        os.utime(at_work, (LONG_AGO, LONG_AGO))
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        metric_files.remove_forsaken()
        assert at_work.is_dir()
