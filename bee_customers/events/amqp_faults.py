"""What errors of the broker and of the way to it mean for us."""

import socket
import ssl
from typing import Any

import amqp.exceptions
from kombu.exceptions import KombuError

from bee_customers.errors import BrokerUnavailable

# Whatever else is raised is a fault of ours, and passes.
FAULTS = (OSError, amqp.exceptions.AMQPError, KombuError)
BLOCKED, MISMATCH, REFUSED, TIMEOUT, UNREACHABLE, LOST, MESSAGE = (
    "blocked",
    "mismatch",
    "refused",
    "timeout",
    "unreachable",
    "lost",
    "message",
)
SLOW = (BLOCKED, TIMEOUT)


class ChannelClosed(BrokerUnavailable):
    """The broker answered a message by closing the channel, and all that was under way on it is in doubt."""

    @property
    def is_of_rights(self) -> bool:
        """Of the user's, which are those to an exchange and a routing key; else of the message itself."""
        return self.kind == REFUSED


_MEANINGS: tuple[tuple[Any, str, str], ...] = (
    (
        amqp.exceptions.PreconditionFailed,
        MISMATCH,
        "the exchange {exchange} is there with another type or other options (406): {said}",
    ),
    (
        amqp.exceptions.NotFound,
        MISMATCH,
        "the exchange {exchange} is not there, and the user may not make it (404): {said}",
    ),
    (
        (amqp.exceptions.AccessRefused, amqp.exceptions.NotAllowed),
        REFUSED,
        "the broker refuses the user, its password, virtual host or rights: {said}",
    ),
    (FileNotFoundError, UNREACHABLE, "a file that RABBITMQ_URL names is not there"),
    (ssl.SSLError, UNREACHABLE, "no secure connection to the broker: {said}"),
    ((ConnectionRefusedError, socket.gaierror), UNREACHABLE, "the broker cannot be reached: {error.strerror}"),
    (Exception, LOST, "the connection to the broker broke: {said}"),
)


def named(error: Exception, exchange: str, *, is_blocked: bool = False) -> BrokerUnavailable:
    """Our own error, which never names the password."""
    if is_blocked:
        return BrokerUnavailable(BLOCKED, "the broker takes no messages: memory or disk run short there")
    if isinstance(error, TimeoutError | amqp.exceptions.RecoverableConnectionError) and "time" in str(error):
        return BrokerUnavailable(TIMEOUT, "the broker did not answer in time")
    kind, reason = next((kind, reason) for types, kind, reason in _MEANINGS if isinstance(error, types))
    return BrokerUnavailable(kind, reason.format(exchange=exchange, said=_said(error), error=error))


def of_publishing(error: Exception, exchange: str, *, is_blocked: bool = False) -> BrokerUnavailable:
    """The same of an error that came when messages were sent, to an exchange that was well before."""
    fault = named(error, exchange, is_blocked=is_blocked)
    if isinstance(error, amqp.exceptions.AccessRefused):
        return ChannelClosed(REFUSED, str(fault))
    if isinstance(error, amqp.exceptions.ChannelError) and not isinstance(error, amqp.exceptions.NotFound):
        return ChannelClosed(MESSAGE, f"the broker does not take such a message: {_said(error)}")
    return fault


def _said(error: BaseException) -> str:
    return (getattr(error, "reply_text", None) or str(error) or type(error).__name__)[:200]
