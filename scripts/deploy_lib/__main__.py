"""scripts/test-deploy: see its --help."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from bee_customers.services.migrations import head_revision
from deploy_lib.ansible import ROOT
from deploy_lib.checks import REHEARSAL
from deploy_lib.journey import Journey
from deploy_lib.machine import Machine, MachineFault, base_tree
from deploy_lib.packages import Proxy
from deploy_lib.report import Report

_MIGRATION = '''"""Rehearsal of an upgrade."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    op.execute("ALTER TABLE customer ADD CONSTRAINT ck_customer_{revision} CHECK (version IS NOT NULL) NOT VALID")


def downgrade() -> None:
    op.execute("ALTER TABLE customer DROP CONSTRAINT ck_customer_{revision}")
'''
WORK = ROOT / "var" / "deploy"


def release(*options: str) -> Path:
    done = subprocess.run(
        ["nice", str(ROOT / "scripts" / "release"), *options], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise MachineFault(f"scripts/release: {done.stderr[-1000:]}")
    return ROOT / done.stdout.strip().splitlines()[-1]


def migration(directory: Path) -> Path:
    """A further revision, as a newer version may bring: one that takes a lock and does no harm."""
    before = head_revision(ROOT / "alembic")
    path = directory / "rehearsal.py"
    path.write_text(_MIGRATION.format(revision=REHEARSAL, before=before))
    return path


def next_version(path: Path) -> str:
    major, minor, patch = path.name.removeprefix("bee-customers-").removesuffix(".tar.gz").split(".")
    return f"{major}.{minor}.{int(patch) + 1}"


def journey(directory: Path, report: Report) -> None:
    releases: list[Path] = []
    output = ("--output", str(directory), "--python", "3.11")

    def build(*options: str) -> str:
        releases.append(release(*output, *options))
        return f"{releases[-1].stat().st_size / 2**20:.0f} MiB"

    report.step("scripts/release", build)
    newer = ("--migration", str(migration(directory)))
    report.step("a newer release, with a migration", lambda: build("--version", next_version(releases[0]), *newer))
    base = base_tree(WORK / "debian-12")
    machine = Machine(base, directory)
    proxy: list[Proxy] = []
    try:
        machine.prepare()
        report.step("a bare machine boots", machine.boot)
        proxy.append(Proxy(machine.host_address, WORK / "packages"))
        Journey(machine, directory, report).run(*releases)
    finally:
        for started in proxy:
            started.close()
        machine.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/test-deploy")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    # so that `finally` ends the machine also when this is asked to end
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    directory = WORK / f"run-{os.getpid()}"
    directory.mkdir(parents=True)
    report, started = Report(), time.monotonic()
    try:
        journey(directory, report)
    except MachineFault as fault:
        print(f"\n{report.table()}\n\nscripts/test-deploy: FAILED: {fault}\nLogs: {directory}", file=sys.stderr)
        sys.exit(1)
    print(f"\n{report.table()}\n\nAll of it: {time.monotonic() - started:.0f} s.")
    if not options.keep:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
