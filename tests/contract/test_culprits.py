"""A message for which a real RabbitMQ closes the channel: it is found among those that it takes."""

from collections.abc import Callable, Iterator

import pytest

from bee_customers.events import culprits
from tests.broker import Broker
from tests.contract.conftest import PASSWORD, Make
from tests.outgoing import message, messages
from tests.servers import free_port

LARGE = {"business_id": "b", "changes": {"full_name": "x" * 70_000}}
CREATED, DELETED = "customers.created", "customers.deleted"


@pytest.fixture
def small_messages(broker: Broker) -> Iterator[None]:
    """The broker takes messages of up to 64 KiB."""
    for size in (65_536, 134_217_728):
        assert broker.server.ctl("eval", f"application:set_env(rabbit, max_message_size, {size}).").strip() == "ok"
        if size == 65_536:
            yield


@pytest.fixture
def permit(broker: Broker, user: str) -> Callable[[str], None]:
    """Lets the user with few rights write to these routing keys of the exchange."""
    broker.queue()

    def to(pattern: str) -> None:
        broker.server.ctl("set_topic_permissions", user, broker.exchange, pattern, ".*")

    return to


def test_messages_that_are_too_large_are_found(broker: Broker, make: Make, small_messages: None) -> None:
    broker.queue()
    large = [message(payload=LARGE), message(payload=LARGE)]
    window = [*messages(30), large[0], *messages(30), large[1], *messages(3)]
    # the host that answers is the last one, and is asked again all the same
    publisher = make(f"amqp://guest:{PASSWORD}@127.0.0.1:{free_port()}//", broker.url)
    publisher.publish([])
    for sent in (window, large):
        outcome = publisher.publish(sent)
        assert outcome.refused.keys() == {each.event_id for each in large}
        assert outcome.confirmed == {each.event_id for each in sent} - outcome.refused.keys()
        assert outcome.fault is None
    assert all("larger than configured max size 65536" in reason for reason in outcome.refused.values())


def test_messages_that_rights_are_missing_for_are_found_where_others_get_through(
    make: Make, limited: str, permit: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    permit(f"^{CREATED}$")
    publisher = make(limited)
    barred = [message(routing_key=DELETED), message(routing_key=DELETED)]
    taken = [message(routing_key=CREATED) for _ in range(3)]

    alone = publisher.publish(barred)
    assert (alone.refused, alone.fault.kind if alone.fault else None) == ({}, "refused")
    beside = publisher.publish([barred[0], *taken, barred[1]])
    assert (beside.confirmed, beside.fault) == ({each.event_id for each in taken}, None)
    assert beside.refused.keys() == {each.event_id for each in barred}
    assert all(f"topic '{DELETED}'" in reason for reason in beside.refused.values())
    soon_after = publisher.publish(barred)
    assert (soon_after.refused.keys(), soon_after.fault) == (beside.refused.keys(), None)

    monkeypatch.setattr(culprits, "_EVIDENCE_SECONDS", 0)
    assert publisher.publish(barred).fault is not None


def test_rights_that_are_lost_as_a_whole_are_a_fault(
    make: Make, limited: str, permit: Callable[[str], None]
) -> None:
    publisher = make(limited)
    window = [message(routing_key=CREATED), message(routing_key=DELETED)]
    assert publisher.publish(window).fault is None
    permit("^$")
    publisher.close()  # RabbitMQ remembers for each channel what it may do
    outcome = publisher.publish(window)
    assert (outcome.confirmed, outcome.refused) == (frozenset(), {})
    assert outcome.fault is not None
    assert outcome.fault.kind == "refused"
    assert "rights" in str(outcome.fault)
