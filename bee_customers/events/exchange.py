"""The exchange that all events go to, declared by whoever connects first."""

import amqp.exceptions
import kombu

TYPE = "topic"


def declare(connection: kombu.Connection, name: str) -> None:
    """Make sure of the durable topic exchange.

    A user that may not create exchanges is enough where somebody else has made it. Raises PreconditionFailed for
    one of another kind, AccessRefused and NotFound where there is none to be had.
    """
    try:
        _declare(connection, name, is_passive=False)
    except amqp.exceptions.AccessRefused:
        _declare(connection, name, is_passive=True)


def _declare(connection: kombu.Connection, name: str, *, is_passive: bool) -> None:
    # on a channel of its own: a refusal closes it
    with connection.channel() as channel:
        kombu.Exchange(name, TYPE, durable=True, passive=is_passive).declare(channel=channel)
