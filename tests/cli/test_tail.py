"""bee-customers events tail, on a real RabbitMQ."""

import json
import signal

import pytest

from bee_customers.cli.events import _line
from bee_customers.events.kombu_publisher import KombuPublisher
from tests.cli.processes import running
from tests.outgoing import OCCURRED_AT, event_row, message
from tests.servers import free_port

TAIL = ("bee-customers", "events", "tail")


@pytest.fixture
def settings(broker):
    return {
        "DATABASE_URL": "postgresql://db/none",  # not asked
        "RABBITMQ_URL": broker.url,
        "RABBITMQ_EXCHANGE": broker.exchange,
    }


@pytest.fixture
def publish(broker):
    publisher = KombuPublisher([broker.url], broker.exchange)
    yield lambda *messages: publisher.publish(messages)
    publisher.close()


def shown(program):
    """All lines after the first, which says where it listens."""
    first, *lines = program.output.splitlines()
    assert first.startswith("listening to bee.test.")
    return lines


def test_a_line_tells_what_happened_to_whom_and_no_more(directory, settings, publish):
    one = event_row()
    with running(directory, *TAIL, "--count", "1", **settings) as tail:
        tail.wait_for("listening")
        publish(message(**{name: getattr(one, name) for name in one.__slots__}))
        assert tail.process.wait(20) == 0
    (line,) = shown(tail)
    assert line.split() == [
        OCCURRED_AT.isoformat().replace("+00:00", "Z"),
        "CustomerUpdatedEvent",
        "customer",
        str(one.customer_id),
        "version",
        str(one.customer_version),
        str(one.id),
    ]


def test_the_routing_key_chooses_and_json_shows_all(directory, settings, publish):
    deleted = [message(routing_key="customers.deleted") for _ in range(2)]
    words = ("--routing-key", "customers.deleted", "--count", "2", "--json")
    with running(directory, *TAIL, *words, **settings) as tail:
        tail.wait_for("listening")
        publish(deleted[0], message(routing_key="customers.created"), deleted[1])
        assert tail.process.wait(20) == 0
    assert [json.loads(line) for line in shown(tail)] == [json.loads(each.body) for each in deleted]


def test_its_queue_ends_with_it(directory, settings, broker):
    with running(directory, *TAIL, **settings) as tail:
        tail.wait_for("listening")
        assert tail.interrupt() == 0
    assert "Traceback" not in tail.output
    assert broker.exchange not in broker.server.ctl("list_bindings", "source_name", "destination_name")


def test_it_goes_to_the_next_broker_where_the_first_is_dead(directory, settings, publish):
    urls = f"amqp://guest:guest@127.0.0.1:{free_port()}// {settings['RABBITMQ_URL']}"
    with running(directory, *TAIL, "--count", "1", **settings | {"RABBITMQ_URL": urls}) as tail:
        tail.wait_for("listening")
        publish(message())
        assert tail.process.wait(20) == 0


def test_a_supervisor_may_end_it(directory, settings):
    with running(directory, *TAIL, **settings) as tail:
        tail.wait_for("listening")
        tail.end(signal.SIGTERM)
    assert "Traceback" not in tail.output


@pytest.mark.parametrize("body", ["no JSON", "[]", "7", "{}", '{"event": 1, "customer_id": 2}', ""])
def test_what_is_none_of_our_events_is_told_as_such_without_its_words(body):
    assert _line(body) == f"a message of {len(body)} characters that is none of our events"


@pytest.mark.parametrize(
    ("key", "said"), [("k" * 256, "256 bytes"), ("ș" * 128, "256 bytes"), ("\udcff", "UTF-8")], ids=len
)
def test_a_routing_key_that_amqp_cannot_carry_is_wrong_usage(call, settings, key, said):
    result = call("events", "tail", "--routing-key", key, **settings)
    assert (result.exit_code, said in result.stderr, "--routing-key" in result.stderr) == (2, True, True)


def test_tail_without_a_broker_is_wrong_usage(call):
    result = call("events", "tail", "--routing-key", "k" * 255, DATABASE_URL="postgresql://db/none")
    assert (result.exit_code, "memory://" in result.output) == (2, True)


def test_a_broker_that_is_away_is_one_line(call, settings):
    result = call(
        "events", "tail", **settings | {"RABBITMQ_URL": f"amqp://guest:hunter2@127.0.0.1:{free_port()}//"}
    )
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the broker cannot be reached")
    assert (len(result.stderr.splitlines()), "hunter2" in result.stderr) == (1, False)
