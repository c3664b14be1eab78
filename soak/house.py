"""A service of two processes, its relay, and the servers it stands on, all of their own."""

import contextlib
import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from bee_customers.db.engine import Database
from bee_customers.services import migrations
from bench.memory import resident_mebibytes
from bench.processes import running
from bench.web import ENVIRONMENT, Web, service
from tests.faults.inbox import Inbox
from tests.faults.oracle import Oracle
from tests.servers import ROOT, PostgresServer, RabbitServer, RedisServer

PROGRAM = str(Path(sys.executable).with_name("bee-customers"))
EXCHANGE = "soak.events"


@dataclasses.dataclass
class House:
    postgres: PostgresServer
    redis: RedisServer
    rabbit: RabbitServer
    web: Web
    relay: subprocess.Popen[bytes]
    database: Database
    inbox: Inbox
    environ: dict[str, str]

    @property
    def oracle(self) -> Oracle:
        return Oracle(self.database, self.inbox)

    def memory(self) -> dict[str, float]:
        """MiB of each process, by what it is."""
        workers = sorted(worker.pid for worker in psutil.Process(self.web.pid).children())
        named = {f"web process {number}": pid for number, pid in enumerate(workers, 1)} | {"relay": self.relay.pid}
        return {name: resident_mebibytes(pid) for name, pid in named.items()}

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([PROGRAM, *arguments], env=self.environ, capture_output=True, text=True, timeout=300)


@contextlib.contextmanager
def opened(directory: Path) -> Iterator[House]:
    with PostgresServer(durable=True) as postgres, RedisServer(appendonly=True) as redis, RabbitServer() as rabbit:
        database = Database(postgres.url)
        migrations.upgrade(database.writer, ROOT / "alembic")
        inbox = Inbox(rabbit.url, EXCHANGE)
        inbox.bind()
        own = {"DATABASE_URL": postgres.url, "RABBITMQ_URL": rabbit.url, "REDIS_URL": redis.url}
        environ = {**ENVIRONMENT, **own, "RABBITMQ_EXCHANGE": EXCHANGE}
        with (
            service(postgres.url, directory, core=None, processes=2, REDIS_URL=redis.url) as web,
            running([PROGRAM, "events", "relay"], directory / "relay.log", core=None, environ=environ) as relay,
        ):
            yield House(postgres, redis, rabbit, web, relay, database, inbox, {**os.environ, **environ})
        database.close()
