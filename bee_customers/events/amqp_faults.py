"""What errors of the broker and of the way to it mean for us."""

import socket

import amqp.exceptions
from kombu.exceptions import KombuError

from bee_customers.errors import BrokerUnavailable

# Whatever else is raised is a fault of ours, and passes.
FAULTS = (OSError, amqp.exceptions.AMQPError, KombuError)
BLOCKED, MISMATCH, REFUSED, TIMEOUT, UNREACHABLE, LOST = (
    "blocked",
    "mismatch",
    "refused",
    "timeout",
    "unreachable",
    "lost",
)
SLOW = (BLOCKED, TIMEOUT)


def named(error: BaseException, exchange: str, *, is_blocked: bool = False) -> BrokerUnavailable:
    """Our own error, which never names the password."""
    if is_blocked:
        return BrokerUnavailable(BLOCKED, "the broker takes no messages: memory or disk run short there")
    if isinstance(error, amqp.exceptions.PreconditionFailed):
        return BrokerUnavailable(
            MISMATCH, f"the exchange {exchange} is there with another type or other options (406): {_said(error)}"
        )
    if isinstance(error, amqp.exceptions.AccessRefused | amqp.exceptions.NotAllowed):
        return BrokerUnavailable(
            REFUSED, f"the broker refuses the user, its password, virtual host or rights: {_said(error)}"
        )
    if isinstance(error, TimeoutError | amqp.exceptions.RecoverableConnectionError) and "time" in str(error):
        return BrokerUnavailable(TIMEOUT, "the broker did not answer in time")
    if isinstance(error, ConnectionRefusedError | socket.gaierror):
        return BrokerUnavailable(UNREACHABLE, f"the broker cannot be reached: {error.strerror}")
    return BrokerUnavailable(LOST, f"the connection to the broker broke: {_said(error)}")


def _said(error: BaseException) -> str:
    return str(getattr(error, "reply_text", None) or error or type(error).__name__)[:200]
