"""What the image promises, tried one by one. Each trial gives a line for the report, or fails."""

import json
import signal
import stat
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

import bee_customers
from tests.image.container import Image, run, running
from tests.servers import PostgresServer, free_port, wait_until

BYTES_MOST = 250_000_000
COMPILERS = {"cc", "gcc", "g++", "c++", "clang", "ld", "as", "make", "cargo", "rustc", "go"}
LEFTOVERS = {"pip", ".cache", "wheels", "build", "compile_used.py"}
SECRET = "a secret of the trial of thirty-two bytes or more"


def size(image: Image, base: Image) -> str:
    total, above = sum(image.layers), sum(image.layers[len(base.layers) :])
    assert total < BYTES_MOST, f"{total / 1e6:.0f} MB"
    return f"{total / 1e6:.0f} MB in all, uncompressed: {above / 1e6:.0f} MB above the base"


def user(image: Image) -> str:
    found = run(image.bare("id", "-u")).strip()
    assert found == "10001"
    return f"uid {found}"


def no_tools(image: Image, base: Image) -> str:
    """Neither a compiler, nor what pip left behind, nor what the wheels were made with."""
    programs = [path for path in image.walk() if path.name in COMPILERS and path.is_file()]
    known = {path.relative_to(base.root) for path in base.walk()}
    new = [path.relative_to(image.root) for path in image.walk()]
    leftovers = [path for path in new if path not in known and (path.suffix == ".whl" or path.name in LEFTOVERS)]
    assert (programs, leftovers) == ([], [])
    return "no compiler, no pip beside the service, no cache, no wheels"


def not_writable(image: Image) -> str:
    """Of what is in the image the user owns one directory, and may write to what everybody may."""
    own = image.root / "srv/bee-customers/var"
    uid = int(image.config["User"].partition(":")[0])
    open_to_all = [image.root / name for name in ("tmp", "var/tmp", "run/lock")]
    kept = [path for path in image.walk() if not path.is_symlink() and (image.root / "dev") not in path.parents]
    writable = [path for path in kept if _may_write(path, uid) and path not in (own, *open_to_all)]
    assert writable == []
    refused = run(image.bare("sh", "-c", "touch /opt/bee-customers/x 2>&1 || touch /srv/x 2>&1 || true"))
    assert refused.count("Read-only file system") == 2
    return "the user may write to /srv/bee-customers/var and /tmp alone"


def _may_write(path: Path, uid: int) -> bool:
    found = path.lstat()
    return found.st_uid == uid or bool(found.st_mode & stat.S_IWOTH)


def command_line(image: Image) -> str:
    assert bee_customers.__version__ in run(image.command("--version"))
    started = time.monotonic()
    assert "serve" in run(image.command("--help"))
    return f"{(time.monotonic() - started) * 1000:.0f} ms for --help"


def settings_are_needed(image: Image) -> str:
    """Without a setting it is production, and says in one line what is missing."""
    done = subprocess.run(image.command(), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.strip().count("\n")) == (1, 0), done.stderr
    return f"`{done.stderr.strip()}`"


def migrations(image: Image, database: str) -> str:
    started = time.monotonic()
    run(image.command("db", "upgrade", **_settings(database)))
    run(image.command("db", "check", **_settings(database)))
    return f"{time.monotonic() - started:.1f} s for `db upgrade` and `db check`"


def several_processes(image: Image, database: str) -> str:
    """They share their counters in a directory that they make, which has to be possible here."""
    return service(image, database, processes=2)


def service(image: Image, database: str, processes: int = 1) -> str:
    """Starts with its usual command, is found healthy by the image's own check, and ends in order."""
    port = free_port()
    started = time.monotonic()
    settings = _settings(database) | {"PORT": str(port), "DRAIN_SECONDS": "0", "PROCESSES": str(processes)}
    with running(image.command(**settings)) as process:
        wait_until(lambda: _status(port, "/health/live") == 200, 30, "the service")
        healthy = time.monotonic() - started
        assert _status(port, "/health") == 200
        check = image.config["Healthcheck"]["Test"]
        assert check[0] == "CMD"
        run(image.bare(*check[1:], PORT=str(port)))
        run(image.bare(*check[1:], PORT=str(free_port())), status=1)
        memory = sum(each.memory_info().rss for each in process.children(recursive=True))
        _inside(process).send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    return f"healthy after {healthy:.1f} s, {memory / 2**20:.0f} MiB; SIGTERM ends it with 0"


def relay(image: Image, database: str) -> str:
    port = free_port()
    with running(image.command("events", "relay", "--metrics-port", str(port), **_settings(database))) as process:
        wait_until(lambda: _status(port, "/metrics") == 200, 30, "the relay's metrics")
        _inside(process).send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    status = json.loads(run(image.command("events", "status", "--json", **_settings(database))))
    return f"runs and ends with 0; `events status` tells {len(status)} things"


def trials(image: Image, base: Image) -> Iterator[tuple[str, str]]:
    """Each with its name; the first that fails raises."""
    yield "size", size(image, base)
    yield "no tools", no_tools(image, base)
    for trial in (user, not_writable, command_line, settings_are_needed):
        yield trial.__name__.replace("_", " "), trial(image)
    with PostgresServer() as server:
        for with_database in (migrations, service, several_processes, relay):
            yield with_database.__name__.replace("_", " "), with_database(image, server.url)


def _settings(database: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database,
        "RABBITMQ_URL": "memory://",
        "REDIS_URL": "",
        "SECRET_KEY": SECRET,
        "AUTH_JWT_KEY": SECRET,
        "AUTH_JWT_ALGORITHMS": "HS256",
    }


def _inside(process: psutil.Process) -> psutil.Process:
    """The first process of the namespace, which is the program itself."""
    (child,) = process.children()
    return child


def _status(port: int, path: str) -> int:
    with suppress(OSError):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).status
        except urllib.error.HTTPError as error:
            return error.code
    return 0
