"""RabbitMQ by kombu, with confirms pipelined over a window of messages.

kombu's own way waits for any confirm after each message, and after a timeout takes the next one for its own. Here
a window is sent at once, and a connection on which anything went wrong is thrown away.
"""

import contextlib
import time
from collections.abc import Sequence
from typing import Any

import kombu

from bee_customers.events import amqp_faults
from bee_customers.events.amqp_url import connection_parameters
from bee_customers.events.confirms import Confirms
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
        # of py-amqp: kombu's own connects anew when it is touched while broken
        self._connection: Any = None
        self._channel: Any = None
        self._confirms: Confirms | None = None
        self._is_blocked = False

    def publish(self, messages: Sequence[Message]) -> Outcome:
        """One deadline for sending and confirming all of them, after that for connecting."""
        try:
            confirms = self._connected()
        except amqp_faults.FAULTS as error:
            self.close()
            return Outcome(frozenset(), {}, amqp_faults.named(error, self._exchange))
        confirms.begin()
        try:
            self._exchange_messages(messages, confirms, time.monotonic() + self._deadline_seconds)
        except amqp_faults.FAULTS as error:
            fault = amqp_faults.named(error, self._exchange, is_blocked=self._is_blocked)
            self.close()
            return confirms.outcome(fault)
        return confirms.outcome()

    def close(self) -> None:
        """At once, without the broker's part in it: it may not answer any more."""
        connection, self._connection, self._confirms = self._connection, None, None
        self._channel, self._is_blocked = None, False
        if connection is not None:
            with contextlib.suppress(*amqp_faults.FAULTS, AttributeError):  # it need not be whole
                if connection.connected:
                    connection.transport.sock.settimeout(_CLOSE_SECONDS)
            connection.collect()

    def _exchange_messages(self, messages: Sequence[Message], confirms: Confirms, deadline: float) -> None:
        for message in messages:
            # of the socket itself: timeouts of single calls would begin anew with each
            self._connection.transport.sock.settimeout(_left(deadline))
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

    def _connected(self) -> Confirms:
        if self._confirms is None:
            # the next try goes to the next host
            self._urls.append(self._urls.pop(0))
            connection = kombu.Connection(**connection_parameters(self._urls[-1], self._connect_seconds))
            connection.transport_options["on_blocked"] = self._note_blocked
            # left to itself, kombu would sleep for two seconds and try once more
            connection.ensure_connection(max_retries=0, reraise_as_library_errors=False)
            self._connection = connection.connection
            # or a broker that falls silent after its greeting would be waited for without an end
            self._connection.transport.sock.settimeout(self._connect_seconds)
            declare(connection, self._exchange)
            self._channel = self._connection.channel()
            self._confirms = Confirms(self._channel)
        return self._confirms

    def _note_blocked(self, _: str) -> None:
        """What the broker says of itself when memory or disk run short; it stops reading what we send."""
        self._is_blocked = True


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the broker did not confirm in time")
    return left
