"""Files of the delivery, read, and checked by the tools that know their kind."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.servers import ROOT

PROGRAMS = Path(sys.executable).parent


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def verdict(*command: str | Path) -> str:
    """What a checker found; empty when nothing."""
    done = subprocess.run([PROGRAMS / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}" or f"exit code {done.returncode}"
