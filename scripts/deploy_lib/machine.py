"""A bare Debian 12 that boots its own systemd, in a container with a network of its own.

Its root is an overlay over a tree that debootstrap makes once, so each run begins with a bare machine. It has no
way to anywhere but to this host, and gets packages through the proxy of packages.py.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

BOOT_SECONDS = 60
STOP_SECONDS = 60
PACKAGES = (
    "systemd-sysv,dbus,openssh-server,sudo,python3,python3-apt,ca-certificates,iproute2,netbase,tzdata,locales"
)
# systemd in a container wants cgroups of version 2, which a host may have elsewhere or not in use at all
BOOT = """
umount --recursive /sys/fs/cgroup 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir -p "/sys/fs/cgroup/$1" || exit 78
echo $$ >"/sys/fs/cgroup/$1/cgroup.procs"
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
exec systemd-nspawn --quiet --directory="$2" --machine="$1" --register=no --keep-unit --network-veth --boot \
    --kill-signal=SIGRTMIN+3 --console=pipe --link-journal=no
"""


class MachineFault(Exception):
    """The machine did not do what it was asked to; the message is for people."""


def wait_for(what: str, seconds: float, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise MachineFault(f"{what}: not after {seconds:.0f} s")
        time.sleep(0.1)


def base_tree(where: Path) -> Path:
    """The tree of a bare Debian, made at the first call, which takes a minute or two."""
    if not where.exists():
        unfinished = where.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(unfinished)]
        done = subprocess.run([*command, "http://deb.debian.org/debian"], capture_output=True, text=True)
        if done.returncode:
            raise MachineFault(f"debootstrap failed: {done.stdout.strip().splitlines()[-1:]}")
        unfinished.rename(where)
    return where


class Machine:
    """One machine; `close` ends all that it started, and is safe to call at any moment."""

    def __init__(self, base: Path, directory: Path) -> None:
        self.name = f"bee{os.getpid()}"
        self.host_address, self.address = (f"10.213.{os.getpid() % 250}.{last}" for last in (1, 2))
        self.directory = directory
        self.key = directory / "key"
        self._base = base
        self._root = directory / "root"
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Mount the tree and put in what a provider's image has: an address, a key, sources of packages."""
        for name in ("root", "upper", "work"):
            (self.directory / name).mkdir(parents=True)
        layers = f"lowerdir={self._base},upperdir={self.directory}/upper,workdir={self.directory}/work"
        _run("mount", "-t", "overlay", "overlay", "-o", layers, str(self._root))
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key))
        self._write("root/.ssh/authorized_keys", self.key.with_suffix(".pub").read_text())
        (self._root / "root/.ssh").chmod(0o700)
        self._write("etc/hostname", "customers-1\n")
        self._write("etc/hosts", f"127.0.0.1 localhost\n{self.address} customers-1\n")
        self._write("etc/systemd/network/10-host0.network", _NETWORK.format(address=self.address))
        self._write("etc/apt/sources.list", _SOURCES)
        self._write("etc/apt/apt.conf.d/01proxy", f'Acquire::http::Proxy "http://{self.host_address}:3142";\n')
        _run("systemctl", f"--root={self._root}", "enable", "systemd-networkd", "ssh")

    def boot(self) -> None:
        log = (self.directory / "console.log").open("ab")
        command = ["unshare", "--mount", "--propagation=private", "bash", "-c", BOOT, "boot", self.name]
        self._process = subprocess.Popen(
            [*command, str(self._root)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        link = f"ve-{self.name}"
        wait_for("the network of the machine", BOOT_SECONDS, lambda: self._is_up(Path("/sys/class/net") / link))
        _run("ip", "address", "add", f"{self.host_address}/30", "dev", link)
        _run("ip", "link", "set", link, "up")
        wait_for("the machine to boot", BOOT_SECONDS, self._has_booted)

    def reboot(self) -> None:
        self.run("systemctl reboot", check=False)
        assert self._process is not None
        self._process.wait(STOP_SECONDS)
        self.boot()

    def run(self, command: str, *, check: bool = True, timeout: float = 120) -> str:
        """What the command prints; raises MachineFault when it fails and `check` is set."""
        done = subprocess.run(
            [*self.ssh, command], capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL
        )
        if check and done.returncode:
            raise MachineFault(f"`{command}` ended with {done.returncode}: {(done.stderr or done.stdout).strip()}")
        return done.stdout.strip()

    @property
    def ssh(self) -> list[str]:
        options = (
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            "ConnectTimeout=5",
        )
        return ["ssh", "-i", str(self.key), *(f"-o{option}" for option in options), f"root@{self.address}"]

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if os.path.ismount(self._root):
            _run("umount", "--lazy", str(self._root))
        for name in ("upper", "work", "root"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
        self._remove_cgroups()

    def _is_up(self, link: Path) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise MachineFault(f"the container ended with {self._process.returncode}: see its console.log")
        return link.exists()

    def _has_booted(self) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.run("systemctl is-system-running", check=False, timeout=10) in ("running", "degraded")
        return False

    def _write(self, path: str, text: str) -> None:
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def _remove_cgroups(self) -> None:
        for hierarchy in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")):
            for group, _, _ in os.walk(hierarchy / self.name, topdown=False):
                with contextlib.suppress(OSError):
                    Path(group).rmdir()


_NETWORK = """[Match]
Name=host0
[Network]
Address={address}/30
LinkLocalAddressing=no
"""
_SOURCES = """deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
"""


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise MachineFault(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
