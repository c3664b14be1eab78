"""An empty database of its own on the tests' server."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2

from tests.servers import PostgresServer


@contextmanager
def fresh_database(server: PostgresServer, template: str = "template0") -> Iterator[str]:
    """The URL of a database that is dropped afterwards, whoever is still connected."""
    name = f"bee_{secrets.token_hex(4)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.url.rpartition("/")[0] + f"/{name}"
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(server: PostgresServer, statement: str) -> None:
    with closing(psycopg2.connect(server.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
