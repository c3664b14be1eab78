"""Prints what of a lock one version of Python on Linux needs, for pip with --require-hashes.

    requirements.py LOCK PYTHON [WHEEL...]

pip judges the markers of a lock by the Python that it runs on itself, whatever --python-version says. So they are
judged here, and left out. A WHEEL that was built here is asked for by its own hash, whatever the lock says of it.
"""

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pip._vendor.packaging.markers import Marker


def entries(lock: str) -> Iterator[tuple[str, str, list[str]]]:
    """Name and version, marker or nothing, and the hashes of each entry of the lock."""
    joined = re.sub(r"\\\n\s*", "", lock)
    for line in joined.splitlines():
        if not line or line.lstrip().startswith("#"):
            continue
        requirement, *hashes = line.split(" --hash=")
        pinned, _, marker = requirement.partition(";")
        yield pinned.strip(), marker.strip(), [found.strip() for found in hashes]


def is_needed(marker: str, python: str) -> bool:
    """Whether a marker holds on any patch release of CPython of this version (such as 3.12) on Linux."""
    return not marker or any(_holds(marker, python, f"{python}.{patch}") for patch in (0, 99))


def _holds(marker: str, python: str, release: str) -> bool:
    target = {"python_version": python, "python_full_version": release, "sys_platform": "linux"}
    return Marker(marker).evaluate({**target, "implementation_name": "cpython"})


def of_lock(lock: str, python: str, wheels: list[str]) -> Iterator[str]:
    """Lines of requirements: those of the lock, and those of the wheels instead of theirs."""
    built = dict(of_wheel(Path(wheel)) for wheel in wheels)
    for pinned, marker, hashes in entries(lock):
        if pinned not in built and is_needed(marker, python):
            yield " ".join([pinned, *(f"--hash={found}" for found in hashes)])
    for pinned, found in built.items():
        yield f"{pinned} --hash={found}"


def of_wheel(wheel: Path) -> tuple[str, str]:
    """Name and version as a lock words them, and the hash."""
    name, version, *_ = wheel.name.split("-")
    return f"{name.replace('_', '-')}=={version}", f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"


def main(lock: str, python: str, *wheels: str) -> None:
    for line in of_lock(Path(lock).read_text(encoding="utf-8"), python, list(wheels)):
        print(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
