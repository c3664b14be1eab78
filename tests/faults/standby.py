"""A streaming standby of a PostgreSQL of the tests."""

from contextlib import closing
from pathlib import Path

import psycopg2

from tests.servers import PostgresServer, wait_until


class Standby(PostgresServer):
    """Copied from its primary when it starts; it follows until it is promoted."""

    def __init__(self, primary: PostgresServer) -> None:
        super().__init__()
        self._primary = primary

    def prepare(self) -> None:
        self.leave_root()
        program = str(Path(str(self.find())).with_name("pg_basebackup"))
        options = [
            "--pgdata=data",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--wal-method=stream",
            "--no-sync",
        ]
        source = ["--host=127.0.0.1", f"--port={self._primary.port}", "--username=postgres"]
        copying = self._spawn([program, *options, *source])
        if copying.wait(30):
            raise RuntimeError(f"pg_basebackup failed: {self.log[-2000:]}")

    def promote(self) -> None:
        """Make it a primary; returns when it is one."""
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_promote()")

    def wait_until_it_has(self, statement: str) -> None:
        """Until a query gives a row here."""

        def is_there() -> bool:
            with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone() is not None

        wait_until(is_there, 10, "the standby to follow")
