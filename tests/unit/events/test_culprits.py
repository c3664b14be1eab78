"""How messages are narrowed down, with a broker that answers as it is told."""

from bee_customers.errors import BrokerUnavailable
from bee_customers.events.amqp_faults import MESSAGE, REFUSED, ChannelClosed
from bee_customers.events.culprits import Culprits
from bee_customers.events.publisher import Outcome
from tests.outgoing import messages

CLOSED = {kind: ChannelClosed(kind, "closed") for kind in (MESSAGE, REFUSED)}


def ids(sent):
    return frozenset(message.event_id for message in sent)


def test_one_of_many_is_found_in_few_steps():
    window = messages(500)
    sizes = []

    def send(part):
        sizes.append(len(part))
        is_hit = window[321] in part
        return Outcome(frozenset(), {}, CLOSED[MESSAGE]) if is_hit else Outcome(ids(part), {})

    outcome = Culprits().publish(window, send)
    assert outcome == Outcome(ids(window) - {window[321].event_id}, {window[321].event_id: "closed"})
    assert len(sizes) <= 20


def test_what_was_told_before_the_channel_was_closed_is_not_sent_again():
    window = messages(3)
    for closed in CLOSED.values():
        told = [Outcome(ids(window), {}, closed)]
        assert Culprits().publish(window, lambda _, told=told: told.pop()) == Outcome(ids(window), {})


def test_another_fault_ends_the_search_and_what_is_known_by_then_counts():
    window, lost = messages(4), BrokerUnavailable("lost", "gone")
    answers = [Outcome(ids(window[:1]), {}, CLOSED[MESSAGE]), Outcome(frozenset(), {}, lost)]
    outcome = Culprits().publish(window, lambda _: answers.pop(0))
    assert outcome == Outcome(ids(window[:1]), {}, lost)
