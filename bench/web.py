"""The two web processes: the service and the floor, with one environment and one token for both."""

import contextlib
import dataclasses
import http.client
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import jwt
import psutil

from bench.memory import resident_mebibytes
from bench.processes import WEB_CORE, ProcessFailed, check_alive, cpu_seconds, free_port, running

SECRET_KEY = "benchmark-secret-key-0123456789abcdef"
JWT_KEY = "benchmark-token-key-0123456789abcdef"
THREADS = 4
FILES = "files"
_START_SECONDS = 60
ENVIRONMENT = {
    "HOST": "127.0.0.1",
    "THREADS": str(THREADS),
    # in development the service would publish events too, in the process that is measured
    "ENVIRONMENT": "production",
    "CORS_ORIGINS": "",
    "AUTH_JWT_KEY": JWT_KEY,
    "AUTH_JWT_ALGORITHMS": "HS256",
    "SECRET_KEY": SECRET_KEY,
    "LOG_LEVEL": "warning",
    # nobody looks elsewhere when it ends
    "DRAIN_SECONDS": "0",
    # One caller makes all requests: limits would be all that is measured.
    "API_RATE": "off",
    "CUSTOMER_PATCH_RATE": "off",
    "AUTH_FAILURE_RATE": "off",
}


_SERVE = [str(Path(sys.executable).with_name("bee-customers")), "serve"]


@dataclasses.dataclass(frozen=True)
class Web:
    name: str
    port: int
    pid: int

    def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()

    def cpu_seconds(self) -> float:
        """Of all its processes."""
        workers = psutil.Process(self.pid).children()
        return cpu_seconds(self.pid) + sum(cpu_seconds(worker.pid) for worker in workers)

    def resident_mebibytes(self) -> float:
        return resident_mebibytes(self.pid)


def bearer(role: str) -> dict[str, str]:
    """The Authorization header of a caller with that role in every business."""
    claims = {
        "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, role)),
        "iss": "bee-auth",
        "aud": "bee-customers",
        "exp": int(time.time()) + 86_400,
        "role": role,
    }
    return {"Authorization": "Bearer " + jwt.encode(claims, JWT_KEY, algorithm="HS256")}


def service(
    database: str,
    directory: Path,
    name: str = "service",
    *,
    core: int | None = WEB_CORE,
    processes: int = 1,
    **settings: str,
) -> contextlib.AbstractContextManager[Web]:
    """With these settings beside those of ENVIRONMENT; on any core where none is named."""
    return _started(name, _SERVE, database, directory, core=core, PROCESSES=str(processes), **settings)


def watched(database: str, directory: Path) -> contextlib.AbstractContextManager[Web]:
    """The service as production has it, with a line for each request."""
    return _started("watched", _SERVE, database, directory, LOG_LEVEL="info")


def unwatched(database: str, directory: Path, **settings: str) -> contextlib.AbstractContextManager[Web]:
    settings = {"LOG_LEVEL": "info", **settings}
    return _started("unwatched", [sys.executable, "-m", "bench.unwatched"], database, directory, **settings)


def floor(database: str, directory: Path) -> contextlib.AbstractContextManager[Web]:
    return _started("floor", [sys.executable, "-m", "bench.floor"], database, directory)


@contextlib.contextmanager
def _started(
    name: str, command: list[str], database: str, directory: Path, *, core: int | None = WEB_CORE, **environ: str
) -> Iterator[Web]:
    port, log = free_port(), directory / f"{name}.log"
    storage = f"file://{directory / FILES}"
    own = {"DATABASE_URL": database, "STORAGE_URL": storage, "PORT": str(port)}
    with running(command, log, core=core, environ={**ENVIRONMENT, **own, **environ}) as process:
        _wait_until_listening(process, port, log)
        yield Web(name, port, process.pid)


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        check_alive(process, log)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(ConnectionError):
            connection.connect()
            return
        if time.monotonic() > deadline:
            raise ProcessFailed(f"does not listen; see {log}")
        time.sleep(0.1)
