"""What is special about counting in Redis."""

import re
import socket
import threading
import time

import pytest
import redis
from prometheus_client import CollectorRegistry

from bee_customers.errors import CountersUnavailable
from bee_customers.rate_limiting import connect, redis_connections
from bee_customers.rate_limiting.limiter import Charge
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.rate_limiting.redis_limiter import RedisLimiter
from bee_customers.settings import load
from tests.limiting import InRedis, per_minute
from tests.servers import RedisServer, free_port

FIVE, MANY = per_minute(5), per_minute(600, "many")


@pytest.fixture
def bench(redis_server):
    made = InRedis(redis_server.url)
    yield made
    made.close()


def test_all_policies_of_a_request_cost_one_command(bench):
    bench.come(FIVE)
    before = bench.client.info("commandstats")["cmdstat_evalsha"]["calls"]
    bench.ask(Charge(MANY, "maya"), Charge(FIVE, "maya"))
    assert bench.client.info("commandstats")["cmdstat_evalsha"]["calls"] == before + 1


def test_keys_hold_hashes_under_a_prefix_of_our_own(bench, redis_server):
    limits = connect.connect(load({}, {"REDIS_URL": redis_server.url}), b"key", LimitMetrics(CollectorRegistry()))
    for _ in range(8):
        limits.of_caller("maya@honey.example", "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d")
    for _ in range(22):
        limits.of_failure("192.0.2.1")
    form = re.compile(
        r"bee:limits:sliding_window:\{(api|customer-patch|auth-failure)/[0-9a-f]{32}/\d+/60/second\}"
        r"(/-1|/hold|/pushes)?"
    )
    keys = bench.client.keys("*")
    assert {form.fullmatch(key)[1] for key in keys} == {"api", "customer-patch", "auth-failure"}


def test_every_key_goes_by_itself(bench):
    bench.come(FIVE, times=30)
    assert len(bench.client.keys("*")) == 3
    assert all(0 < bench.client.pttl(key) <= 1_800_000 for key in bench.client.keys("*"))


def test_a_clock_of_redis_that_was_put_back_locks_nobody_out(bench):
    """Then all that is there lives for longer than it was given: by an hour here."""
    bench.come(FIVE, times=10)
    bench.advance(-3600)
    standing = bench.come(FIVE)
    assert (standing.is_refused, standing.remaining) == (False, 4)
    bench.come(FIVE, times=4)
    assert bench.come(FIVE).wait_ms <= 60_001
    assert bench.come(FIVE).wait_ms <= 72_001


def test_a_redis_that_forgot_the_script_is_given_it_again(bench):
    bench.come(FIVE)
    connections = bench.client.info("stats")["total_connections_received"]
    bench.client.script_flush()
    assert bench.come(FIVE).remaining == 3
    assert bench.client.info("stats")["total_connections_received"] == connections, "on the same connection"


def test_a_redis_that_forgot_everything_counts_anew(bench):
    bench.come(FIVE, times=6)
    bench.client.flushall()
    assert bench.come(FIVE).remaining == 4


def test_a_connection_that_was_closed_while_idle_is_replaced_unseen(bench):
    bench.come(FIVE)
    bench.client.client_kill_filter(_type="normal", skipme=True)
    assert bench.come(FIVE).remaining == 3


def test_threads_count_together_and_lose_nothing(bench):
    refused = []

    def work():
        refused.extend(bench.come(MANY).is_refused for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (len(refused), refused.count(False)) == (800, 600)
    assert len(bench.client.client_list()) <= 20, "one connection a thread, and no more"


def test_what_is_no_counter_is_named(bench):
    bench.client.lpush("bee:limits:sliding_window:{honey/maya/5/60/second}/-1", "x")
    with pytest.raises(CountersUnavailable, match=r"^ResponseError$"):
        bench.come(FIVE)


def test_nobody_there_is_named_at_once():
    limiter = RedisLimiter(f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    with pytest.raises(CountersUnavailable, match=r"^ConnectionError$"):
        limiter.decide([Charge(FIVE, "maya")])


def test_a_password_that_does_not_hold_is_named_without_it(redis_server):
    limiter = RedisLimiter(redis_server.url.replace("://", "://bee:hunter2@"))
    with pytest.raises(CountersUnavailable, match=r"^Authentication[A-Za-z]*$|^ResponseError$"):
        limiter.decide([Charge(FIVE, "maya")])


def test_one_that_only_listens_is_given_up_in_time(unanswering):
    limiter = RedisLimiter(f"redis://:hunter2@127.0.0.1:{unanswering}/3")
    taken = []
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(CountersUnavailable, match=r"^TimeoutError$"):
            limiter.decide([Charge(FIVE, "maya")])
        taken.append(time.monotonic() - started)
    # the best of three, since others may keep the machine busy
    assert min(taken) < 0.2


@pytest.fixture
def unanswering():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_redis_over_tls_counts_too_and_its_certificate_is_checked(certificates, monkeypatch):
    # what keys and certificates take on a busy machine is not the point here
    for deadline in ("_CONNECT_SECONDS", "_READ_SECONDS", "_FIRST_SECONDS"):
        monkeypatch.setattr(redis_connections, deadline, 20.0)
    certificate, key = certificates.issue("localhost")
    port = free_port()
    settings = {
        "tls-port": port,
        "tls-cert-file": certificate,
        "tls-key-file": key,
        "tls-ca-cert-file": certificates.file,
        "tls-auth-clients": "no",
    }
    with RedisServer(**settings):
        limiter = RedisLimiter(f"rediss://localhost:{port}/2?ssl_ca_certs={certificates.file}")
        assert limiter.decide([Charge(FIVE, "maya")])[0].remaining == 4
        with redis.Redis.from_url(f"rediss://localhost:{port}/2?ssl_ca_certs={certificates.file}") as client:
            assert len(client.keys("bee:limits:*")) == 1
        with pytest.raises(CountersUnavailable, match="Error"):
            RedisLimiter(f"rediss://localhost:{port}/2").decide([Charge(FIVE, "maya")])
        limiter.close()


def test_a_name_that_nobody_resolves_is_given_up(monkeypatch):
    asked, may_go_on = threading.Event(), threading.Event()

    def resolve(*_, **__):
        asked.set()
        may_go_on.wait(20)
        raise socket.gaierror("nobody knows it")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    limiter = RedisLimiter("redis://redis.example:6379")
    try:
        with pytest.raises(CountersUnavailable, match="TimeoutError"):
            limiter.decide([Charge(FIVE, "maya")])
        # it was decided while the answer was still out
        assert asked.is_set()
        assert not may_go_on.is_set()
    finally:
        may_go_on.set()
        limiter.close()
