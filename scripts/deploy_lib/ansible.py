"""Runs the playbooks of ansible/ on the machine, with an inventory made for it."""

import json
import os
import re
import subprocess
from pathlib import Path

from deploy_lib.checks import ELSEWHERE
from deploy_lib.machine import Machine, MachineFault

ROOT = Path(__file__).resolve().parent.parent.parent
PLAY_SECONDS = 900
_RECAP = re.compile(r"ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)")


class Playbooks:
    """`jwt_key` is the public key, in PEM, that tokens of the test are checked with."""

    def __init__(self, machine: Machine, directory: Path, jwt_key: str) -> None:
        self._directory = directory
        self._inventory = directory / "inventory" / "hosts.json"
        self._inventory.parent.mkdir()
        self._inventory.write_text(json.dumps(_inventory(machine, jwt_key), indent=2))

    def run(self, playbook: str, **variables: object) -> int:
        """How many tasks have changed something; raises MachineFault with the last lines when one fails."""
        code, text = self._play(playbook, variables)
        recap = _RECAP.findall(text)
        if code or not recap:
            raise MachineFault(f"{playbook}.yml ended with {code}:\n{text[-3000:]}")
        return sum(int(changed) for _, changed, _, _ in recap)

    def refusal(self, playbook: str, words: str, **variables: object) -> None:
        """Raises MachineFault unless it fails and says these words."""
        code, text = self._play(playbook, variables)
        # a long line may be folded
        if code in (0, -1) or words not in " ".join(text.split()):
            raise MachineFault(
                f"{playbook}.yml ended with {code}, and should refuse by {words!r}:\n{text[-3000:]}"
            )

    def _play(self, playbook: str, variables: dict[str, object]) -> tuple[int, str]:
        log = self._directory / f"{len(list(self._directory.glob('*.log')))}-{playbook}.log"
        with log.open("wb") as output:
            try:
                code = subprocess.run(
                    self._command(playbook, variables),
                    cwd=ROOT / "ansible",
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    timeout=PLAY_SECONDS,
                ).returncode
            except subprocess.TimeoutExpired:
                code = -1
        return code, log.read_text(errors="replace")

    def _command(self, playbook: str, variables: dict[str, object]) -> list[str]:
        program = ROOT / "var" / "deploy" / "tools" / "bin" / "ansible-playbook"
        extra = json.dumps(variables)
        return ["nice", str(program), "-i", str(self._inventory), f"{playbook}.yml", "--extra-vars", extra]


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "ANSIBLE_HOST_KEY_CHECKING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }


def _inventory(machine: Machine, jwt_key: str) -> dict[str, object]:
    host = {"customers-1": {}}
    variables = {
        "ansible_host": machine.address,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(machine.key),
        "postgresql_memory": 1024,
        "bee_auth_jwt_key": jwt_key,
        "bee_auth_jwt_algorithms": "ES256",
        "bee_settings": {"API_RATE": "off", "CUSTOMER_PATCH_RATE": "off", "AUTH_FAILURE_RATE": "off"},
        "nginx_metrics_networks": [f"{machine.host_address}/32"],
        "backup_copy_command": f'rsync --archive --timeout=60 "$1/" {ELSEWHERE}/',
        # each minute, so that cron is seen to call it
        "app_gdpr_run_at": "* * * * *",
    }
    groups = {name: {"hosts": host} for name in ("database", "cache", "broker", "app")}
    return {"all": {"hosts": host, "vars": variables, "children": groups}}
