"""Logging of the web process: our own at LOG_LEVEL, everybody else's warnings, on stderr."""

import logging


def configure(level: str) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("bee_customers").setLevel(level.upper())
    # it warns whenever a request waits for a thread, which is what its queue is for
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
