"""From the commit of a change to a consumer's hands, against the way from a bare publisher to it."""

import contextlib
import datetime
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import orjson

from bee_customers.db.engine import Database
from bee_customers.events.outbox import CREATED, ROUTING_KEYS, Outbox
from bench import relays
from bench.broker import EXCHANGE, Broker
from bench.consumer import Consumer, consuming
from bench.floor.publisher import Publisher, connected
from bench.outcome import Duration
from bench.processes import WEB_CORE

_PER_SECOND = 50
_BUSINESS = uuid.UUID(int=1)
_CHANGES = {"full_name": "Ștefania Bălan", "email": "stefania@posta.example", "phone": "+40722123456"}
# Makes the news of a customer; gives the moment from which on it is under way.
Send = Callable[[uuid.UUID], float]


def of_events(database: str, broker: Broker, directory: Path, rounds: int, seconds: int) -> Duration:
    """By turns: a change committed with its event, and a message published."""
    committed, published = list[float](), list[float]()
    with contextlib.ExitStack() as stack:
        consumer = stack.enter_context(consuming(broker))
        stack.enter_context(relays.at_work(database, broker, directory, core=WEB_CORE))
        commit = _committing(Database(database))
        publish = _publishing(stack.enter_context(connected(broker.url, EXCHANGE)))
        for send in (commit, publish):
            _times(send, consumer, 1)  # warm
        for _ in range(rounds):
            committed += _times(commit, consumer, seconds)
            published += _times(publish, consumer, seconds)
    return Duration("commit to consumer / publish to consumer", committed, published, None)


def _times(send: Send, consumer: Consumer, seconds: int) -> list[float]:
    """At an even pace for some seconds."""
    sent: dict[str, float] = {}
    begin = time.perf_counter()
    for number in range(seconds * _PER_SECOND):
        time.sleep(max(0.0, begin + number / _PER_SECOND - time.perf_counter()))
        customer_id = uuid.uuid4()
        sent[str(customer_id)] = send(customer_id)
    return consumer.times_since(sent)


def _committing(database: Database) -> Send:
    """By the service's own outbox. COMMIT itself is a part of the way: its time counts."""

    def commit(customer_id: uuid.UUID) -> float:
        transaction = database.transaction()
        Outbox(transaction, actor="benchmark", trace_id=customer_id.hex).add(
            CREATED,
            customer_id=customer_id,
            business_id=_BUSINESS,
            customer_version=1,
            occurred_at=datetime.datetime.now(datetime.UTC),
            details={"changes": _CHANGES},
        )
        moment = time.perf_counter()
        transaction.commit()
        return moment

    return commit


def _publishing(publisher: Publisher) -> Send:
    """One message alone, kept by the broker as an event is; its confirm is waited for, but does not count."""

    def publish(customer_id: uuid.UUID) -> float:
        body = orjson.dumps({"customer_id": customer_id, "changes": _CHANGES})
        moment = time.perf_counter()
        publisher.publish([(ROUTING_KEYS[CREATED], body, {}, {"delivery_mode": 2})])
        return moment

    return publish
