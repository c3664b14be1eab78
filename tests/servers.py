"""Private PostgreSQL, Redis and RabbitMQ servers, for the tests to use, kill and freeze.

    with PostgresServer(max_connections=20) as server:
        psycopg2.connect(server.url)

Each has loopback ports and a directory under /tmp of its own, and never meets a server that the machine runs.
`python -m tests.servers` names the Debian packages that are missing here; with `run PACKAGE` it runs one of the
servers until Ctrl-C or the end of its input, and prints its URL.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg2

# what tests call besides servers, and the Debian package that brings it
PROGRAMS = {"promtool": "prometheus", "chromium": "chromium"}
ROOT = Path(__file__).parent.parent
FOREIGN = ("PG", "RABBITMQ_", "ERL_")  # how the settings of the machine's own servers and clients begin


class Server:
    """Started by `with` or start(); gone with its directory after stop(), or however the tests end."""

    package: str  # of Debian; also its name in messages
    stop_signal = signal.SIGTERM
    url: str

    def __init__(self) -> None:
        self.port = free_port()
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
        self.account: dict[str, Any] = {}  # whom to run as, in the words of Popen
        # not the usual temporary directory: it may be closed to other users, or too deep for a unix socket
        self.directory = Path("/tmp") / f"bee-{self.package}-{secrets.token_hex(6)}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.package} is not started"
        return self.process.pid

    @property
    def log(self) -> str:
        return (self.directory / "server.log").read_text(errors="replace")

    def start(self) -> None:
        self.directory.mkdir(mode=0o700)
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "tests.servers", "guard", str(self.directory)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        try:
            self.prepare()
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        self._shut_down()
        self._guard.communicate()
        self.process = None

    def restart(self) -> None:
        """Start again with the same directory and URL, whether it runs, is frozen or was killed."""
        self._shut_down()
        self._launch()

    def kill(self) -> None:
        """SIGKILL to the server and all that it started, as when its machine dies."""
        family = signal_family(self.pid, signal.SIGKILL)
        wait_until(lambda: not any(map(is_alive, family)), 10, f"{self.package} to die")
        assert self.process is not None
        self.process.wait()
        self._tell_guard(0)

    def freeze(self) -> None:
        """SIGSTOP to the whole server: its connections stay open and nothing answers, until thaw()."""
        signal_family(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        signal_family(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self) -> None:
        self.process = self._spawn(self.command())
        self._tell_guard(self.pid)
        wait_until(self._is_up, 60, f"{self.package} to start")

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.directory / "server.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.account,
            )

    def _is_up(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"{self.package} did not start: {self.log[-2000:]}")
        return self.is_ready()

    def _shut_down(self) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.thaw()
            self.process.send_signal(self.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=20)
        self.kill()

    def _tell_guard(self, pid: int) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.write(f"{pid}\n")
        self._guard.stdin.flush()


class PostgresServer(Server):
    """PostgreSQL, whose superuser `postgres` needs no password; keyword arguments are its settings.

    Only a durable one keeps the last commits over kill().
    """

    package = "postgresql"
    stop_signal = signal.SIGINT  # "fast": does not wait for the clients to leave

    def __init__(self, *, durable: bool = False, **settings: object) -> None:
        super().__init__()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.settings: dict[str, object] = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.directory,
            "dynamic_shared_memory_type": "mmap",  # where a SIGKILL leaves nothing behind, unlike /dev/shm
        }
        if not durable:
            self.settings |= dict.fromkeys(["fsync", "synchronous_commit", "full_page_writes"], "off")
        self.settings |= settings

    @classmethod
    def find(cls) -> str | None:
        versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
        newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
        return str(newest) if newest else shutil.which("postgres")

    def prepare(self) -> None:
        self.leave_root()
        options = ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        program = Path(str(self.find())).with_name("initdb")
        initdb = self._spawn([str(program), *options, "--pgdata=data"])
        self._tell_guard(initdb.pid)
        if initdb.wait():
            raise RuntimeError(f"initdb failed: {self.log[-2000:]}")

    def leave_root(self) -> None:
        """PostgreSQL refuses to run as root."""
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.directory, nobody.pw_uid, nobody.pw_gid)

    def command(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        return [str(self.find()), "-D", "data", "-p", str(self.port), *settings]

    def is_ready(self) -> bool:
        with suppress(psycopg2.OperationalError), closing(psycopg2.connect(self.url, connect_timeout=2)):
            return True
        return False


class RedisServer(Server):
    """Redis, which forgets everything at a restart unless appendonly; keyword arguments are its settings."""

    package = "redis-server"

    def __init__(self, *, appendonly: bool = False, **settings: object) -> None:
        super().__init__()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.settings = {"save": "", "appendonly": "yes" if appendonly else "no", **settings}

    @classmethod
    def find(cls) -> str | None:
        return shutil.which("redis-server")

    def prepare(self) -> None:
        pass

    def command(self) -> list[str]:
        settings = [word for name, value in self.settings.items() for word in (f"--{name}", str(value))]
        return [str(self.find()), "--bind", "127.0.0.1", "--port", str(self.port), *settings]

    def is_ready(self) -> bool:
        return answer(self.port, b"PING\r\n").startswith(b"+PONG")


class RabbitServer(Server):
    """RabbitMQ with user guest, no plugins, and an epmd of its own, which ends with it.

    Keyword arguments are lines of its configuration.
    """

    package = "rabbitmq-server"
    PROGRAMS = Path("/usr/lib/rabbitmq/bin")  # the ones in PATH are wrappers that change user
    tls_url = ""  # for who configures a listener with a certificate

    def __init__(self, **settings: object) -> None:
        super().__init__()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self.settings = {"disk_free_limit.absolute": "1MB", **settings}

    @classmethod
    def find(cls) -> str | None:
        program = cls.PROGRAMS / "rabbitmq-server"
        return str(program) if program.exists() and shutil.which("epmd") else None

    def prepare(self) -> None:
        (self.directory / "enabled_plugins").write_text("[].")
        lines = [f"{name} = {value}\n" for name, value in self.settings.items()]
        (self.directory / "rabbitmq.conf").write_text("".join(lines))
        own = {
            "NODENAME": "bee@localhost",
            "NODE_IP_ADDRESS": "127.0.0.1",
            "NODE_PORT": self.port,
            "DIST_PORT": free_port(),
            "MNESIA_BASE": self.directory / "mnesia",
            "LOG_BASE": self.directory / "log",
            "LOGS": "-",
            "ENABLED_PLUGINS_FILE": self.directory / "enabled_plugins",
            "CONFIG_FILE": self.directory / "rabbitmq.conf",
            "CONF_ENV_FILE": os.devnull,
            "GENERATED_CONFIG_DIR": self.directory / "config",
            "SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        self.environment |= {f"RABBITMQ_{name}": str(value) for name, value in own.items()}
        self.environment |= {
            "HOME": str(self.directory),  # of the cookie
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(free_port()),
            "RUNNING_UNDER_SYSTEMD": "true",  # no shell stays in between to handle the signals
        }

    def command(self) -> list[str]:
        # Erlang would start an epmd that outlives it; one that is there already is used
        script = 'epmd & until epmd -names >/dev/null 2>&1; do sleep 0.02; done; exec "$0"'
        return ["sh", "-c", script, str(self.find())]

    def is_ready(self) -> bool:
        return answer(self.port, b"AMQP\x00\x00\x09\x01") != b""

    def settle(self) -> None:
        """Write what was declared and bound to disk: of a moment ago it would be gone with a SIGKILL."""
        self.ctl("eval", "mnesia:sync_log().")

    def ctl(self, *args: str) -> str:
        """Run rabbitmqctl, as in ctl("list_queues", "name", "messages"), and return what it prints."""
        command = [self.PROGRAMS / "rabbitmqctl", "--quiet", *args]
        return subprocess.check_output(command, env=self.environment, stdin=subprocess.DEVNULL, text=True)


def missing() -> list[str]:
    """The Debian packages of the servers and programs that are not here."""
    servers = [server.package for server in (PostgresServer, RedisServer, RabbitServer) if not server.find()]
    return servers + [package for program, package in PROGRAMS.items() if not shutil.which(program)]


def require(server: type[Server]) -> None:
    """Skip the test where the server is missing; in CI it must not be."""
    if not server.find():
        _do_without(server.package)


def require_program(program: str) -> None:
    """The same of a program that is no server."""
    if not shutil.which(program):
        _do_without(PROGRAMS[program])


def _do_without(package: str) -> None:
    import pytest  # not at the top: the guards, which import this module too, have no use for it

    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{package} is not installed")


def free_port() -> int:
    # below the range of outgoing ports: there a client that retries a dead server may connect to itself
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def answer(port: int, question: bytes) -> bytes:
    """The first bytes a server replies, empty when there is none."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(question)
        return connection.recv(64)
    return b""


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """`seconds` are for a machine that keeps up; one with more to run than it has cores has as much longer."""
    started = time.monotonic()
    while not condition():
        waited = time.monotonic() - started
        if waited > seconds and waited > seconds * _share_of_load():
            raise TimeoutError(f"waited {waited:.0f} s for {what}")
        time.sleep(0.02)


def _share_of_load() -> float:
    """How many want to run for each core that is there, in the last minute."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def signal_family(pid: int, number: signal.Signals) -> list[psutil.Process]:
    """Signal a server and all that it started (PostgreSQL's backends leave its process group)."""
    family = []
    with suppress(psutil.NoSuchProcess):
        server = psutil.Process(pid)
        server.suspend()  # so that it starts nothing more while its children are counted
        family = [*server.children(recursive=True), server]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
    with suppress(ProcessLookupError):
        os.killpg(pid, number)  # those whose parent has died
    return family


def is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def guard(directory: Path) -> None:
    """Wait for the tests to end, even by SIGKILL; then kill the server last told, remove its directory."""
    pid = 0
    for line in sys.stdin:
        pid = int(line)
    if pid:
        signal_family(pid, signal.SIGKILL)
    with suppress(OSError, IndexError):
        # shared memory that a killed PostgreSQL leaves behind
        segment = (directory / "data/postmaster.pid").read_text().splitlines()[6].split()[1]
        subprocess.run(["ipcrm", "-m", segment])
    shutil.rmtree(directory, ignore_errors=True)


def run(package: str) -> None:
    (server,) = [kind for kind in (PostgresServer, RedisServer, RabbitServer) if kind.package == package]
    with suppress(KeyboardInterrupt), server() as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1:2] == ["guard"]:
        guard(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["run"]:
        run(sys.argv[2])
    else:
        sys.stdout.write(" ".join(missing()) + "\n")
