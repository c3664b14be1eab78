"""Settings of events: where they go, and that no password is ever shown."""

import pytest

from bee_customers.errors import InvalidSetting
from bee_customers.events import connect
from bee_customers.settings import Settings, load

PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://db/customers",
    "SECRET_KEY": "a-secret-of-thirty-two-characters",
}


def refusal(name, value):
    with pytest.raises(InvalidSetting) as refused:
        load({}, {name: value})
    message = str(refused.value)
    assert message.startswith(f"{name}: got a value that is not shown, expected")
    assert "hunter2" not in message
    return message


@pytest.mark.parametrize(
    "url",
    [
        "amqp://mq",
        "amqp://bee:hunter2@mq:5672",
        "amqp://bee:hunter2@mq:5672/",
        "amqp://bee:hunter2@mq:5672//",
        "amqp://bee:hunter2@mq:5672/%2Fbees",
        "amqp://bee:p%40ss%2Fword@[::1]:5672/bees",
        "amqps://bee:hunter2@mq.example/bees?cacertfile=/etc/ca.pem&certfile=/etc/own.pem",
        "memory://",
    ],
)
def test_a_broker_is_taken_in_all_its_writings(url):
    assert load({}, {"RABBITMQ_URL": url}).rabbitmq_url == (url,)


def test_several_brokers_are_separated_by_spaces():
    assert load({}, {"RABBITMQ_URL": " amqp://one  amqps://two\n"}).rabbitmq_url == ("amqp://one", "amqps://two")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mq:5672",
        "http://bee:hunter2@mq",
        "redis://bee:hunter2@mq",
        "amqp://",
        "amqp://bee:hunter2@",
        "amqp://bee:hunter2@:5672",
        "amqp://bee:hunter2/bees@mq",
        "amqp://bee:hunter2@mq:port/",
        "amqp://bee:hunter2@mq:65536/",
        "amqp://bee:hunter2@mq:0/",
        "amqp://bee:hunter2@[mq/",
        "amqp://bee:hunter@2@mq/",
        "amqp://bee:hunter2@one,amqp://bee:hunter2@two",
        "amqp://bee:hunter2@one:5672,two:5672/",
        "amqp://bee:hunter2@one;amqp://two",
        "amqp://one http://bee:hunter2@two",
        "memory:// amqp://bee:hunter2@mq",
        "memory://x",
    ],
)
def test_what_is_no_broker_is_refused_without_its_password(url):
    assert "separated by spaces" in refusal("RABBITMQ_URL", url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis://cache",
        "redis://cache/",
        "redis://:hunter2@cache:6379/15",
        "rediss://bee:hunter2@[::1]:6379/0?ssl_ca_certs=/etc/ca.pem&ssl_certfile=/etc/own.pem",
    ],
)
def test_redis_is_taken_in_all_its_writings(url):
    settings = load({}, {"REDIS_URL": url})
    assert settings.redis_url == url
    assert bool(connect.fallback(settings)) == bool(url)


@pytest.mark.parametrize(
    "url",
    [
        "cache:6379",
        "unix:///run/redis.sock",
        "redis://",
        "redis://:hunter2@",
        "redis://bee:hunter2/0",
        "redis://:hunter2@cache:port/0",
        "redis://:hunter2@cache:65536/0",
        "redis://:hunter2@cache/bees",
        "redis://:hunter2@cache/0?password=hunter2",
        "redis://:hunter2@cache/0?decode_responses=true",
        "redis://:hunter2@cache/0?socket_timeout=60",
        "rediss://:hunter2@cache/0?ssl_cert_reqs=none",
        "redis://one redis://two",
    ],
)
def test_what_is_no_redis_is_refused_without_its_password(url):
    assert "redis://:password@host:6379/0" in refusal("REDIS_URL", url)


def test_development_needs_neither_and_production_expects_both():
    development, production = load({}, {}), load({}, PRODUCTION)
    assert (development.rabbitmq_url, development.redis_url) == (("memory://",), "")
    assert production.rabbitmq_url == ("amqp://guest:guest@localhost:5672/",)
    assert production.redis_url == "redis://localhost:6379/0"
    assert development.rabbitmq_exchange == production.rabbitmq_exchange == "bee.customers.events"
    assert (development.event_changes, development.event_attempts) == ("values", 10)


def test_redis_may_be_done_without_in_production():
    assert connect.fallback(load({}, PRODUCTION | {"REDIS_URL": ""})) is None


@pytest.mark.parametrize("name", ["rabbitmq_url", "redis_url"])
def test_what_may_hold_a_password_is_secret(name):
    assert Settings.__dataclass_fields__[name].metadata["secret"]
