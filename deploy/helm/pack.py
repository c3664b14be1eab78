"""Packs the chart, or pushes what was packed, by Helm's own code; scripts/publish calls it.

pack.py DIRECTORY             writes the chart there and prints where
pack.py --push FILE ADDRESS   pushes to oci://..., with REGISTRY, REGISTRY_USER and REGISTRY_PASSWORD
"""

import os
import sys
import tempfile
from pathlib import Path

import helm_python

CHART = Path(__file__).parent / "bee-customers"


def pack(directory: str) -> None:
    Path(directory).mkdir(exist_ok=True)
    print(helm_python.package(str(CHART), destination=directory))


def push(file: str, address: str) -> None:
    # what is logged in with is gone with the directory
    with tempfile.TemporaryDirectory() as kept:
        client = helm_python.RegistryClient(credentials_file=Path(kept) / "credentials.json")
        with client:
            client.login(os.environ["REGISTRY"], os.environ["REGISTRY_USER"], os.environ["REGISTRY_PASSWORD"])
            client.push(file, address)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--push", file, address]:
            push(file, address)
        case [directory]:
            pack(directory)
        case _:
            raise SystemExit(__doc__)
