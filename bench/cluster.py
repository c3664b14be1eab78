"""A private PostgreSQL with durable settings, its data directory kept between runs."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2

from bench.processes import LOAD_CORE, ProcessFailed, check_alive, free_port, running

BINARIES = Path("/usr/lib/postgresql/15/bin")
_START_SECONDS = 60
# What a small server would have. fsync, synchronous_commit and full_page_writes keep their safe defaults.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "100",
    "timezone": "UTC",
    # so that the search statement can be read back whole
    "track_activity_query_size": "32kB",
}


@contextlib.contextmanager
def started(directory: Path, core: int | None = LOAD_CORE) -> Iterator[str]:
    """Start the server on `directory`, made first if need be; gives its URL. On all cores where none is named."""
    user = _server_user()
    if not (directory / "data" / "PG_VERSION").exists():
        _initialise(directory, user)
    port, log = free_port(), directory / "postgresql.log"
    command = [str(BINARIES / "postgres"), "-D", str(directory / "data"), "-p", str(port)]
    for name, value in _SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    # SIGINT is PostgreSQL's fast shutdown: open sessions do not hold it up.
    with running(command, log, core=core, user=user, stop_signal=signal.SIGINT) as process:
        url = f"postgresql://bench@127.0.0.1:{port}/postgres"
        _wait_until_ready(process, url, log)
        yield url


def version(url: str) -> str:
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        row = cursor.fetchone()
        return str(row[0]) if row else ""


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("postgres").pw_name


def _initialise(directory: Path, user: str | None) -> None:
    shutil.rmtree(directory / "data", ignore_errors=True)
    directory.mkdir(parents=True, exist_ok=True)
    command = [str(BINARIES / "initdb"), "-D", str(directory / "data"), "--username=bench", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
    if user:
        shutil.chown(directory, user)
        command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--", *command]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise ProcessFailed(f"initdb: {error.stderr.strip()}") from None


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        check_alive(process, log)
        try:
            psycopg2.connect(url, connect_timeout=2).close()
            return
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
