"""The way of a machine: from bare to well, through a reboot, an upgrade, a rollback and a loss."""

import json
import os
import secrets
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt

from deploy_lib import checks
from deploy_lib.ansible import ROOT, Playbooks
from deploy_lib.checks import expect
from deploy_lib.load import Load, Target
from deploy_lib.machine import Machine, MachineFault, wait_for
from deploy_lib.report import Report

CUSTOMERS = 40
TOKEN_SECONDS = 4 * 3600
LOAD_BEFORE_AND_AFTER_SECONDS = 5


class Journey:
    """Steps in order; each raises MachineFault where something does not hold."""

    def __init__(self, machine: Machine, directory: Path, report: Report) -> None:
        self.machine = machine
        self._directory = directory
        self._report = report
        self._jwt_key = secrets.token_hex(32)
        self._playbooks = Playbooks(machine, directory, self._jwt_key)
        self._business = str(uuid.uuid4())
        token = self._token("admin", "internal_service")
        self._target = Target(machine.address, 443, str(directory / "certificate.pem"), token)

    def run(self, first: Path, second: Path) -> None:
        old, new = (path.name.removeprefix("bee-customers-").removesuffix(".tar.gz") for path in (first, second))
        step = self._report.step
        step(
            "site.yml on a bare machine", lambda: f"{self._playbooks.run('site', bee_release=str(first))} changed"
        )
        step("site.yml once more", self._nothing_changes(first))
        self._fetch_certificate()
        step("units", lambda: checks.units(self.machine))
        step("closed to the outside", lambda: checks.closed(self.machine))
        step("nginx", lambda: checks.front(self._target))
        step("scripts/smoke through nginx", self._smoke)
        step("jobs", lambda: checks.jobs(self.machine))
        step("reboot, and well again", self._reboot)
        customers = self._create()
        step(
            f"upgrade.yml to {new} under load",
            self._under_load(customers, new, "upgrade", bee_release=str(second)),
        )
        step(f"rollback.yml to {old} under load", self._under_load(customers, old, "rollback"))
        step("site.yml after that", self._nothing_changes(first))
        step("loss of the database, restore.yml", self._lose_and_restore)

    def _nothing_changes(self, release: Path) -> Callable[[], str]:
        def again() -> str:
            changed = self._playbooks.run("site", bee_release=str(release))
            expect("changed by a second run", 0, changed)
            return "0 changed"

        return again

    def _fetch_certificate(self) -> None:
        Path(self._target.certificate).write_text(self.machine.run("cat /etc/nginx/bee-customers/certificate.pem"))

    def _smoke(self) -> str:
        tokens = {
            "BEE_ADMIN_TOKEN": self._token("admin"),
            "BEE_INTERNAL_TOKEN": self._token("internal_service"),
            "BEE_CUSTOMER_TOKEN": self._token("customer"),
        }
        environment = {**os.environ, **tokens, "SSL_CERT_FILE": self._target.certificate}
        command = [sys.executable, str(ROOT / "scripts/smoke"), "--url", f"https://{self.machine.address}"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise MachineFault(f"scripts/smoke: {(done.stderr or done.stdout)[-1000:]}")
        return done.stdout.strip().splitlines()[-1].removeprefix("smoke: ")

    def _reboot(self) -> None:
        self.machine.reboot()
        wait_for("health after the reboot", 90, self._is_well)
        checks.units(self.machine)

    def _is_well(self) -> bool:
        try:
            status, body = self._target.send("GET", "/health")
        except OSError:
            return False
        return status == 200 and json.loads(body)["status"] == "ok"

    def _create(self) -> list[str]:
        made = []
        for number in range(CUSTOMERS):
            body = {"business_id": self._business, "full_name": f"First {number}", "user_id": str(uuid.uuid4())}
            status, reply = self._target.send("POST", "/v1/customers", body)
            expect("a new customer", 201, status)
            made.append(json.loads(reply)["id"])
        return made

    def _under_load(
        self, customers: list[str], version: str, playbook: str, **variables: object
    ) -> Callable[[], str]:
        def done() -> str:
            load = Load(self._target, self._business, customers)
            load.start()
            try:
                time.sleep(LOAD_BEFORE_AND_AFTER_SECONDS)
                self._playbooks.run(playbook, **variables)
                time.sleep(LOAD_BEFORE_AND_AFTER_SECONDS)
            finally:
                load.stop()
            (self._directory / f"load-{playbook}.txt").write_text("\n".join([load.line, *load.failures]))
            expect(f"failed requests during {playbook}.yml", [], load.failures[:5])
            checks.version_in_use(self.machine, version)
            return load.line

        return done

    def _lose_and_restore(self) -> str:
        self.machine.run("systemctl stop cron && bee-customers-backup", timeout=300)
        before = self._everybody()
        erased = sorted(before)[0]
        self.machine.run(f"bee-customers gdpr erase --user {before[erased]['user_id']} --yes")
        self.machine.run("bee-customers-job gdpr-run")
        self.machine.run("cd / && runuser -u postgres -- psql -c 'DROP DATABASE bee_customers WITH (FORCE)'")
        wait_for("the loss to be seen", 30, lambda: self._target.send("GET", "/health")[0] == 503)
        self._playbooks.run("restore")
        self.machine.run("systemctl start cron")
        del before[erased]
        after = self._everybody()
        expect("customers after the restore", len(before), len(after))
        expect("their values", before, after)
        expect("the erased one", 404, self._target.send("GET", f"/v1/customers/{erased}")[0])
        wait_for("health after the restore", 30, self._is_well)
        return f"{len(after)} customers as they were, 1 erased after the backup stays erased"

    def _everybody(self) -> dict[str, dict[str, Any]]:
        """All customers of the test's business, by id."""
        pages = self._target.pages(f"/v1/customers?business_id={self._business}&limit=200")
        return {row["id"]: row for page in pages for row in page}

    def _token(self, *roles: str) -> str:
        now = int(time.time())
        claims = {"iss": "bee-auth", "aud": "bee-customers", "sub": str(uuid.uuid4()), "roles": list(roles)}
        return jwt.encode({**claims, "iat": now, "exp": now + TOKEN_SECONDS}, self._jwt_key, "HS256")
