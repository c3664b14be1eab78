"""The loss of a database, and its way back, with something that a person has to settle before it opens."""

import shlex
import uuid
from dataclasses import dataclass
from typing import Any

from deploy_lib import checks
from deploy_lib.ansible import Playbooks
from deploy_lib.checks import ELSEWHERE, expect
from deploy_lib.load import Target
from deploy_lib.machine import Machine, wait_for

LEDGER = "erasures.jsonl"
_ROW = """
INSERT INTO customer (id, business_id, user_id, full_name, name_key, search_text, created_at, updated_at)
VALUES (gen_random_uuid(), '{business}', '{user}', 'Before', 'before', 'before', '2020-01-01Z', '2020-01-01Z')
"""


@dataclass
class Loss:
    """`business` is the one whose customers have to be as they were."""

    machine: Machine
    target: Target
    playbooks: Playbooks
    business: str

    def run(self) -> str:
        came_back = self._somebody_comes_back()
        self.machine.run("systemctl stop cron && bee-customers-backup", timeout=300)
        before = self._everybody()
        erased = next(one for one in sorted(before) if before[one]["user_id"] != came_back)
        self._erase(before[erased]["user_id"])
        self._lose()
        self.playbooks.refusal("restore", "The replay has left something to you")
        self._nothing_opens()
        self._erase(came_back)
        self.playbooks.run("restore", bee_accept_findings=True)
        self.machine.run("systemctl start cron")
        wait_for("health after the restore", 30, self.target.is_well)
        self._all_but(before, erased, came_back)
        kept = len(before) - 2
        return f"{kept} customers as they were; 1 erased after the backup and 1 settled by hand stay erased"

    def _somebody_comes_back(self) -> str:
        """A user who was erased and is a customer again, with a row of before as well: for a person to settle."""
        user = str(uuid.uuid4())
        self._create(user, self.business)
        self._erase(user)
        self._create(user, str(uuid.uuid4()))
        self._sql(_ROW.format(business=self.business, user=user))
        return user

    def _lose(self) -> None:
        self.machine.run("bee-customers-job gdpr-run")
        self.machine.run(f"cmp /var/backups/bee-customers/{LEDGER} {ELSEWHERE}/{LEDGER}")
        self.machine.run("cd / && runuser -u postgres -- psql -c 'DROP DATABASE bee_customers WITH (FORCE)'")
        wait_for("the loss to be seen", 30, lambda: self.target.send("GET", "/health")[0] == 503)

    def _nothing_opens(self) -> None:
        self.machine.run("systemctl start bee-customers-web@1 bee-customers-relay")
        for unit in checks.UNITS:
            expect(unit, "inactive", self.machine.run(f"systemctl is-active {unit}", check=False))
        told = self.machine.run("bee-customers-roll 2>&1", check=False)
        expect("what bee-customers-roll says", True, "a backup is being restored" in told)

    def _all_but(self, before: dict[str, dict[str, Any]], erased: str, user: str) -> None:
        left = {one: row for one, row in before.items() if one != erased and row["user_id"] != user}
        after = self._everybody()
        expect("customers after the restore", len(left), len(after))
        expect("their values", left, after)
        expect("the erased one", 404, self.target.send("GET", f"/v1/customers/{erased}")[0])
        expect("rows of who came back", "0", self._sql(f"SELECT count(*) FROM customer WHERE user_id = '{user}'"))

    def _everybody(self) -> dict[str, dict[str, Any]]:
        """All customers of the test's business, by id."""
        pages = self.target.pages(f"/v1/customers?business_id={self.business}&limit=200")
        return {row["id"]: row for page in pages for row in page}

    def _create(self, user: str, business: str) -> None:
        body = {"business_id": business, "full_name": "Before", "user_id": user}
        expect("a customer", 201, self.target.send("POST", "/v1/customers", body)[0])

    def _erase(self, user: str) -> None:
        self.machine.run(f"bee-customers gdpr erase --user {user} --yes")

    def _sql(self, statement: str) -> str:
        command = ["runuser", "-u", "postgres", "--", "psql", "-XAtqc", statement, "bee_customers"]
        return self.machine.run(f"cd / && {shlex.join(command)}")
