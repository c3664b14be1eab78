import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import kombu
import psutil
import psycopg2
import pytest
import redis

from tests.servers import ROOT, PostgresServer, RabbitServer, RedisServer, Server, is_alive, require, wait_until

pytestmark = pytest.mark.servers


@contextmanager
def leaving_nothing(server: Server) -> Iterator[Server]:
    with server:
        process = psutil.Process(server.pid)
        processes = [process, *process.children(recursive=True)]
        yield server
    assert not server.directory.exists()
    wait_until(lambda: not any(map(is_alive, processes)), 2, "its processes to end")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    require(PostgresServer)
    with leaving_nothing(PostgresServer(max_connections=20)) as server:
        yield server


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    require(RedisServer)
    with leaving_nothing(RedisServer()) as server:
        yield server


@pytest.fixture(scope="module")
def rabbit() -> Iterator[RabbitServer]:
    require(RabbitServer)
    with leaving_nothing(RabbitServer()) as server:
        yield server


def scalar(server: PostgresServer, query: str) -> object:
    with closing(psycopg2.connect(server.url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def test_postgres_answers_with_the_settings_asked_for(postgres):
    assert scalar(postgres, "SELECT 1") == 1
    assert scalar(postgres, "SHOW max_connections") == "20"
    assert scalar(postgres, "SHOW fsync") == "off"
    assert scalar(postgres, "SHOW server_encoding") == "UTF8"


def test_postgres_has_trigrams(postgres):
    query = "CREATE EXTENSION IF NOT EXISTS pg_trgm; SELECT similarity('honey', 'honey')"
    assert scalar(postgres, query) == 1


def test_a_frozen_postgres_answers_an_open_connection_only_when_thawed(postgres):
    with (
        closing(psycopg2.connect(postgres.url)) as connection,
        connection.cursor() as cursor,
        ThreadPoolExecutor() as pool,
    ):
        postgres.freeze()
        answer = pool.submit(cursor.execute, "SELECT 1")
        try:
            with pytest.raises(TimeoutError):
                answer.result(timeout=0.5)
        finally:
            postgres.thaw()
        answer.result(timeout=5)
        assert cursor.fetchone() == (1,)


def test_a_killed_durable_postgres_comes_back_with_its_data():
    require(PostgresServer)
    with PostgresServer(durable=True) as server:
        scalar(server, "CREATE TABLE hive (name text); INSERT INTO hive VALUES ('north') RETURNING 1")
        server.kill()
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(server.url)
        server.restart()
        assert scalar(server, "SELECT name FROM hive") == "north"


def test_redis_answers(redis_server):
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.ping() is True


def test_a_frozen_redis_times_out_and_a_thawed_one_answers(redis_server):
    with redis.Redis.from_url(redis_server.url, socket_timeout=0.2, retry=None) as client:
        client.ping()
        redis_server.freeze()
        try:
            with pytest.raises(redis.TimeoutError):
                client.ping()
        finally:
            redis_server.thaw()
        assert client.ping() is True


def test_redis_keeps_its_data_over_a_restart_only_when_asked():
    require(RedisServer)
    for appendonly, expected in ((True, b"north"), (False, None)):
        with RedisServer(appendonly=appendonly) as server, redis.Redis.from_url(server.url) as client:
            client.set("hive", "north")
            server.restart()
            assert client.get("hive") == expected


def test_rabbit_gives_back_what_a_queue_was_sent(rabbit):
    with kombu.Connection(rabbit.url) as connection, connection.SimpleQueue("hive") as queue:
        queue.put({"name": "north"})
        assert "hive\t1" in rabbit.ctl("list_queues", "name", "messages")
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == {"name": "north"}


@pytest.mark.parametrize("kind", [PostgresServer, RedisServer])
@pytest.mark.parametrize("stop_after", ["use", "freeze", "kill"])
def test_stop_leaves_no_process_and_no_directory(kind, stop_after):
    require(kind)
    with leaving_nothing(kind()) as server:
        if stop_after != "use":
            getattr(server, stop_after)()


@pytest.mark.parametrize("kind", [PostgresServer, RedisServer])
def test_a_server_goes_even_when_the_tests_are_killed(kind):
    require(kind)
    script = (
        f"from tests.servers import {kind.__name__} as Server; server = Server(); server.start();"
        "print(server.pid, server.directory, flush=True); server.process.wait()"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as tests:
        pid, directory = tests.stdout.readline().split()
        process = psutil.Process(int(pid))
        tests.kill()
    wait_until(lambda: not is_alive(process), 10, "the server to end")
    wait_until(lambda: not Path(directory).exists(), 10, f"{directory} to go")
