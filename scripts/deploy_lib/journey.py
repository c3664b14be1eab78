"""The way of a machine: from bare to well, through a reboot, an upgrade, a rollback and a loss."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy_lib import checks
from deploy_lib.ansible import ROOT, Playbooks
from deploy_lib.checks import expect
from deploy_lib.load import Load, Target
from deploy_lib.loss import Loss
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
        self._jwt_key = ec.generate_private_key(ec.SECP256R1())
        public = self._jwt_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self._playbooks = Playbooks(machine, directory, public.decode())
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
        step("metrics", lambda: checks.metrics(self.machine, self._target))
        step("scripts/smoke through nginx", self._smoke)
        step("backups of an empty database", lambda: checks.empty(self.machine))
        customers = self._create()
        step("jobs", lambda: checks.jobs(self.machine))
        step("a process with settings of before", lambda: checks.stale(self.machine))
        step("reboot, and well again", self._reboot)
        loss = Loss(self.machine, self._target, self._playbooks, self._business)
        step(
            f"upgrade.yml to {new} under load",
            self._under_load(customers, new, "upgrade", bee_release=str(second)),
        )
        step("the half of a way back", lambda: self._half_way_back(old, new))
        step(f"rollback.yml to {old} under load", self._under_load(customers, old, "rollback"))
        step("the newer schema stays", self._schema_is_newer)
        step("site.yml after that, with another password in the broker", lambda: self._set_right(first))
        step("site.yml without the secrets", self._keys_are_kept)
        step("loss of the database, restore.yml", loss.run)

    def _nothing_changes(self, release: Path) -> Callable[[], str]:
        def again() -> str:
            changed = self._playbooks.run("site", bee_release=str(release))
            expect("changed by a second run", 0, changed)
            return "0 changed"

        return again

    def _half_way_back(self, old: str, new: str) -> str:
        """As a rollback leaves it whose machine is lost after the first process."""
        self.machine.run(
            f"cd /opt/bee-customers && ln -sfn releases/{new} previous && ln -sfn releases/{old} current"
        )
        self.machine.run("systemctl restart bee-customers-web@1")
        wait_for("health of the first process", 30, lambda: self._answers(8101))
        return "web@1 runs another version than web@2"

    def _answers(self, port: int) -> bool:
        asked = f"curl --silent --fail --output /dev/null http://127.0.0.1:{port}/health && echo yes"
        return self.machine.run(asked, check=False) == "yes"

    def _schema_is_newer(self) -> str:
        told = self.machine.run("bee-customers db check")
        expect("the warning", True, f"schema is at {checks.REHEARSAL}, newer than this version" in told)
        expect("db upgrade", True, "already newer" in self.machine.run("bee-customers db upgrade"))
        return f"at {checks.REHEARSAL}, and a warning"

    def _set_right(self, release: Path) -> str:
        self.machine.run("rabbitmqctl --quiet change_password bee_customers another-one")
        changed = self._playbooks.run("site", bee_release=str(release))
        expect("changed", 1, changed)
        return "1 changed"

    def _keys_are_kept(self) -> str:
        self._playbooks.refusal("site", "another SUBJECT_KEY than the inventory", bee_subject_key="x" * 48)
        return "refused"

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
        wait_for("health after the reboot", 90, self._target.is_well)
        checks.units(self.machine)

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

    def _token(self, *roles: str) -> str:
        now = int(time.time())
        claims = {"iss": "bee-auth", "aud": "bee-customers", "sub": str(uuid.uuid4()), "roles": list(roles)}
        return jwt.encode({**claims, "iat": now, "exp": now + TOKEN_SECONDS}, self._jwt_key, "ES256")
