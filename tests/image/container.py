"""An image, opened: what is in it, and its programs run as a container runs them.

buildah mounts it; namespaces and chroot do the rest, so no daemon and no cgroups are needed: a root file system
that is read-only, /tmp and a volume in memory, the image's own user, no new privileges, the machine's network.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_INSIDE = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mount -t tmpfs -o "mode=0700,uid=${2%:*},gid=${2#*:}" tmpfs "$1$3/var"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
root=$1 user=$2 directory=$3
shift 3
exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$root" /usr/bin/env -i --chdir="$directory" "$@"
"""


@dataclass(frozen=True)
class Image:
    root: Path
    config: dict[str, Any]  # as docker keeps it
    layers: list[int]  # their sizes in bytes, uncompressed, those of the base first

    def command(self, *arguments: str, **environment: str) -> list[str]:
        """The image's program with these arguments, or its usual ones, and these variables."""
        return self.bare(*self.config["Entrypoint"], *(arguments or self.config["Cmd"]), **environment)

    def bare(self, *command: str, **environment: str) -> list[str]:
        """Any command inside, as the image's user."""
        variables = [*self.config["Env"], "HOME=/tmp", *(f"{name}={value}" for name, value in environment.items())]
        isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _INSIDE, "sh"]
        place = [str(self.root), self.config["User"], self.config["WorkingDir"]]
        return [*isolated, *place, *variables, *command]

    def walk(self) -> Iterator[Path]:
        """Every file and directory, as paths on this machine."""
        for directory, directories, files in os.walk(self.root):
            yield from (Path(directory) / name for name in (*directories, *files))


@contextmanager
def opened(name: str) -> Iterator[Image]:
    """The image of this name; its container is gone afterwards."""
    container = _buildah("from", "--pull-never", name)
    try:
        inspected = json.loads(_buildah("inspect", "--type", "image", name))
        layers = [layer["size"] for layer in json.loads(inspected["Manifest"])["layers"]]
        config = inspected["Docker"]["config"]
        yield Image(Path(_buildah("mount", container)), config, layers)
    finally:
        _buildah("rm", container)


@contextmanager
def running(command: list[str]) -> Iterator[psutil.Process]:
    """A program that goes on; the first process inside, to be signalled. Nothing of it is left afterwards."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def run(command: list[str], *, status: int = 0) -> str:
    """What a command says on stdout; fails when it ends with another status."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, f"exit code {done.returncode}: {done.stdout[-500:]} {done.stderr[-500:]}"
    return done.stdout


def _buildah(*arguments: str) -> str:
    return subprocess.run(["buildah", *arguments], check=True, capture_output=True, text=True).stdout.strip()
