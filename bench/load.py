"""wrk: as many requests as a web process can answer, for some seconds."""

import dataclasses
import json
import random
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.processes import ProcessFailed, pinned_wrk
from bench.web import Web

# Twice the threads: a thread that is done finds the next request waiting.
CONNECTIONS = 8
Wrk = Callable[..., list[str]]
_SCRIPTS = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Script:
    """A wrk script and the files it draws its requests from."""

    name: str
    headers: Mapping[str, str]
    files: tuple[Path, ...]


@dataclasses.dataclass(frozen=True)
class Round:
    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    bad_status: int
    broken: int
    # of the web process: hardly differs when the machine has other work to do, as rates do
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_seconds * 1e6 / max(self.requests, 1)

    @property
    def is_clean(self) -> bool:
        return self.requests > 0 and self.bad_status == 0 and self.broken == 0


def run(web: Web, script: Script, seconds: int, *, connections: int = CONNECTIONS, wrk: Wrk = pinned_wrk) -> Round:
    arguments = ["--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    arguments += ["--timeout", "10s", "--script", f"{script.name}.lua"]
    for name, value in script.headers.items():
        arguments += ["--header", f"{name}: {value}"]
    command = wrk(*arguments, f"http://127.0.0.1:{web.port}/", "--", *map(str, script.files))
    before = web.cpu_seconds()
    result = _result(command, seconds)
    return Round(**result, cpu_seconds=web.cpu_seconds() - before)


def _result(command: list[str], seconds: int) -> dict[str, Any]:
    done = subprocess.run(
        command,
        cwd=_SCRIPTS,
        env={"PATH": "/usr/bin:/bin", "BENCH_SEED": str(random.getrandbits(31))},
        capture_output=True,
        text=True,
        timeout=seconds + 60,
    )
    if done.returncode != 0 or not done.stdout.strip().endswith("}"):
        raise ProcessFailed(f"wrk: {(done.stderr or done.stdout).strip()}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
