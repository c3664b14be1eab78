"""bee-customers doctor, as far as it looks at the broker and at Redis."""

import json

import pytest

from tests.servers import free_port


@pytest.fixture
def doctor(call, migrated):
    """Runs it, and gives its exit code and each part with what is told of it."""

    def run(**environ):
        result = call("doctor", "--json", **{"DATABASE_URL": migrated, **environ})
        assert "hunter2" not in result.output
        return result.exit_code, {found.pop("part"): found for found in json.loads(result.stdout)}

    return run


def test_without_broker_and_redis_it_says_what_that_means(doctor):
    code, found = doctor()
    assert code == 0
    assert found["broker"] == {"is_well": True, "detail": "none: events are only logged"}
    assert found["redis"] == {"is_well": True, "detail": "none: events wait in the database"}


def test_it_finds_both_and_the_exchange(doctor, broker, redis_server):
    code, found = doctor(RABBITMQ_URL=broker.url, RABBITMQ_EXCHANGE=broker.exchange, REDIS_URL=redis_server.url)
    assert code == 0
    assert found["broker"] == {"is_well": True, "detail": f"the exchange {broker.exchange} is there"}
    assert found["redis"] == {"is_well": True, "detail": "the fallback queue holds 0 events"}


def test_it_names_what_is_away(doctor):
    port = free_port()
    code, found = doctor(
        RABBITMQ_URL=f"amqp://bee:hunter2@127.0.0.1:{port}//", REDIS_URL=f"redis://:hunter2@127.0.0.1:{port}"
    )
    assert code == 1
    assert found["broker"] == {
        "is_well": False,
        "detail": f"127.0.0.1:{port}: the broker cannot be reached: Connection refused",
    }
    assert found["redis"] == {
        "is_well": False,
        "detail": "the fallback queue cannot be used: Redis cannot be reached",
    }
    assert found["database"]["is_well"]


def test_it_names_a_wrong_password(doctor, broker, redis_server):
    code, found = doctor(
        RABBITMQ_URL=broker.url.replace("guest@", "hunter2@"),
        REDIS_URL=redis_server.url.replace("://", "://bee:hunter2@"),
    )
    assert code == 1
    assert "refuses the user, its password" in found["broker"]["detail"]
    assert "Redis refuses the user or its password" in found["redis"]["detail"]


def test_of_several_brokers_it_names_the_one_that_fails(doctor, broker):
    dead = f"127.0.0.1:{free_port()}"
    code, found = doctor(
        RABBITMQ_URL=f"{broker.url} amqp://bee:hunter2@{dead}//", RABBITMQ_EXCHANGE=broker.exchange
    )
    assert code == 1
    assert found["broker"]["detail"].startswith(f"{dead}: the broker cannot be reached")


def test_an_exchange_of_another_type_is_told(doctor, broker):
    broker.declare("fanout")
    code, found = doctor(RABBITMQ_URL=broker.url, RABBITMQ_EXCHANGE=broker.exchange)
    assert code == 1
    assert f"the exchange {broker.exchange} is there with another type" in found["broker"]["detail"]


PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "s" * 40,
    "AUTH_JWT_KEY": "k" * 40,
    "AUTH_JWT_ALGORITHMS": "HS256",
    "REDIS_URL": "",
    "RABBITMQ_URL": "memory://",
}
ONE = "without TRUSTED_PROXIES its clients are limited as one"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "none is trusted"),
        (PRODUCTION, f"none is trusted, and on 127.0.0.1 only a proxy is heard: {ONE}"),
        (PRODUCTION | {"HOST": "localhost"}, f"none is trusted, and on localhost only a proxy is heard: {ONE}"),
        (PRODUCTION | {"HOST": "0.0.0.0"}, "none is trusted"),
        (PRODUCTION | {"TRUSTED_PROXIES": "127.0.0.1,10.0.0.0/8"}, "2 are trusted"),
    ],
    ids=["development", "loopback", "by name", "all addresses", "trusted"],
)
def test_it_says_where_clients_of_a_proxy_would_be_limited_as_one(doctor, environ, said):
    _, found = doctor(**environ)
    assert found["proxies"] == {"is_well": True, "detail": said}


def test_a_setting_that_does_not_hold_is_its_only_line(call):
    result = call("doctor", DATABASE_URL="postgresql://db/c", RABBITMQ_URL="amqp://bee:hunter2@mq:port")
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("FAIL  settings   RABBITMQ_URL: got a value that is not shown")
