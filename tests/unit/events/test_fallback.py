"""The fallback queue in a real Redis."""

import logging
import socket
import uuid

import pytest
import redis

from bee_customers.errors import FallbackUnavailable
from bee_customers.events.envelope import compose
from bee_customers.events.fallback import STREAM, RedisFallback
from tests.outgoing import event_row
from tests.servers import free_port


@pytest.fixture
def raw(redis_server):
    with redis.Redis.from_url(redis_server.url, decode_responses=True) as client:
        yield client


def append(fallback, *rows):
    return fallback.append(rows, [compose(row) for row in rows])


def test_events_are_kept_in_their_order_under_ids_of_the_stream(fallback):
    rows = [event_row() for _ in range(5)]
    identifiers = append(fallback, *rows)
    assert fallback.depth() == 5
    assert fallback.first(10) == [
        (identifier, (str(row.customer_id), row.sequence))
        for identifier, row in zip(identifiers, rows, strict=True)
    ]
    assert [identifier for identifier, _ in fallback.first(2)] == identifiers[:2]


def test_what_is_removed_is_gone_and_may_be_removed_again(fallback):
    identifiers = append(fallback, event_row(), event_row())
    for _ in range(2):
        fallback.remove(identifiers[:1])
        assert [identifier for identifier, _ in fallback.first(10)] == identifiers[1:]


def test_an_empty_queue_has_nothing(fallback):
    assert (fallback.depth(), fallback.first(10)) == (0, [])


def test_a_consumer_finds_what_the_broker_would_have_given_it(fallback, raw):
    row = event_row()
    (identifier,) = append(fallback, row)
    ((found, fields),) = raw.xrange(fallback._stream)
    assert found == identifier
    assert fields == {
        "event_id": str(row.id),
        "event": "CustomerUpdatedEvent",
        "routing_key": "customers.updated",
        "customer_id": str(row.customer_id),
        "sequence": str(row.sequence),
        "body": compose(row).body.decode(),
    }


def test_the_stream_has_the_name_that_is_documented():
    assert STREAM == "bee:customers:events"
    assert RedisFallback("redis://localhost")._stream == STREAM


@pytest.mark.parametrize(
    "fields",
    [
        {"hello": "bees"},
        {"customer_id": "no uuid", "sequence": "1"},
        {"customer_id": str(uuid.UUID(int=7)), "sequence": "many"},
        {"customer_id": str(uuid.UUID(int=7)), "sequence": "9" * 30},
        {"customer_id": str(uuid.UUID(int=7)), "sequence": "-" + "9" * 30},
        {"customer_id": b"\xff\xfe", "sequence": "1"},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_what_is_none_of_our_entries_has_an_id_and_no_name(fallback, raw, fields):
    identifier = raw.xadd(fallback._stream, fields)
    assert fallback.first(10) == [(identifier, None)]
    fallback.remove([identifier])
    assert fallback.depth() == 0


def test_all_or_none_of_a_batch_is_added(fallback, raw):
    """A customer's events stay in order: never its second without its first."""
    rows = [event_row(), event_row()]
    raw.set(fallback._stream, "of another kind")
    with pytest.raises(FallbackUnavailable):
        append(fallback, *rows)
    raw.delete(fallback._stream)
    assert fallback.depth() == 0


CALLS = {
    "depth": lambda fallback: fallback.depth(),
    "append": lambda fallback: append(fallback, event_row(payload={"business_id": "b", "name": "hunter2"})),
    "first": lambda fallback: fallback.first(1),
    "remove": lambda fallback: fallback.remove(["1-0"]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_redis_that_is_away_is_named_without_any_data(call):
    url = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    with pytest.raises(FallbackUnavailable) as raised:
        call(RedisFallback(url))
    assert str(raised.value) == "the fallback queue cannot be used: Redis cannot be reached"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_redis_that_refuses_is_named_without_any_data(fallback, raw, call):
    raw.set(fallback._stream, "hunter2")
    with pytest.raises(FallbackUnavailable) as raised:
        call(fallback)
    assert str(raised.value) == "the fallback queue cannot be used: Redis refuses (ResponseError)"
    assert "hunter2" not in repr(raised.value)
    raw.delete(fallback._stream)


def test_a_redis_that_is_full_refuses(fallback, raw):
    raw.config_set("maxmemory", 1)
    try:
        with pytest.raises(FallbackUnavailable, match="Redis refuses"):
            append(fallback, event_row())
    finally:
        raw.config_set("maxmemory", 0)
    assert append(fallback, event_row())


def test_a_wrong_password_is_named_without_it(redis_server):
    url = redis_server.url.replace("://", "://bee:hunter2@")
    with pytest.raises(FallbackUnavailable) as raised:
        RedisFallback(url).depth()
    assert str(raised.value) == "the fallback queue cannot be used: Redis refuses the user or its password"


def test_a_redis_that_does_not_answer_is_waited_for_a_second(caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent, caplog.at_level(logging.WARNING):
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with pytest.raises(FallbackUnavailable, match="Redis did not answer in time"):
            RedisFallback(url).depth()
