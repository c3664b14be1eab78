"""RabbitMQ by kombu, with confirms pipelined over a window of messages.

kombu's own way waits for any confirm after each message, and after a timeout takes the next one for its own. Here
a window is sent at once, and a connection on which anything went wrong is thrown away.
"""

import contextlib
import time
from collections.abc import Sequence
from typing import Any

from bee_customers.errors import BrokerUnavailable
from bee_customers.events import amqp_faults, amqp_url
from bee_customers.events.confirms import Confirms
from bee_customers.events.culprits import Culprits
from bee_customers.events.envelope import CONTENT_TYPE, Message
from bee_customers.events.exchange import declare
from bee_customers.events.publisher import Outcome

DEADLINE_SECONDS = 4.0
CONNECT_SECONDS = 3.0
_CLOSE_SECONDS = 0.2


class KombuPublisher:
    """Publishes to one durable topic exchange, which it declares with each new connection."""

    def __init__(
        self,
        urls: Sequence[str],
        exchange: str,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._urls = list(urls)
        self._exchange = exchange
        self._deadline_seconds = deadline_seconds
        self._connect_seconds = connect_seconds
        # of py-amqp, and its transport: asked for one that broke, kombu and py-amqp would connect again
        self._connection: Any = None
        self._transport: Any = None
        self._channel: Any = None
        self._confirms: Confirms | None = None
        self._is_blocked = False
        self._culprits = Culprits()

    def publish(self, messages: Sequence[Message]) -> Outcome:
        """One deadline for sending and confirming all of them, after that for connecting.

        A message for which the broker closes the channel is refused; those beside it are sent again.
        """
        confirms = self._connected()
        if isinstance(confirms, BrokerUnavailable):
            return Outcome(frozenset(), {}, confirms)
        deadline = time.monotonic() + self._deadline_seconds
        return self._culprits.publish(messages, lambda part: self._publish(part, deadline))

    def _publish(self, messages: Sequence[Message], deadline: float) -> Outcome:
        confirms = self._connected()
        if isinstance(confirms, BrokerUnavailable):
            return Outcome(frozenset(), {}, confirms)
        confirms.begin()
        try:
            self._exchange_messages(messages, confirms, deadline)
        except amqp_faults.FAULTS as error:
            fault = amqp_faults.of_publishing(error, self._exchange, is_blocked=self._is_blocked)
            self.close()
            if isinstance(fault, amqp_faults.ChannelClosed):
                self._come_back()
            return confirms.outcome(fault)
        return confirms.outcome()

    def close(self) -> None:
        """At once, without the broker's part in it: it may not answer any more."""
        connection, transport = self._connection, self._transport
        self._connection = self._transport = self._channel = self._confirms = None
        self._is_blocked = False
        if connection is not None:
            with contextlib.suppress(*amqp_faults.FAULTS, AttributeError):  # it need not be whole
                transport.sock.settimeout(_CLOSE_SECONDS)
            with contextlib.suppress(*amqp_faults.FAULTS, AttributeError):
                connection.collect()

    def _exchange_messages(self, messages: Sequence[Message], confirms: Confirms, deadline: float) -> None:
        for message in messages:
            # of the socket itself: timeouts of single calls would begin anew with each
            self._transport.sock.settimeout(_left(deadline))
            confirms.sending(message.event_id)
            self._send(message)
        while confirms.pending:
            self._connection.drain_events(timeout=_left(deadline))

    def _send(self, message: Message) -> None:
        prepared = self._channel.prepare_message(
            message.body,
            content_type=CONTENT_TYPE,
            content_encoding="utf-8",
            headers=message.headers,
            properties=message.properties,
        )
        self._channel.basic_publish(
            prepared, exchange=self._exchange, routing_key=message.routing_key, mandatory=True
        )

    def _connected(self) -> Confirms | BrokerUnavailable:
        if self._confirms is None:
            try:
                self._confirms = self._connect()
            except amqp_faults.FAULTS as error:
                self.close()
                return amqp_faults.named(error, self._exchange)
        return self._confirms

    def _connect(self) -> Confirms:
        # the next try goes to the next host
        self._urls.append(self._urls.pop(0))
        connection = amqp_url.connect(
            self._urls[-1],
            self._connect_seconds,
            on_blocked=self._note_blocked,
            on_unblocked=self._note_unblocked,
        )
        self._connection = connection.connection
        self._transport = self._connection.transport
        # a broker that stops answering here would be waited for without end
        self._transport.sock.settimeout(self._connect_seconds)
        declare(connection, self._exchange)
        self._channel = connection.channel()
        return Confirms(self._channel)

    def _come_back(self) -> None:
        """The next try goes to the same host: it was there, and the others need not be."""
        self._urls.insert(0, self._urls.pop())

    def _note_blocked(self, _: str) -> None:
        """What the broker says of itself when memory or disk run short; it stops reading what we send."""
        self._is_blocked = True

    def _note_unblocked(self) -> None:
        self._is_blocked = False


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the broker did not confirm in time")
    return left
